"""The cache in a program's own process: the API's answers, without HTTP."""

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.embedded import EmbeddedCache
from prompt_cache.http.app import create_app
from prompt_cache.stores import open_store

ASKED = {"prompt": "q", "model": "m"}


@pytest.fixture
def cache() -> Iterator[EmbeddedCache]:
    cache = EmbeddedCache({"store": "memory://"})
    yield cache
    cache.close()


def call(cache: EmbeddedCache, method: str, route: str, body: Any = None, **more: Any) -> tuple[int, Any]:
    answer = cache.call(method, route, None if body is None else json.dumps(body).encode(), **more)
    return answer.status, json.loads(answer.body)


def test_it_answers_as_the_api_does(cache: EmbeddedCache) -> None:
    status, missed = call(cache, "POST", "/v1/lookup", ASKED)
    assert (status, missed["status"]) == (200, "miss")
    status, stored = call(cache, "POST", "/v1/store", {"key": missed["key"], "response": "a"})
    assert (status, stored["stored"]) == (201, True)
    assert call(cache, "POST", "/v1/lookup", ASKED)[1]["response"] == "a"
    assert call(cache, "GET", "/v1/entries/{key}", key=missed["key"])[1]["response"] == "a"
    assert call(cache, "GET", "/v1/entries", query={"namespace": "default", "limit": "1"})[1]["items"]
    assert call(cache, "POST", "/v1/entries/{key}/reject", {}, key=missed["key"]) == (200, {"deleted": 1})


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("/v1/lookup", b"nonsense"),
        ("/v1/lookup", b'{"prompt": "\\ud800"}'),
        ("/v1/lookup", b"[" * 5000),
        ("/v1/lookup", b'{"prompt": "q", "modle": 1}'),
        ("/v1/store", b'{"key": "ffff", "response": 1}'),
        ("/v1/flush", b"{}"),
        ("/v1/lookup/batch", b'{"items": [{"prompt": 5}, {}]}'),
        ("/v1/nowhere", b"{}"),
    ],
)
def test_it_refuses_as_the_api_does(cache: EmbeddedCache, route: str, body: bytes) -> None:
    app = create_app(PromptCache(open_store("memory://")), Config(request_log=False))
    served = app.test_client().post(route, data=body, content_type="application/json")
    answer = cache.call("POST", route, body)
    assert (answer.status, json.loads(answer.body)) == (served.status_code, served.get_json())
    assert answer.status >= 400


def test_nothing_is_printed(cache: EmbeddedCache, capsys: pytest.CaptureFixture[str]) -> None:
    call(cache, "POST", "/v1/lookup", ASKED)
    call(cache, "POST", "/v1/lookup", {})
    cache.close()
    assert call(cache, "POST", "/v1/lookup", ASKED)[0] == 503
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_a_store_that_is_away_is_a_503_and_told_to_logging(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = EmbeddedCache({"store": f"sqlite:///{tmp_path}/cache.db"})
    (tmp_path / "cache.db").write_bytes(b"x" * 10000)
    with caplog.at_level(logging.WARNING, "prompt_cache"):
        assert call(cache, "POST", "/v1/lookup", ASKED)[0] in (200, 503)
    cache.close()
    assert "'q'" not in caplog.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"store": "memory://", "stor": 1}, "stor: unknown field; did you mean `store`?"),
        ({"store": "nonsense://"}, "must begin with one of"),
        ({"store": "memory://", "defaults": {"ttl": "soon"}}, "defaults.ttl: not a duration"),
    ],
)
def test_wrong_settings_are_told(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        EmbeddedCache(settings)


def test_settings_are_those_of_the_file_and_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMPT_CACHE_STORE", "nonsense://")
    monkeypatch.setenv("PROMPT_CACHE_NONSENSE", "1")
    cache = EmbeddedCache({"store": "memory://", "defaults": {"ttl": "5m"}})
    _, stored = call(cache, "POST", "/v1/store", {**ASKED, "response": "a"})
    assert stored["ttl"] == 300
    cache.close()


def test_several_of_one_file_share_it_and_leave_nothing_behind(tmp_path: Path) -> None:
    settings = {"store": f"sqlite:///{tmp_path}/cache.db"}
    before = set(threading.enumerate())
    one, other = EmbeddedCache(settings), EmbeddedCache(settings)
    assert set(threading.enumerate()) > before
    call(one, "POST", "/v1/store", {**ASKED, "response": "a"})
    assert call(other, "POST", "/v1/lookup", ASKED)[1]["response"] == "a"
    one.close()
    other.close()
    other.close()
    assert set(threading.enumerate()) <= before
    again = EmbeddedCache(settings)
    assert json.loads(again.call("GET", "/v1/stats").body)["hits"] == 1
    again.close()
