"""Of LangCache's API, what a setting changes, and what a single process shows."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from prompt_cache.config import Config, rules
from prompt_cache.config.schema import NamespaceSettings
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.app import create_app
from prompt_cache.http.langcache.bodies import ConversationBody
from prompt_cache.stores.memory import MemoryStore
from prompt_cache.stores.null import NullStore
from sidecar.tests.support import Asker

ENTRY = {"prompt": "Hours?", "response": "at nine"}


def client(cache: PromptCache) -> FlaskClient:
    return create_app(cache, Config(request_log=False)).test_client()


def found(caller: FlaskClient, **fields: Any) -> list[str]:
    answer = caller.post("/v1/caches/shop/entries/search", json={"prompt": "Hours?"} | fields)
    assert answer.status_code == 200, answer.text
    return [each["response"] for each in answer.get_json()["data"]]


def test_set__where_nothing_is_kept() -> None:
    caller = client(PromptCache(NullStore()))
    answer = caller.post("/v1/caches/shop/entries", json=ENTRY)
    assert (answer.status_code, answer.get_json()["reason"]) == (201, "caching_off")
    assert found(caller) == []


def test_search__where_prompts_are_not_kept() -> None:
    caller = client(PromptCache(MemoryStore(), store_prompts=False))
    caller.post("/v1/caches/shop/entries", json={**ENTRY, "attributes": {"a": "b"}})
    assert found(caller) == ["at nine"]


def test_search__whatever_the_case_where_the_namespace_says_so() -> None:
    settings = Config(namespaces={"shop": NamespaceSettings(normalize="loose")})
    caller = client(PromptCache(MemoryStore(), rules=rules(settings)))
    caller.post("/v1/caches/shop/entries", json={**ENTRY, "attributes": {"a": "b"}})
    assert found(caller, prompt="hours") == ["at nine"]


@pytest.mark.parametrize(("millis", "seconds"), [(1, 0.001), (1500, 1.5), (31_556_952_000, 3600.0)])
def test_set__lives_as_long_as_it_says_under_the_ceiling(millis: int, seconds: float) -> None:
    asker = Asker(rules=rules(Config(namespaces={"shop": NamespaceSettings(max_ttl="1h")})))
    caller = client(asker.cache)
    caller.post("/v1/caches/shop/entries", json={**ENTRY, "ttlMillis": millis})
    asker.clock.turn(seconds * 0.999)
    assert found(caller) == ["at nine"]
    asker.clock.turn(seconds * 0.002)
    assert found(caller) == []


def test_set__after_a_flush_is_found_whoever_asked_before() -> None:
    asker = Asker()
    asker.ask("Hours?", namespace="shop")
    caller = client(asker.cache)
    assert caller.post("/v1/caches/shop/flush").status_code == 204
    assert "stored" not in caller.post("/v1/caches/shop/entries", json=ENTRY).get_json()
    assert found(caller) == ["at nine"]


def test_cassette__is_recorded_and_replayed(tmp_path: Path) -> None:
    def caller(mode: str) -> FlaskClient:
        settings = NamespaceSettings(mode=mode, cassette=str(tmp_path / "shop.jsonl"))  # type: ignore[arg-type]
        return client(PromptCache(MemoryStore(), rules=rules(Config(namespaces={"shop": settings}))))

    recording = caller("record")
    assert found(recording) == []
    recording.post("/v1/caches/shop/entries", json={**ENTRY, "attributes": {"a": "b"}})
    assert found(recording, attributes={"a": "b"}) == ["at nine"]
    replaying = caller("replay")
    assert found(replaying, attributes={"a": "b"}) == ["at nine"]
    refused = replaying.post("/v1/caches/shop/entries/search", json={"prompt": "Hours?"})
    assert (refused.status_code, refused.get_json()["type"]) == (424, "/errors/resource-unavailable")
    assert "attributes.a" in refused.get_json()["detail"]
    assert replaying.post("/v1/caches/shop/entries", json=ENTRY).get_json()["reason"] == "replayed"


def test_conversation__is_one_prompt_that_can_be_told_from_any_other() -> None:
    def asked(prompt: str, *context: str) -> str:
        return ConversationBody(prompt=prompt, context=list(context)).asked

    assert asked("a") == "a"
    assert asked("a", "b") != asked("b", "a") != asked("a", "b", "b") != asked("a", "b\nb")
    assert msgspec.json.decode(asked('a\n- "x', "b").rpartition("Question: ")[2]) == 'a\n- "x'
