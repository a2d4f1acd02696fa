"""The ways to a cache: addresses, tokens, extras that are missing, and leaving alone what is away."""

import asyncio
import gc
import importlib
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from prompt_cache_client import AsyncPromptCache, BadRequest, CacheUnavailable, PromptCache
from prompt_cache_client.pause import PAUSE, Pause

from .conftest import Said, StubServer, problem
from .support import Model

HIT = {"status": "hit", "key": "k", "response": "kept"}


def hit(_path: str, _body: Any) -> Said:
    return 200, HIT


# -- addresses -----


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "localhost:8787"}, "neither a cache server"),
        ({"url": "http://"}, "names no host"),
        ({"url": "http://h/?token=x"}, "a token is given as"),
        ({"url": "http://user:secret@h"}, "a token is given as"),
        ({"url": "http://h", "settings": {"ttl": 1}}, "a cache server has its own"),
        ({"url": "http://h", "token": "é"}, "token: has characters"),
        ({"url": "http://h", "token": "a\nb"}, "token: has characters"),
        ({"url": "http://h:port"}, "names no host and port"),
        ({"url": "http://[h"}, "url: Invalid IPv6"),
        ({"url": "nonsense://h"}, "must begin with one of"),
        ({"url": "memory://", "settings": {"defaults": {"ttl": "soon"}}}, "defaults.ttl: not a duration"),
        ({"url": "memory://", "timeout": 0}, "timeout: 0 is not"),
    ],
)
def test_what_is_no_address_is_told_at_once(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PromptCache(**given)


def test_the_environment_names_the_server(stub: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    stub.says = hit
    monkeypatch.setenv("PROMPT_CACHE_URL", stub.url + "/")
    monkeypatch.setenv("PROMPT_CACHE_TOKEN", "t")
    with PromptCache() as cache:
        assert cache.lookup("q").response == "kept"
    assert stub.headers[0]["Authorization"] == "Bearer t"


def test_no_credentials_are_shown() -> None:
    cache = PromptCache("redis://:password@127.0.0.1:1/0", token="t")
    assert repr(cache) == "<PromptCache redis://127.0.0.1:1/0>"
    cache.close()


@pytest.mark.parametrize(
    "url", ["http://me:mine@h", "http://me:mine@", "me:mine@h", "nonsense://me:mine@h", "redis://:mine@h/0?no=1"]
)
def test_no_password_of_a_wrong_address_is_told(url: str) -> None:
    with pytest.raises(ValueError) as error:
        PromptCache(url)
    assert "mine" not in str(error.value)


def test_netrc_does_not_take_the_tokens_place(
    stub: StubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stub.says = hit
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for token in ("t", None):
        with PromptCache(stub.url, token=token) as cache:
            cache.lookup("q")
    assert [headers.get("Authorization") for headers in stub.headers] == ["Bearer t", None]


def test_nothing_follows_a_redirect(stub: StubServer) -> None:
    stub.says = lambda _path, _body: (
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    )
    with PromptCache(stub.url, token="t") as cache, pytest.raises(CacheUnavailable):
        cache.lookup("q")
    assert stub.paths() == ["/v1/lookup"]


def test_one_client_serves_many_event_loops(stub: StubServer) -> None:
    stub.says = hit
    client = AsyncPromptCache(stub.url)
    for _ in range(3):
        assert asyncio.run(client.lookup("q")).response == "kept"


def test_loops_that_are_closed_leave_no_connections(stub: StubServer) -> None:
    stub.says = hit
    client = AsyncPromptCache(stub.url)

    def opened() -> int:
        asyncio.run(client.lookup("q"))
        gc.collect()
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    before = opened()
    assert max(opened() for _ in range(10)) <= before + 2


def test_a_crowd_on_one_loop_waits_its_turn(stub: StubServer) -> None:
    """What each waits for the others is no slowness of the server."""

    one_by_one = threading.Lock()

    def says(path: str, body: Any) -> Said:
        with one_by_one:
            time.sleep(0.006)
        return hit(path, body)

    stub.says = says

    async def crowd() -> list[Any]:
        async with AsyncPromptCache(stub.url, timeout=1.8) as client:
            return await asyncio.gather(*(client.lookup("q") for _ in range(500)))

    assert {outcome.response for outcome in asyncio.run(crowd())} == {"kept"}


def test_a_black_hole_costs_a_crowd_on_one_loop_one_timeout(stub: StubServer) -> None:
    def says(path: str, body: Any) -> Said:
        time.sleep(1.5)
        return hit(path, body)

    async def call() -> str:
        return "called"

    async def crowd() -> list[Any]:
        async with AsyncPromptCache(stub.url, timeout=0.5) as client:
            return await asyncio.gather(*(client.get_or_call(f"q{at}", call) for at in range(200)))

    stub.says = says
    began = time.monotonic()
    assert set(asyncio.run(crowd())) == {"called"}
    assert time.monotonic() - began < 2.5  # one after the other, these are 7 turns of half a second


# -- extras -----


@pytest.mark.parametrize(
    ("missing", "module", "said"),
    [
        ("httpx", "prompt_cache_client.transports.asynchronous", "[async]"),
        ("prompt_cache.embedded", "prompt_cache_client.transports.embedded", "[embedded]"),
        ("langchain.agents.middleware", "prompt_cache_client.langchain", "[langchain]"),
    ],
)
def test_what_is_not_installed_is_said(missing: str, module: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(ImportError, match="pip install") as refused:
        importlib.import_module(module)
    assert said in str(refused.value)


def test_nothing_but_requests_is_needed_for_a_server(stub: StubServer) -> None:
    import subprocess

    stub.says = hit
    program = (
        "import sys\n"
        "for name in ('httpx', 'prompt_cache', 'pydantic', 'msgspec'): sys.modules[name] = None\n"
        "from prompt_cache_client import PromptCache\n"
        f"print(PromptCache({stub.url!r}).get_or_call('q', lambda: 'called'))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "kept\n"


# -- leaving it alone -----


def test_where_nothing_listens_it_asks_for_the_server() -> None:
    nowhere = PromptCache("http://127.0.0.1:9")
    with pytest.raises(CacheUnavailable, match=r"127.0.0.1:9 cannot be reached \(\w+\): is the cache server running"):
        nowhere.lookup("q")
    with pytest.raises(CacheUnavailable, match=r"127.0.0.1:9 cannot be reached \(\w+\): is the cache server running"):
        asyncio.run(nowhere.as_async().lookup("q"))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_after_a_failure_one_asks_at_a_time() -> None:
    clock = Clock()
    pause = Pause(clock)
    pause.require_none()
    pause.failed(CacheUnavailable("away"))
    with pytest.raises(CacheUnavailable, match="left alone"):
        pause.require_none()
    clock.now += PAUSE
    pause.require_none()
    with pytest.raises(CacheUnavailable, match="left alone"):
        pause.require_none()
    pause.succeeded()
    pause.require_none()
    pause.require_none()


def test_what_takes_answers_out_is_always_tried(stub: StubServer) -> None:
    def says(path: str, _body: Any) -> Said:
        return problem(503, "store-unavailable") if path == "/v1/lookup" else (200, {"versions": {"kb": 1}})

    stub.says = says
    with PromptCache(stub.url) as cache:
        with pytest.raises(CacheUnavailable):
            cache.lookup("q")
        assert cache.bump("kb") == {"kb": 1}


def test_a_refusal_is_no_outage(stub: StubServer) -> None:
    stub.says = lambda _path, _body: problem(400, "invalid-request")
    with PromptCache(stub.url) as cache:
        for _ in range(3):
            with pytest.raises(BadRequest):
                cache.lookup("q")
    assert len(stub.asked) == 3


def test_the_next_outage_is_told_again(stub: StubServer, caplog: pytest.LogCaptureFixture) -> None:
    with PromptCache(stub.url) as cache, caplog.at_level(logging.WARNING, "prompt_cache_client"):
        clock = Clock()
        cache._shared.operations._pause._clock = clock
        for _ in range(2):
            stub.says = lambda _path, _body: problem(503, "store-unavailable")
            for _ in range(3):
                cache.get_or_call("q", Model())
            clock.now += PAUSE
            stub.says = hit
            assert cache.get_or_call("q", Model()) == "kept"
    assert len(caplog.records) == 2
