"""Of the native API, what a setting changes."""

from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from prompt_cache.config import Config, ConfigError, configured, rules
from prompt_cache.config.schema import NamespaceSettings, TokenSettings
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.app import create_app
from prompt_cache.responses.usage import Usage
from prompt_cache.savings.budgets import Budget, Charge, Signal
from prompt_cache.savings.prices import PriceOverride, price
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import Asker


def client(cache: PromptCache, **settings: Any) -> FlaskClient:
    """A caller of a cache over HTTP."""
    return create_app(cache, Config(request_log=False, **settings)).test_client()


# -- entries -----


def test_entries__a_search_says_that_prompts_are_not_kept() -> None:
    asker = Asker(MemoryStore, store_prompts=False)
    asker.fill("a needle")
    caller = client(asker.cache)
    refused = caller.get("/v1/entries?q=needle")
    assert (refused.status_code, refused.get_json()["errors"][0]["loc"]) == (400, ["q"])
    assert "store_prompts" in refused.get_json()["errors"][0]["msg"]
    (item,) = caller.get("/v1/entries").get_json()["items"]
    assert item["request"] is None


# -- choices -----


def test_namespaces__those_of_the_configuration_are_there_before_they_hold_anything() -> None:
    settings = Config(namespaces={"support": NamespaceSettings(), "team-*": NamespaceSettings()})
    asker = Asker(MemoryStore, rules=rules(settings))
    asker.fill(namespace="team-a")
    tokens = [
        TokenSettings(name="all", role="reader", token="all-token"),
        TokenSettings(name="teams", role="reader", token="teams-token", namespaces=["team-*", "sales"]),
    ]

    def names(token: str) -> list[str]:
        answer = client(asker.cache, tokens=tokens).get("/v1/namespaces", headers={"Authorization": f"Bearer {token}"})
        return [each["namespace"] for each in answer.get_json()["namespaces"]]

    assert names("all-token") == ["default", "support", "team-a"]
    assert names("teams-token") == ["sales", "team-a"]


# -- flush -----


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"all": True}, False),
        ({"all": True, "keep_statistics": True}, True),
        ({"namespace": "default"}, True),
    ],
)
def test_flush__of_all_forgets_the_statistics_unless_asked(body: dict[str, Any], kept: bool) -> None:
    asker = Asker(MemoryStore)
    asker.fill()
    asker.ask()
    caller = client(asker.cache)
    assert caller.post("/v1/flush", json=body).get_json() == {"deleted": 1}
    assert caller.get("/v1/stats").get_json()["lookups"] == (2 if kept else 0)
    assert 'prompt_cache_lookups_total{namespace="default",outcome="hit"} 1.0' in caller.get("/metrics").text


def test_flush__of_all_leaves_the_statistics_of_others() -> None:
    asker = Asker(MemoryStore)
    asker.fill(namespace="ours")
    asker.fill(namespace="theirs")
    tokens = [
        TokenSettings(name="ours", role="admin", token="ours-token", namespaces=["ours"]),
        TokenSettings(name="all", role="admin", token="all-token"),
    ]
    caller = client(asker.cache, tokens=tokens)
    ours, everybody = ({"Authorization": f"Bearer {name}-token"} for name in ("ours", "all"))
    assert caller.post("/v1/flush", json={"all": True}, headers=ours).get_json() == {"deleted": 1}
    groups = caller.get("/v1/stats?group_by=namespace", headers=everybody).get_json()["groups"]
    assert [group["group"] for group in groups] == ["theirs"]


# -- metrics -----


def test_metrics__are_bounded_whatever_names_callers_invent() -> None:
    asker = Asker(MemoryStore)
    asker.fill(namespace="real")
    for at in range(1500):
        asker.fill(namespace=f"invented-{at}")
    for _ in range(3):
        asker.ask(namespace="real")
    families = {
        family.name: family for family in text_string_to_metric_families(client(asker.cache).get("/metrics").text)
    }
    for name, total in (("prompt_cache_lookups", 1504), ("prompt_cache_answers", 1501), ("prompt_cache_entries", 1501)):
        samples = families[name].samples
        namespaces = {sample.labels["namespace"] for sample in samples}
        assert len(namespaces) == 1001
        assert "other" in namespaces
        assert sum(sample.value for sample in samples) == total
    (hits,) = (
        sample.value
        for sample in families["prompt_cache_lookups"].samples
        if sample.labels == {"namespace": "real", "outcome": "hit"}
    )
    assert hits == 3


# -- budgets -----


def test_budgets__are_those_of_namespaces_that_a_token_may_all_see() -> None:
    patterns = ["*", "team-*", "team-a", "sales", "t*"]
    budgets = [Budget(name=pattern, usd=1.0, per="day", namespace=pattern) for pattern in patterns]
    cache = Asker(MemoryStore, budgets=budgets).cache
    seen = {
        ("*",): patterns,
        ("team-*",): ["team-*", "team-a"],
        ("team-?", "sales"): ["team-a", "sales"],
        ("team-a",): ["team-a"],
        ("t*", "none"): ["team-*", "team-a", "t*"],
    }
    tokens = [
        TokenSettings(name=str(at), role="reader", token=f"token-{at}", namespaces=list(namespaces))
        for at, namespaces in enumerate(seen)
    ]
    caller = client(cache, tokens=tokens)
    for at, names in enumerate(seen.values()):
        answer = caller.get("/v1/budgets", headers={"Authorization": f"Bearer token-{at}"})
        assert [each["name"] for each in answer.get_json()["budgets"]] == names
    assert caller.get("/v1/budgets").status_code == 401


