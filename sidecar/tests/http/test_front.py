"""What every request meets first: who asks, how large and how slow its body is, and what happens when all are busy."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.front import lanes, lookups, threads
from prompt_cache.http.front.app import create_asgi
from prompt_cache.http.front.asgi import Application
from prompt_cache.stores.memory import MemoryStore

from .asgi import Answer, ask, asked

JSON = {"Content-Type": "application/json"}
PROBLEM = "application/problem+json"


def app(config: Config | None = None, store: MemoryStore | None = None) -> Application:
    return create_asgi(PromptCache(store if store is not None else MemoryStore()), config or Config(request_log=False))


def lookup(prompt: str = "x", **fields: Any) -> bytes:
    return msgspec.json.encode({"prompt": prompt, **fields})


def problem(answer: Answer, status: int, code: str) -> str:
    """What it says, after asserting the shape."""
    assert (answer.status, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json["type"] == f"urn:prompt-cache:problem:{code}"
    return str(answer.json["detail"])


# -- callers -----

SECURED = Config(token="secret-token", request_log=False)
LOCAL = ["127.0.0.1", "127.0.0.1:8787", "localhost", "LOCALHOST:99", "app.localhost", "[::1]:8787", "127.8.8.8"]
FOREIGN = [
    "evil.example",
    "evil.example:8787",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "10.0.0.1",
    "[::2]",
    "",
]


@pytest.mark.parametrize("host", LOCAL)
@pytest.mark.parametrize("path", ["/v1/stats", "/openapi.json"])
def test_hosts__of_this_machine_are_answered(host: str, path: str) -> None:
    assert asked(app(), "GET", path, headers={"Host": host}).status == 200
    assert asked(app(), "GET", path, headers={"Origin": f"http://{host}"}).status == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/lookup"), ("POST", "/v1/flush"), ("GET", "/v1/entries")])
def test_hosts__others_are_refused_without_a_token(host: str, method: str, path: str) -> None:
    for headers in ({"Host": host}, {"Origin": f"http://{host}"}, {"Origin": f"https://{host}"}):
        body = lookup() if method == "POST" else b""
        answer = asked(app(), method, path, body, headers={**JSON, **headers})
        assert "allowed_hosts" in problem(answer, 403, "foreign-host")


def test_hosts__a_page_without_a_place_is_foreign() -> None:
    problem(asked(app(), "POST", "/v1/flush", b"{}", headers={**JSON, "Origin": "null"}), 403, "foreign-host")


def test_hosts__that_are_named_are_answered() -> None:
    named = app(Config(allowed_hosts=["cache.internal"], request_log=False))
    for headers in ({"Host": "cache.internal"}, {"Host": "Cache.Internal:80"}, {"Origin": "https://cache.internal"}):
        assert asked(named, "GET", "/v1/stats", headers=headers).status == 200
    assert asked(named, "GET", "/v1/stats", headers={"Host": "other.internal"}).status == 403


def test_hosts__where_there_are_tokens_these_decide() -> None:
    headers = {"Host": "sidecar:8787", "Origin": "https://n8n.example", "Authorization": "Bearer secret-token"}
    assert asked(app(SECURED), "GET", "/v1/stats", headers=headers).status == 200


# -- bodies -----


@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/store", "/v1/flush", "/nowhere"])
@pytest.mark.parametrize("authorization", [None, "Bearer wrong"])
def test_bodies__of_strangers_are_not_waited_for(path: str, authorization: str | None) -> None:
    headers = {**JSON, **({"Authorization": authorization} if authorization else {}), "Content-Length": "10000"}
    answer = asked(app(SECURED), "POST", path, [], headers=headers)  # of which nothing ever comes
    problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_bodies__that_are_too_large_are_not_waited_for() -> None:
    small = Config(body_limit=100, request_log=False)
    answer = asked(app(small), "POST", "/v1/store", [], headers={**JSON, "Content-Length": "101"})
    assert "body_limit" in problem(answer, 413, "too-large")
    answer = asked(app(small), "POST", "/v1/store", [b"x" * 60, b"x" * 60], headers=JSON)
    problem(answer, 413, "too-large")


def test_bodies__that_are_too_slow_are_given_up() -> None:
    hasty = Config(body_timeout=0.01, request_log=False)
    answer = asked(app(hasty), "POST", "/v1/lookup", [], headers={**JSON, "Content-Length": "10000"})
    assert "body_timeout" in problem(answer, 408, "request-timeout")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/lookup/"])
def test_bodies__in_parts_are_put_together(path: str) -> None:
    body = lookup("in parts")
    whole = asked(app(), "POST", path, body, headers=JSON)
    parts = asked(app(), "POST", path, [body[:5], body[5:9], body[9:]], headers=JSON)
    assert (parts.status, parts.json["key"]) == (200, whole.json["key"])


# -- hits -----


def test_hit__is_the_same_on_the_loop_and_in_flask() -> None:
    cached = app()
    asked(cached, "POST", "/v1/store", lookup("known", response={"a": 1}), headers=JSON)
    short = asked(cached, "POST", "/v1/lookup", lookup("known"), headers=JSON)
    long = asked(
        cached, "POST", "/v1/lookup", lookup("known"), headers={"Content-Type": "application/json; charset=utf-8"}
    )
    assert (short.status, long.status, short.headers) == (
        200,
        200,
        {**long.headers, "content-length": str(len(short.body))},
    )
    changing = {"age", "ttl"}
    assert {**short.json, **dict.fromkeys(changing)} == {**long.json, **dict.fromkeys(changing)}
    assert short.json["status"] == "hit"


def test_hit__is_counted_on_the_loop() -> None:
    cached = app()
    asked(cached, "POST", "/v1/store", lookup("known", response="y"), headers=JSON)
    for _ in range(3):
        assert asked(cached, "POST", "/v1/lookup", lookup("known"), headers=JSON).json["status"] == "hit"
    stats = asked(cached, "GET", "/v1/stats").json
    assert (stats["hits"], stats["misses"]) == (3, 0)


class Watched(MemoryStore):
    """Notes on which threads it is asked to do what."""

    def __init__(self, local: bool) -> None:
        super().__init__()
        self.local = local
        self.seen: list[tuple[str, bool]] = []

    def _note(self, what: str) -> None:
        self.seen.append((what, threading.current_thread() is threading.main_thread()))

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        self._note("get")
        return super().get(keys)

    def put(self, records: Sequence[Any]) -> None:
        self._note("put")
        super().put(records)

    def acquire(self, key: str, token: str, ttl: float) -> float:
        self._note("acquire")
        return super().acquire(key, token, ttl)


@pytest.mark.parametrize("local", [True, False])
def test_loop__only_reads_and_only_what_is_at_hand(local: bool) -> None:
    store = Watched(local)
    cached = app(store=store)
    asked(cached, "POST", "/v1/store", lookup("known", response="y"), headers=JSON)
    store.seen.clear()
    for body in (lookup("new", lease=True), lookup("known")):
        assert asked(cached, "POST", "/v1/lookup", body, headers=JSON).status == 200
    assert {"get", "put", "acquire"} <= {what for what, _ in store.seen}
    assert {what for what, on_loop in store.seen if on_loop} == ({"get"} if local else set())


def test_loop__asks_no_store_that_kept_it_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "_SLOW", -1.0)
    store = Watched(local=True)
    cached = app(store=store)
    asked(cached, "POST", "/v1/store", lookup("known", response="y"), headers=JSON)
    store.seen.clear()
    for _ in range(3):
        assert asked(cached, "POST", "/v1/lookup", lookup("known"), headers=JSON).json["status"] == "hit"
    assert [on_loop for what, on_loop in store.seen if what == "get"] == [True, False, False]


# -- when all are busy -----


class Hung(MemoryStore):
    """Answers nobody until it is let go."""

    local = False

    def __init__(self) -> None:
        super().__init__()
        self.going = threading.Event()

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        self.going.wait(30)
        return super().get(keys)

    def put(self, records: Sequence[Any]) -> None:
        self.going.wait(30)
        super().put(records)

    def ping(self) -> None:
        self.going.wait(30)


@pytest.fixture
def hung() -> Iterator[Hung]:
    store = Hung()
    yield store
    store.going.set()


def test_healthz__answers_whatever_hangs(hung: Hung) -> None:
    served = app(store=hung)

    async def scenario() -> tuple[list[int], list[int]]:
        calls: list[tuple[str, str, bytes]] = [
            *(("POST", "/v1/lookup", lookup(str(n))) for n in range(40)),
            *(("POST", "/v1/store", lookup(str(n), response="y")) for n in range(40)),
            *(("GET", "/readyz", b"") for _ in range(40)),
        ]
        waiting = [asyncio.create_task(ask(served, *call, headers=JSON)) for call in calls]
        await asyncio.sleep(0.05)
        healthy = [(await ask(served, method, "/healthz")).status for method in ("GET", "HEAD")]
        assert not any(task.done() for task in waiting)
        hung.going.set()
        return healthy, [(await task).status for task in waiting]

    healthy, others = asyncio.run(scenario())
    assert healthy == [200, 200]
    assert set(others) == {200, 201}


def test_healthz__asks_for_no_token_and_no_name() -> None:
    for served in (app(), app(SECURED)):
        answer = asked(served, "GET", "/healthz", headers={"Host": "evil.example"})
        assert (answer.status, answer.json["status"]) == (200, "ok")


ASKED: dict[str, Callable[[str], bytes]] = {
    "/v1/lookup": lookup,
    "/v1/store": lambda prompt: lookup(prompt, response="y"),
    "/v1/store/batch": lambda prompt: msgspec.json.encode({"items": [{"prompt": prompt, "response": "y"}]}),
}


@pytest.mark.parametrize("path", ASKED)
def test_overload__is_said_and_not_waited_for(hung: Hung, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (lanes, threads):
        monkeypatch.setattr(module, "LONGEST_WAIT", 0.05)
    served = app(Config(threads=1, request_log=False), store=hung)

    async def scenario() -> list[Answer]:
        tasks = []
        for group in range(3):  # those of one turn are asked together, on two lanes
            for n in range(8):
                tasks.append(asyncio.create_task(ask(served, "POST", path, ASKED[path](f"{group} {n}"), JSON)))
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        hung.going.set()
        return [await task for task in tasks]

    answers = asyncio.run(scenario())
    refused = [answer for answer in answers if answer.status == 503]
    assert refused
    assert len(refused) < len(answers)
    for answer in refused:
        problem(answer, 503, "overloaded")
        assert answer.headers["retry-after"] == "1"


# -- a life -----


def test_lifespan__what_goes_on_beside_begins_and_ends_with_it() -> None:
    events: list[str] = []

    @contextlib.asynccontextmanager
    async def beside() -> AsyncIterator[None]:
        events.append("begin")
        yield
        events.append("end")

    served = create_asgi(PromptCache(MemoryStore()), Config(), beside)

    async def scenario() -> None:
        messages: asyncio.Queue[Any] = asyncio.Queue()
        told: Callable[[Any], Any] = messages.put

        async def send(message: Any) -> None:
            events.append(message["type"])

        await told({"type": "lifespan.startup"})
        await told({"type": "lifespan.shutdown"})
        await served({"type": "lifespan"}, messages.get, send)

    asyncio.run(scenario())
    assert events == ["begin", "lifespan.startup.complete", "end", "lifespan.shutdown.complete"]
