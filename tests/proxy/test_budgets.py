"""Budgets that hold: on each engine, across workers and sidecars, whoever calls at the same time."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from sidecar.tests.receiver import Receiver
from stack import Sidecar
from stack.postgres import Postgres
from stack.redis import Redis

from .calls import CHAT, KINDS, Caller, fate, question
from .conftest import settings
from .test_tokens import code_of
from .upstream import Upstream

Json = dict[str, Any]
CODE = "prompt_cache_budget_exhausted"
BUDGETS = """[
    {name: held, namespace: "held-*", usd: 20, per: month, then: cache_only},
    {name: small, namespace: "small-*", usd: 1, per: month, then: cache_only},
    {name: flow, namespace: flows, workflow: "Mail*", usd: 1, per: month, then: cache_only},
    {name: gpt, namespace: models, model: "GPT-*", usd: 1, per: month, then: cache_only},
    {name: watched, namespace: watched, usd: 1, per: month, then: warn},
    {name: nothing, namespace: nothing, usd: 0, per: day, then: cache_only},
    {name: hooked, namespace: hooked, usd: 2, warn_at: 0.5, per: month, webhook: {url: "%s", secret: whsec-1}},
]"""
DOLLAR = 5
"""Tokens that each answer has, and that cost one."""


def environment(upstream: Upstream, hook: str = "http://127.0.0.1:9/") -> dict[str, str]:
    return {
        **settings(upstream),
        "PROMPT_CACHE_PRICES": "{no-price: {input_per_million: 0, output_per_million: 0}, "
        "'*': {input_per_million: 0, output_per_million: 200000}}",
        "PROMPT_CACHE_BUDGETS": BUDGETS % hook,
    }


@pytest.fixture(scope="module")
def hanging() -> Iterator[Receiver]:
    """One that takes what it is sent, and never answers."""
    receiver = Receiver()
    receiver.statuses = [0] * 1000
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, _upstream: Upstream, hanging: Receiver) -> Iterator[Sidecar]:
    with Sidecar(tmp_path_factory.mktemp("budgets"), env=environment(_upstream, hanging.url)) as sidecar:
        yield sidecar


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def started(engine: str, folder: Path, env: dict[str, str], stack: ExitStack) -> list[Sidecar]:
    """Two workers on an engine, each; two sidecars, where it is a server."""
    if engine != "sqlite":
        store = Redis(folder) if engine == "redis" else Postgres(folder)
        stack.enter_context(store)
        env["PROMPT_CACHE_STORE"] = store.url
    names = ("a",) if engine == "sqlite" else ("a", "b")
    for name in names:
        (folder / name).mkdir()
    return [stack.enter_context(Sidecar(folder / name, env=env)) for name in names]


def spend(url: str, namespace: str, asked: str = "", kind: Any = CHAT, *, most: int = DOLLAR, **headers: Any) -> Any:
    """A call that may cost as much as `most` tokens do."""
    caller = Caller(url)
    try:
        body = kind.body(asked or question())
        bound: Json = {"max_tokens": most}
        if kind.name.startswith("gemini"):
            bound = {"generationConfig": {"maxOutputTokens": most}}
        elif kind.name.startswith("ollama"):
            bound = {"options": {"num_predict": most}}
        elif kind.name == "openai_responses":
            bound = {"max_output_tokens": most}
        return caller.ask({**body, **bound}, kind, X_Prompt_Cache_Namespace=namespace, **headers)
    finally:
        caller.close()


def budget(url: str, name: str) -> Json:
    """Nothing while the store is away."""
    answer = requests.get(f"{url}/v1/budgets", timeout=10)
    listed: list[Json] = answer.json().get("budgets", [])
    return next((each for each in listed if each["name"] == name), {})


def settled(url: str, name: str) -> Json:
    """As it stands when nothing is on its way any more."""
    end = time.monotonic() + 10
    while (state := budget(url, name))["reserved_usd"] and time.monotonic() < end:
        time.sleep(0.05)
    return state


@pytest.mark.parametrize("engine", ["redis", "sqlite", "postgres"])
def test_fifty_at_once_spend_what_there_is_and_no_more(
    engine: str, tmp_path: Path, upstream: Upstream, receiver: Receiver
) -> None:
    upstream.delay = 0.1
    with ExitStack() as stack:
        sidecars = started(engine, tmp_path, environment(upstream, receiver.url), stack)
        asked = [question() for _ in range(100)]

        def call(at: int) -> requests.Response:
            answer: requests.Response = spend(sidecars[at % len(sidecars)].url, "held-1", asked[at])
            return answer

        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(call, range(100)))
        assert Counter(answer.status_code for answer in answers) == {200: 20, 429: 80}
        assert upstream.calls == 20
        for sidecar in sidecars:
            state = settled(sidecar.url, "held")
            assert (state["spent_usd"], state["reserved_usd"], state["state"]) == (20.0, 0.0, "exhausted")
        answered = [at for at, answer in enumerate(answers) if answer.status_code == 200]
        for sidecar in sidecars:
            for at in answered[:4]:
                assert fate(spend(sidecar.url, "held-1", asked[at])) == "hit"
        assert upstream.calls == 20
        for _ in range(3):
            for sidecar in sidecars:
                assert spend(sidecar.url, "hooked").status_code == 200
        until(lambda: receiver.got, lambda got: len(got) >= 2)
        for sidecar in sidecars:
            until(lambda url=sidecar.url: budget(url, "hooked"), lambda state: state["spent_usd"] >= 3)  # type: ignore[misc]
        time.sleep(1.5)  # until the last worker has looked
        events = [json.loads(body)["event"] for _, _, body in receiver.got]
        assert sorted(events) == ["budget_exhausted", "budget_warning"]


def test_a_receiver_that_hangs_keeps_no_call_waiting(server: Sidecar, hanging: Receiver) -> None:
    for _ in range(4):
        began = time.monotonic()
        assert spend(server.url, "hooked").status_code == 200
        assert time.monotonic() - began < 3
    assert until(lambda: hanging.got, lambda got: len(got) == 2)
    began = time.monotonic()
    assert spend(server.url, "hooked").status_code == 200
    assert time.monotonic() - began < 3


def test_what_was_estimated_too_low_overspends_by_the_calls_in_flight_alone(
    server: Sidecar, upstream: Upstream
) -> None:
    upstream.delay = 0.05
    before = budget(server.url, "held")["spent_usd"]
    assert before == 0

    def call(_: int) -> int:
        status: int = spend(server.url, "held-2", most=1).status_code
        return status

    with ThreadPoolExecutor(30) as pool:
        statuses = Counter(pool.map(call, range(120)))
    assert settled(server.url, "held")["spent_usd"] == upstream.calls == statuses[200]
    assert 20 <= upstream.calls < 20 + 30
    assert set(statuses) == {200, 429}


@pytest.mark.parametrize("kind", [each for each in KINDS if each is not KINDS[5]], ids=lambda kind: kind.name)
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.usefixtures("upstream")
def test_a_refusal_comes_in_the_providers_shape(server: Sidecar, kind: Any, stream: bool) -> None:
    caller = Caller(server.url)
    refused = caller.ask(question(), kind, stream=stream, X_Prompt_Cache_Namespace="nothing")
    caller.close()
    assert refused.status_code == 429
    code = code_of(kind, refused.json())
    assert CODE in str(code) if not kind.name.startswith("gemini") else CODE in refused.text.lower()
    assert "'nothing'" in refused.text
    assert "UTC" in refused.text
    assert 0 < int(refused.headers["Retry-After"]) <= 86400
    assert refused.headers["Cache-Status"] == "prompt-cache; fwd=bypass; detail=budget-exhausted"
    assert refused.headers["X-Should-Retry"] == "false"


def test_used_up_refuses_misses_and_nothing_else(server: Sidecar, upstream: Upstream) -> None:
    namespace, asked = "small-1", question()
    spend(server.url, namespace, asked)
    assert settled(server.url, "small")["spent_usd"] == 1.0
    calls = upstream.calls
    refused = [
        spend(server.url, namespace),
        spend(server.url, namespace, Cache_Control="no-store"),
        spend(server.url, namespace, asked, Cache_Control="no-cache"),
        requests.post(
            f"{server.url}/openai/v1/chat/completions",
            json={"model": "m", "n": 2, "messages": [{"role": "user", "content": "x"}]},
            headers={"X-Prompt-Cache-Namespace": namespace},
            timeout=10,
        ),
        requests.post(
            f"{server.url}/openai/v1/embeddings",
            json={"model": "e", "input": [question(), question()]},
            headers={"X-Prompt-Cache-Namespace": namespace},
            timeout=10,
        ),
    ]
    assert [answer.status_code for answer in refused] == [429] * len(refused)
    assert {answer.json()["error"]["code"] for answer in refused} == {CODE}
    assert upstream.calls == calls
    assert fate(spend(server.url, namespace, asked)) == "hit"
    only = spend(server.url, namespace, Cache_Control="only-if-cached")
    assert (only.status_code, only.json()["error"]["code"]) == (504, "prompt_cache_only_if_cached")
    listed = requests.get(f"{server.url}/openai/v1/models", headers={"X-Prompt-Cache-Namespace": namespace}, timeout=10)
    assert listed.status_code == 200
    assert spend(server.url, "elsewhere").status_code == 200
    refusals = until(lambda: budget(server.url, "small")["refused_calls"], lambda count: count == len(refused))
    assert refusals == len(refused)


def test_a_stale_answer_is_given_where_it_may_be(server: Sidecar, upstream: Upstream) -> None:
    namespace, asked = "small-1", question()  # used up by now
    body = {"prompt": asked, "namespace": namespace, "response": "x"}
    assert requests.post(f"{server.url}/v1/store", json=body, timeout=10).status_code == 201
    namespace, asked = "flows", question()
    source: Json = {"X_Prompt_Cache_Source": "Mail%20triage/Model"}
    spend(server.url, namespace, asked, X_Prompt_Cache_TTL="1s", **source)
    assert settled(server.url, "flow")["spent_usd"] == 1.0
    time.sleep(1.2)
    calls = upstream.calls
    for allowed in ("max-stale=600", "stale-if-error=600"):
        stale = spend(server.url, namespace, asked, Cache_Control=allowed, **source)
        assert (stale.status_code, fate(stale)) == (200, "hit")
    assert spend(server.url, namespace, asked, **source).status_code == 429
    assert upstream.calls == calls
    assert spend(server.url, namespace, asked, X_Prompt_Cache_Source="Other/Model").status_code == 200


def test_equal_calls_reserve_and_pay_once(server: Sidecar, upstream: Upstream) -> None:
    upstream.delay = 0.5
    asked = question()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: spend(server.url, "models", asked), range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert upstream.calls == 1
    assert settled(server.url, "gpt")["spent_usd"] == 1.0


def test_equal_calls_that_are_refused_are_all_told_so(server: Sidecar) -> None:
    asked = question()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: spend(server.url, "nothing", asked), range(20)))
    assert {answer.status_code for answer in answers} == {429}


def test_what_comes_to_nothing_is_given_back(server: Sidecar, upstream: Upstream) -> None:
    before = budget(server.url, "watched")["spent_usd"]
    upstream.status = 500
    for _ in range(3):
        assert spend(server.url, "held-failing").status_code in (500, 429)
    upstream.reset()
    assert settled(server.url, "held")["reserved_usd"] == 0.0
    assert budget(server.url, "watched")["spent_usd"] == before


def test_what_others_store_is_spent_as_well_and_a_miss_says_that_nothing_is_left(server: Sidecar) -> None:
    api = requests.Session()
    asked = {"prompt": question(), "namespace": "models", "model": "gpt-4o-mini"}
    assert "over_budget" in until(
        lambda: api.post(f"{server.url}/v1/lookup", json=asked, timeout=10).json(), lambda miss: "over_budget" in miss
    )
    batch = api.post(f"{server.url}/v1/lookup/batch", json={"items": [asked, {**asked, "model": "o3"}]}, timeout=10)
    first, second = batch.json()["items"]
    assert (first["over_budget"], second.get("over_budget")) == ("gpt", None)
    watched = {"prompt": question(), "namespace": "watched", "response": "x", "cost_usd": 0.85}
    assert api.post(f"{server.url}/v1/store", json=watched, timeout=10).status_code == 201
    assert until(lambda: budget(server.url, "watched"), lambda state: state["spent_usd"])["state"] == "warning"
    assert spend(server.url, "watched").status_code == 200
    state = until(lambda: budget(server.url, "watched"), lambda state: state["spent_usd"] > 1)
    assert (state["spent_usd"], state["state"], state["then"]) == (1.85, "exhausted", "warn")
    assert spend(server.url, "watched").status_code == 200
    miss = api.post(f"{server.url}/v1/lookup", json={"prompt": question(), "namespace": "watched"}, timeout=10).json()
    assert "over_budget" not in miss


def until(look: Callable[[], Any], is_so: Callable[[Any], Any]) -> Any:
    """What is seen as soon as it is so; of workers, one may hear of it a second later."""
    end = time.monotonic() + 5
    while not is_so(found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def test_without_its_store_calls_go_on_and_are_counted_later(tmp_path: Path, upstream: Upstream) -> None:
    with Redis(tmp_path) as redis:
        env = {**environment(upstream), "PROMPT_CACHE_STORE": redis.url, "PROMPT_CACHE_WORKERS": "1"}
        with Sidecar(tmp_path, env=env) as sidecar:
            spend(sidecar.url, "held-1")
            assert settled(sidecar.url, "held")["spent_usd"] == 1.0
            upstream.delay = 1.0
            with ThreadPoolExecutor(1) as pool:
                during = pool.submit(spend, sidecar.url, "held-1")
                time.sleep(0.5)
                redis.pause()
                assert during.result().status_code == 200
                upstream.delay = 0.0
                began = time.monotonic()
                assert spend(sidecar.url, "held-1").status_code == 200
                assert time.monotonic() - began < 6
                redis.resume()
            state = until(lambda: budget(sidecar.url, "held"), lambda state: state.get("spent_usd", 0) >= 2)
            assert state["spent_usd"] >= 2.0