def test_budgets__count_what_is_stored_and_a_miss_says_when_one_is_used_up() -> None:
    budget = Budget(name="support", usd=1.0, per="day", then="cache_only", namespace="default", token="ci", warn_at=0.5)
    told: list[Signal] = []
    asker = Asker(MemoryStore, budgets=[budget], tell=told.append)
    tokens = [TokenSettings(name=name, token=name) for name in ("ci", "other")]
    caller = client(asker.cache, tokens=tokens)

    def post(path: str, token: str = "ci", **body: Any) -> Any:  # noqa: S107
        return caller.post(path, json=body, headers={"Authorization": f"Bearer {token}"}).get_json()

    post("/v1/store", "other", prompt="a", response="x", cost_usd=5.0)
    post("/v1/store", prompt="b", response="x", cost_usd=0.6)
    asker.cache.budgets.flush()
    assert [signal.event for signal in told] == ["budget_warning"]
    assert "over_budget" not in post("/v1/lookup", prompt="c")
    post("/v1/store", prompt="d", response="x", cost_usd=0.6)
    asker.cache.budgets.flush()
    (state,) = caller.get("/v1/budgets", headers={"Authorization": "Bearer ci"}).get_json()["budgets"]
    assert (state["spent_usd"], state["limit_usd"], state["state"], state["token"]) == (1.2, 1.0, "exhausted", "ci")
    assert state["period"] == {"since": "2027-01-15T00:00:00Z", "until": "2027-01-16T00:00:00Z"}
    assert [signal.event for signal in told] == ["budget_warning", "budget_exhausted"]
    assert post("/v1/lookup", prompt="c")["over_budget"] == "support"
    assert "over_budget" not in post("/v1/lookup", "other", prompt="c")
    hit, miss = post("/v1/lookup/batch", items=[{"prompt": "b"}, {"prompt": "e"}])["items"]
    assert (hit["status"], hit.get("over_budget"), miss["over_budget"]) == ("hit", None, "support")
    asker.clock.turn(86400)
    assert "over_budget" not in post("/v1/lookup", prompt="e")


def test_budgets__stay_spent_when_all_is_flushed() -> None:
    asker = Asker(MemoryStore, budgets=[Budget(name="all", usd=1.0, per="month")])
    caller = client(asker.cache)
    asker.cache.budgets.spend(Charge("default"), 0.7)
    caller.post("/v1/flush", json={"all": True})
    assert caller.get("/v1/budgets").get_json()["budgets"][0]["spent_usd"] == 0.7
    assert caller.get("/v1/stats").get_json()["spent"]["cost_usd"] == 0
    assert caller.get("/v1/stats?group_by=day").status_code == 200
    asker.cache.sweep(60.0)
    assert caller.get("/v1/budgets").get_json()["budgets"][0]["spent_usd"] == 0.7


# -- prices -----


def test_prices__say_which_applies_and_which_models_have_none() -> None:
    asker = Asker(MemoryStore, prices={"own-*": PriceOverride(input_per_million=1, output_per_million=2, per_call=3)})
    odd_name = 'odd "one"*\n: x \u202e\u2028\U0001f600'
    for model in ("gpt-4o-mini", "own-model", odd_name):
        asker.fill(model, {"text": "Hi"}, model=model, usage={"input_tokens": 7, "output_tokens": 3})
        assert asker.ask(model, model=model).status == "hit"
    told = client(asker.cache).get("/v1/prices?since=1970-01-02T00:00:00Z").get_json()
    models = {each["model"]: each for each in told["models"]}
    assert told["models"][0]["model"] == odd_name
    assert [models[name]["source"] for name in (odd_name, "own-model", "gpt-4o-mini")] == [None, "own", "list"]
    odd, own, listed = (models[name] for name in (odd_name, "own-model", "gpt-4o-mini"))
    assert (odd["calls"], odd["hits"], odd["unpriced_calls"], odd["unpriced_hits"]) == (1, 1, 1, 1)
    assert (odd["input_tokens"], odd["output_tokens"], odd["usd_per_call"]) == (14, 6, None)
    assert (own["pattern"], own["input_usd_per_million"], own["usd_per_call"]) == ("own-*", 1, 3)
    assert (listed["provider"], listed["output_usd_per_million"]) == ("openai", 0.6)
    assert told["currency"] == {"code": "USD", "rate": 1}

    assert told["unpriced"] == [odd_name]
    assert "\u202e" not in told["yaml"]
    with pytest.raises(ConfigError, match="input_per_million"):  # until it is filled in
        configured(yaml.safe_load(told["yaml"]))
    config = configured(yaml.safe_load(told["yaml"].replace("FILL_IN", "4")))
    assert price(odd["model"], Usage(1_000_000, 0), config.prices) == 4
    assert price("odd one", Usage(1_000_000, 0), config.prices) is None


def test_prices__where_all_have_one_there_is_nothing_to_fill_in() -> None:
    asker = Asker(MemoryStore)
    asker.fill(model="gpt-4o-mini")
    told = client(asker.cache).get("/v1/prices?since=1970-01-02T00:00:00Z").get_json()
    assert (told["unpriced"], told["yaml"]) == ([], None)


def test_prices__are_those_of_the_callers_namespaces() -> None:
    asker = Asker(MemoryStore)
    asker.fill(namespace="theirs", model="secret-model", response="Hi")
    tokens = [TokenSettings(name="ours", role="reader", token="ours-token", namespaces=["ours"])]
    caller, ours = client(asker.cache, tokens=tokens), {"Authorization": "Bearer ours-token"}
    assert caller.get("/v1/prices?since=1970-01-02T00:00:00Z", headers=ours).get_json()["models"] == []
    assert caller.get("/v1/prices?namespace=theirs", headers=ours).status_code == 403
