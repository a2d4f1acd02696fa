"""What is missed, over HTTP."""

from typing import Any

import pytest

from prompt_cache.config.schema import TokenSettings
from prompt_cache.core.rules import Lifetime, NamespaceRules, Rules, SemanticRules
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.core.test_matching import Words
from sidecar.tests.http.test_native import client
from sidecar.tests.support import Asker


@pytest.fixture
def asked() -> Asker:
    """A cache in which two look-alikes and a question without an answer were missed."""
    asker = Asker(rules=Rules(NamespaceRules(lifetime=Lifetime(ttl=3600))))
    for at in (10, 11):
        asker.fill(f"It is 16:{at}. What is a cache?", cost_usd=0.5, params={"temperature": 0})
        asker.clock.turn(60)
    for _ in range(2):
        asker.ask("What is a rabbit?", params={"temperature": 1})
    asker.cache.missed.flush()
    return asker


def test_misses__each_with_why(asked: Asker) -> None:
    page = client(asked.cache).get("/v1/misses?limit=1").get_json()
    (rabbit,) = page["items"]
    assert (rabbit["times"], rabbit["reason"], rabbit["answers"]) == (2, "not_found", 0)
    assert rabbit["request"]["messages"][0]["content"] == "What is a rabbit?"
    assert rabbit["nearest"]["fields"] == ["params.temperature", "question"]
    assert rabbit["last"].endswith("Z")
    rest = client(asked.cache).get("/v1/misses", query_string={"cursor": page["next_cursor"]}).get_json()
    assert [item["cost_usd"] for item in rest["items"]] == [0.5, 0.5]
    assert rest["next_cursor"] is None
    assert client(asked.cache).get("/v1/misses?since=2000-01-01").status_code == 400
    assert client(asked.cache).get("/v1/misses?cursor=made-up").status_code == 400


def test_opportunities__with_what_to_configure(asked: Asker) -> None:
    found = client(asked.cache).get("/v1/opportunities").get_json()
    (mask,) = found["masks"]
    assert (mask["questions"], mask["saved"]["hits"], mask["saved"]["cost_usd"]) == (2, 1, 0.5)
    assert mask["masks"][0]["kind"] == "date_or_time"
    assert "normalize:" in mask["yaml"]
    assert [each["why"] for each in found["unanswered"]] == ["no_answer"]
    assert (found["lives"], found["idle"], found["semantic"]) == ([], None, None)
    assert found["questions"] == 3


def test_opportunities__a_threshold_is_tried_where_questions_match_semantically() -> None:
    asker = Asker(
        MemoryStore,
        rules=Rules(NamespaceRules(semantic=SemanticRules(match=True))),
        embedder=Words(),
        store_prompts=True,
    )
    asker.ask("What is a cache?")
    asker.cache.missed.flush()
    found = client(asker.cache).get("/v1/opportunities?threshold=0.9").get_json()["semantic"]
    assert (found["threshold"], found["tried"]["threshold"], found["tried"]["served"]) == (0.7, 0.9, 0)
    assert client(asker.cache).get("/v1/opportunities?threshold=2").status_code == 400


@pytest.mark.parametrize("path", ["/v1/misses", "/v1/opportunities"])
def test_misses__a_namespace_of_others_stays_theirs(asked: Asker, path: str) -> None:
    tokens = [TokenSettings(name="team", role="reader", token="team-token", namespaces=["team-*"])]
    caller: Any = client(asked.cache, tokens=tokens)
    headers = {"Authorization": "Bearer team-token"}
    assert caller.get(path, headers=headers).status_code == 403
    assert caller.get(f"{path}?namespace=team-a", headers=headers).status_code == 200
    assert caller.get(path).status_code == 401
