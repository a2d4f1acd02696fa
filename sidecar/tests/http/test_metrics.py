"""What Prometheus is told: by kind of request, whatever comes of it, and whether or not the store is there."""

from collections.abc import Sequence

import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from prompt_cache.config import Config
from prompt_cache.config.schema import TokenSettings
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.front.app import create_asgi
from prompt_cache.http.front.asgi import Application
from prompt_cache.savings.budgets import Budget, Charge
from prompt_cache.savings.series import Dimensions
from prompt_cache.stores import StoreUnavailable
from prompt_cache.stores.memory import MemoryStore

from ..support import ANSWER, Asker
from .asgi import asked

JSON = {"Content-Type": "application/json"}
REQUESTS = "prompt_cache_requests_total"


class Away(MemoryStore):
    """There until it is told to go."""

    away = False

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        if self.away:
            raise StoreUnavailable("away")
        return super().get(keys)

    def increment(self, counters: object) -> None:
        if self.away:
            raise StoreUnavailable("away")
        super().increment(counters)  # type: ignore[arg-type]

    def counters(self, since: str, until: str):  # type: ignore[no-untyped-def]
        if self.away:
            raise StoreUnavailable("away")
        return super().counters(since, until)


def app(store: MemoryStore | None = None, config: Config | None = None) -> Application:
    return create_asgi(PromptCache(store or MemoryStore()), config or Config(request_log=False))


def read(served: Application, token: str | None = None) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels, in the order of the labels' names."""
    answer = asked(served, "GET", "/metrics", headers={"Authorization": f"Bearer {token}"} if token else {})
    assert answer.status == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


def post(served: Application, path: str, body: object) -> int:
    return asked(served, "POST", path, msgspec.json.encode(body), JSON).status


def test_requests__are_counted_by_kind_and_status() -> None:
    served = app()
    assert post(served, "/v1/lookup", {"prompt": "x"}) == 200
    assert post(served, "/v1/lookup", {"prompt": 3}) == 400
    assert post(served, "/v1/lookup/batch", {"items": [{"prompt": "x"}]}) == 200
    assert post(served, "/v1/store", {"prompt": "x", "response": ANSWER}) == 201
    assert asked(served, "GET", "/v1/stats").status == 200
    assert asked(served, "GET", "/nowhere").status == 404
    assert post(served, "/v1/caches/default/entries/search", {"prompt": "x"}) == 200
    found = read(served)
    assert {tuple(labels): value for (name, *labels), value in found.items() if name == REQUESTS and value} == {
        ("lookup", "2xx"): 2,
        ("lookup", "4xx"): 1,
        ("store", "2xx"): 1,
        ("langcache", "2xx"): 1,
        ("other", "2xx"): 1,
        ("other", "4xx"): 1,
    }
    assert found["prompt_cache_request_duration_seconds_count", "lookup"] == 3
    assert found["prompt_cache_request_duration_seconds_bucket", "lookup", "+Inf"] == 3
    assert 0 < found["prompt_cache_request_duration_seconds_sum", "lookup"] < 60
    assert found["prompt_cache_request_duration_seconds_count", "proxy_hit"] == 0


def test_requests__of_who_left_are_counted_apart() -> None:
    served = app()
    asked(served, "POST", "/v1/lookup", [b"{", None], JSON)
    assert read(served)[REQUESTS, "other", "left"] == 1


def test_buckets__are_cumulative() -> None:
    served = app()
    for _ in range(3):
        post(served, "/v1/lookup", {"prompt": "x"})
    values = [
        value
        for (name, *labels), value in read(served).items()
        if name == "prompt_cache_request_duration_seconds_bucket" and "lookup" in labels
    ]
    assert values == sorted(values)
    assert values[-1] == 3


def test_store__that_is_away_is_told_and_nothing_falls() -> None:
    store = Away()
    served = app(store)
    post(served, "/v1/lookup", {"prompt": "x"})
    before = read(served)
    assert before["prompt_cache_store_up",] == 1
    assert before["prompt_cache_lookups_total", "default", "miss"] == 1
    store.away = True
    assert post(served, "/v1/lookup", {"prompt": "x"}) == 503
    during = read(served)
    assert during["prompt_cache_store_up",] == 0
    assert during[REQUESTS, "lookup", "5xx"] == 1
    assert {name for name, *_ in during}.isdisjoint({"prompt_cache_lookups_total", "prompt_cache_entries"})
    assert all(during[each] >= value for each, value in before.items() if each in during and "up" not in each[0])
    store.away = False
    assert read(served)["prompt_cache_lookups_total", "default", "miss"] == 1


def test_build__is_told_with_the_workers() -> None:
    found = read(app())
    assert [name for name in found if name[0] == "prompt_cache_build_info"]
    assert found["prompt_cache_workers",] == 1


def test_reader__sees_its_namespaces_and_how_the_service_does() -> None:
    asker = Asker(MemoryStore)
    asker.fill(namespace="ours")
    asker.fill(namespace="theirs")
    tokens = [TokenSettings(name="ours", role="reader", token="ours-token", namespaces=["ours"])]
    found = read(create_asgi(asker.cache, Config(request_log=False, tokens=tokens)), "ours-token")
    assert not [labels for labels in found if "theirs" in labels]
    assert found["prompt_cache_lookups_total", "ours", "miss"] == 1
    assert ("prompt_cache_request_duration_seconds_count", "lookup") in found


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=1.0.0", ""])
def test_format__is_what_is_accepted(accept: str) -> None:
    served = app()
    post(served, "/v1/lookup", {"prompt": "x"})
    answer = asked(served, "GET", "/metrics", headers={"Accept": accept} if accept else {})
    kind = "application/openmetrics-text" if accept else "text/plain"
    assert answer.headers["content-type"].startswith(f"{kind}; version=")
    parse = openmetrics if accept else text_string_to_metric_families
    assert "prompt_cache_lookups" in {family.name for family in parse(answer.body.decode())}


def test_ledger__is_told_by_match_reason_and_what_was_paid_for() -> None:
    served = app()
    question = {"prompt": "What?", "model": "gpt-4o-mini"}
    post(served, "/v1/lookup", question)
    post(served, "/v1/store", {**question, "response": "", "cost_usd": 0.25})
    post(served, "/v1/store", {**question, "response": ANSWER, "cost_usd": 0.5, "latency": 2})
    post(served, "/v1/lookup", question)
    found = read(served)
    expected = {
        ("prompt_cache_hits_total", "exact", "default"): 1,
        ("prompt_cache_hits_total", "semantic", "default"): 0,
        ("prompt_cache_misses_total", "default", "not_found"): 1,
        ("prompt_cache_answers_total", "stored", "default"): 1,
        ("prompt_cache_refused_answers_total", "default", "empty_response"): 1,
        ("prompt_cache_saved_usd_total", "default"): 0.5,
        ("prompt_cache_spent_usd_total", "answers", "default"): 0.75,
        ("prompt_cache_spent_usd_total", "verifier", "default"): 0,
        ("prompt_cache_calls_total", "default"): 2,
        ("prompt_cache_unpriced_calls_total", "default"): 0,
        ("prompt_cache_spent_seconds_total", "default"): 2,
    }
    assert {name: found.get(name) for name in expected} == expected


def test_reasons__are_those_that_there_are_and_no_others() -> None:
    cache = PromptCache(MemoryStore())
    dimensions = Dimensions("default", "", "", "")
    cache.statistics.count(
        dimensions, **{"miss:made_up": 1, "miss:expired": 2, "guard:numbers": 3, "refused:made_up": 1}
    )
    found = read(create_asgi(cache, Config(request_log=False)))
    reasons = {labels[1]: value for (name, *labels), value in found.items() if name == "prompt_cache_misses_total"}
    assert reasons == {"expired": 2, "guard:numbers": 3}
    assert not [name for name, *_ in found if name == "prompt_cache_refused_answers_total"]


def test_budgets__are_told_to_who_may_touch_their_namespaces() -> None:
    cache = PromptCache(
        MemoryStore(),
        budgets=[
            Budget(name="ours", namespace="ours", usd=20.0, per="day"),
            Budget(name="all", usd=100.0, per="month"),
        ],
    )
    cache.budgets.spend(Charge("ours", "gpt-4o", "", ""), 5.0)
    tokens = [
        TokenSettings(name="ours", role="reader", token="ours-token", namespaces=["ours"]),
        TokenSettings(name="all", role="reader", token="all-token"),
    ]
    served = create_asgi(cache, Config(request_log=False, tokens=tokens))
    found = read(served, "all-token")
    assert found["prompt_cache_budget_limit_usd", "ours", "day"] == 20
    assert found["prompt_cache_budget_spent_usd", "ours", "day"] == 5
    assert found["prompt_cache_budget_spent_usd", "all", "month"] == 5
    assert {labels[0] for name, *labels in read(served, "ours-token") if "budget" in name} == {"ours"}


def test_counters__never_fall() -> None:
    """Whatever is flushed, forgotten, or restarted on the same store."""
    store = MemoryStore()

    def counters(served: Application) -> dict[tuple[str, ...], float]:
        ledger = ("prompt_cache_budget", "prompt_cache_request", "prompt_cache_store")
        return {
            labels: value
            for labels, value in read(served).items()
            if labels[0].endswith("_total") and not labels[0].startswith(ledger)
        }

    seen: dict[tuple[str, ...], float] = {}
    for _ in range(2):
        served = app(store)  # as after a restart
        for at in range(3):
            post(served, "/v1/store", {"prompt": f"{at}", "response": ANSWER, "namespace": f"n{at}", "cost_usd": 1})
            post(served, "/v1/lookup", {"prompt": f"{at}", "namespace": f"n{at}"})
        for body in ({"namespace": "n0"}, {"all": True}):
            assert post(served, "/v1/flush", body) == 200
            now = counters(served)
            assert {labels for labels in seen if now.get(labels, 0) < seen[labels]} == set()
            seen = now
    assert seen["prompt_cache_saved_usd_total", "n0"] == 2
