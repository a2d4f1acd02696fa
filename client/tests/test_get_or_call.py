"""get_or_call: one call, then its answer, whatever the cache does."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, PrivateAttr

from prompt_cache_client import AsyncPromptCache, NotRecorded, PromptCache
from prompt_cache_client.acts import Ask
from prompt_cache_client.operations import Reply

from .conftest import Said, StubServer, problem
from .support import Model

COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-mini",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Paris."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
}


def test_a_repeated_request_is_answered_without_a_call(cache: PromptCache) -> None:
    model = Model()
    assert cache.get_or_call("What is a cache?", model) == model.answer
    assert cache.get_or_call("What is a cache?", model) == model.answer
    assert cache.get_or_call("What else?", model) == model.answer
    assert model.calls == 2


@pytest.mark.parametrize("other", [{"model": "m2"}, {"system": "s"}, {"params": {"t": 1}}, {"namespace": "n"}])
def test_all_that_shapes_the_answer_is_in_the_key(cache: PromptCache, other: Any) -> None:
    model = Model()
    cache.get_or_call("q", model, model="m")
    cache.get_or_call("q", model, **{"model": "m", **other})
    assert model.calls == 2


def test_a_request_may_be_messages_or_a_mapping(cache: PromptCache) -> None:
    model = Model()
    cache.get_or_call("q", model, system="s")
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]
    cache.get_or_call(messages, model)
    cache.get_or_call({"prompt": "q", "system": "s"}, model)
    assert model.calls == 1


def test_latency_and_usage_make_a_hit_worth_something(cache: PromptCache) -> None:
    cache.get_or_call("q", Model(COMPLETION, then=lambda: time.sleep(0.05)), model="gpt-4o-mini")
    saved = cache.lookup("q", model="gpt-4o-mini").saved
    assert saved is not None
    assert (saved.input_tokens, saved.output_tokens, saved.estimated) == (1000, 500, False)
    assert saved.cost_usd == pytest.approx(0.00045)
    assert saved.seconds is not None
    assert 0.05 <= saved.seconds < 5


@pytest.mark.parametrize(
    "usage", [{"input_tokens": 7, "output_tokens": 8}, lambda answer: {"input_tokens": 7, "output_tokens": answer["n"]}]
)
def test_usage_may_be_told(cache: PromptCache, usage: Any) -> None:
    cache.get_or_call("q", Model({"n": 8}), usage=usage)
    saved = cache.lookup("q").saved
    assert saved is not None
    assert (saved.input_tokens, saved.output_tokens) == (7, 8)


def test_what_is_kept_with_an_answer(cache: PromptCache) -> None:
    model = Model()
    for _ in range(2):
        cache.get_or_call("q", model, ttl=60, tags=["geo"], depends_on=["kb"])
    assert model.calls == 1
    assert cache.lookup("q").ttl == pytest.approx(60, abs=5)
    cache.bump("kb")
    cache.get_or_call("q", model, ttl=60, tags=["geo"], depends_on=["kb"])
    assert model.calls == 2
    assert cache.invalidate(tags=["geo"]) == 1


def test_an_answer_made_from_old_data_is_not_stored(cache: PromptCache) -> None:
    model = Model(then=lambda: cache.bump("kb"))
    cache.get_or_call("q", model, depends_on=["kb"])
    assert cache.lookup("q").status == "miss"


def test_nobody_shares_a_mutable_answer(cache: PromptCache) -> None:
    first = cache.get_or_call("q", Model({"list": [1]}))
    first["list"].append("mine")
    second = cache.get_or_call("q", Model())
    second["list"].append("mine too")
    assert cache.get_or_call("q", Model()) == {"list": [1]}


# -- types -----


class City(BaseModel):
    name: str
    people: int
    twins: tuple[str, ...] = ()


def city() -> City:
    return City(name="Paris", people=2, twins=("Rome",))


async def async_city() -> City:
    return city()


def test_a_model_comes_back_as_what_it_was(cache: PromptCache) -> None:
    missed, hit = cache.get_or_call("q", city), cache.get_or_call("q", city)
    assert type(hit) is City
    assert hit == missed
    assert hit is not missed
    assert cache.lookup("q").status == "hit"


def test_a_providers_own_answer_comes_back_as_what_it_was(cache: PromptCache) -> None:
    completion = ChatCompletion.model_validate(COMPLETION)
    model = Model(completion)
    for _ in range(2):
        answer = cache.get_or_call("q", model, returns=ChatCompletion, model="gpt-4o-mini")
        assert type(answer) is ChatCompletion
        assert answer == completion
    assert model.calls == 1
    assert cache.lookup("q", model="gpt-4o-mini").response == completion.model_dump(mode="json", by_alias=True)


@pytest.mark.parametrize(
    "answer",
    [(1, 2), {1: "a"}, {"a": (1,)}, {"a": float("nan")}, object(), City(name="x", people=1), b"bytes", {"a": {1, 2}}],
    ids=str,
)
def test_what_would_not_come_back_is_not_cached(
    cache: PromptCache, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    model = Model(answer)
    for _ in range(3):
        assert cache.get_or_call("q", model) is answer
    assert model.calls == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "not cached" in caplog.text
    assert "returns=" in caplog.text
    assert cache.lookup("q", lease=1).status == "miss"  # and no lease is left behind


class Lossy(BaseModel):
    model_config = {"arbitrary_types_allowed": True}
    seen: Any = None


def test_a_model_that_loses_something_is_not_cached(cache: PromptCache) -> None:
    model = Model(Lossy(seen=(1, 2)))
    for _ in range(2):
        assert cache.get_or_call("q", model, returns=Lossy).seen == (1, 2)
    assert model.calls == 2


class Noted(BaseModel):
    x: int = 1
    _note: str = PrivateAttr(default="")


def test_a_model_that_would_lose_a_private_attribute_is_not_cached(cache: PromptCache) -> None:
    noted, plain = Noted(), Noted()
    noted._note = "mine"
    for _ in range(2):
        assert cache.get_or_call("q", Model(noted), returns=Noted)._note == "mine"
    assert cache.get_or_call("r", Model(plain), returns=Noted) == cache.get_or_call("r", Model(noted), returns=Noted)


def test_the_id_of_a_providers_request_is_no_part_of_its_answer(cache: PromptCache) -> None:
    completion = ChatCompletion.model_validate(COMPLETION)
    completion._request_id = "req_1"  # as the SDK notes it on every answer
    model = Model(completion)
    for _ in range(2):
        assert cache.get_or_call("q", model, returns=ChatCompletion) == completion
    assert model.calls == 1


def test_an_answer_of_another_type_is_asked_anew(cache: PromptCache) -> None:
    cache.get_or_call("q", Model({"something": "else"}))
    assert cache.get_or_call("q", city) == city()
    assert cache.get_or_call("q", Model(AssertionError()), returns=City) == city()

    def text() -> str:
        return "text"

    assert cache.get_or_call("q", text) == "text"


def test_a_number_may_be_whole_where_any_number_is_said(cache: PromptCache) -> None:
    calls = []

    def number() -> float:
        calls.append(1)
        return 1

    assert [cache.get_or_call("q", number) for _ in range(2)] == [1, 1]
    assert len(calls) == 1


def test_an_answer_nested_too_deeply_is_answered_all_the_same(cache: PromptCache) -> None:
    for depth in (300, 600, 2000):
        deep: list[Any] = []
        for _ in range(depth):
            deep = [deep]
        assert cache.get_or_call(f"q{depth}", Model(deep)) is deep

        @cache.cached()
        def stream(prompt: str, deep: Any = deep) -> Iterator[Any]:  # noqa: ARG001
            yield deep

        assert next(stream(f"q{depth}")) is deep


class Uncomparable:
    def __eq__(self, _: object) -> bool:
        raise ValueError("which?")

    __hash__ = None  # type: ignore[assignment]


def test_a_model_that_cannot_be_compared_is_answered_all_the_same(cache: PromptCache) -> None:
    for answer in (Lossy(seen=Uncomparable()), Lossy(seen={"a": {1}})):
        model = Model(answer)
        for _ in range(2):
            assert cache.get_or_call("q", model, returns=Lossy) is answer
        assert model.calls == 2


# -- when the call fails -----


def test_what_the_call_raises_is_raised_and_others_may_ask(cache: PromptCache) -> None:
    with pytest.raises(ValueError, match="mine"):
        cache.get_or_call("q", Model(ValueError("mine")))
    began = time.monotonic()
    assert cache.get_or_call("q", Model("fine")) == "fine"
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("left", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_an_interrupted_call_gives_its_lease_back(cache: PromptCache, left: type[BaseException]) -> None:
    with pytest.raises(left):
        cache.get_or_call("q", Model(left()))
    assert cache.lookup("q", lease=1).lease


def test_a_stale_answer_is_served_when_the_call_fails() -> None:
    with PromptCache("memory://", settings={"defaults": {"keep_stale": "1h"}}) as cache:
        cache.get_or_call("q", Model("old"), ttl=0.01)
        time.sleep(0.05)
        assert cache.get_or_call("q", Model(ValueError()), max_stale="1h") == "old"
        with pytest.raises(ValueError):
            cache.get_or_call("q", Model(ValueError()))
        with pytest.raises(KeyboardInterrupt):
            cache.get_or_call("q", Model(KeyboardInterrupt()), max_stale="1h")
        assert cache.get_or_call("q", Model("new"), max_stale="1h") == "new"
        assert cache.get_or_call("q", Model()) == "new"


def test_a_stale_answer_is_served_while_somebody_asks_anew() -> None:
    with PromptCache("memory://", settings={"defaults": {"keep_stale": "1h"}}) as cache:
        cache.get_or_call("q", Model("old"), ttl=0.01)
        time.sleep(0.05)
        assert cache.lookup("q", max_stale="1h", lease=60).lease
        assert cache.get_or_call("q", Model(AssertionError()), max_stale="1h") == "old"


# -- one at a time -----


@contextmanager
def threads(count: int, work: Any) -> Iterator[list[Any]]:
    found: list[Any] = []
    started = [threading.Thread(target=lambda: found.append(work())) for _ in range(count)]
    for thread in started:
        thread.start()
    yield found
    for thread in started:
        thread.join()


def test_threads_that_ask_the_same_make_one_call(cache: PromptCache) -> None:
    model = Model(then=lambda: time.sleep(0.2))
    with threads(16, lambda: cache.get_or_call("q", model)) as found:
        pass
    assert found == [model.answer] * 16
    assert model.calls == 1


async def test_tasks_that_ask_the_same_make_one_call(cache: PromptCache) -> None:
    calls = 0

    async def call() -> str:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.2)
        return "one"

    client = cache.as_async()
    assert await asyncio.gather(*(client.get_or_call("q", call) for _ in range(16))) == ["one"] * 16
    assert calls == 1


async def test_a_hit_does_not_wait_for_threads_that_wait_for_models(cache: PromptCache) -> None:
    client, ended = cache.as_async(), threading.Event()
    cache.store("kept", request="q")
    busy = [asyncio.create_task(asyncio.to_thread(ended.wait, 10)) for _ in range(64)]
    try:
        await asyncio.sleep(0.05)
        outcome = await asyncio.wait_for(client.lookup("q"), 5)
        assert outcome.response == "kept"
    finally:
        ended.set()
        await asyncio.gather(*busy)


async def test_a_cancelled_task_gives_its_lease_back(cache: PromptCache) -> None:
    client, began = cache.as_async(), asyncio.Event()

    async def call() -> None:
        began.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(client.get_or_call("q", call))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await client.lookup("q", lease=1)).lease


@pytest.mark.parametrize("way", ["embedded", "http"])
async def test_who_is_cancelled_while_the_cache_grants_a_lease_does_not_keep_it(
    way: str, cache: PromptCache, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    sent = cache._transport.send

    def slow(ask: Ask) -> Reply:
        reply = sent(ask)
        if ask.route == "/v1/lookup" and not asked.is_set():
            asked.set()
            time.sleep(0.3)
        return reply

    monkeypatch.setattr(cache._transport, "send", slow)

    def says(path: str, body: Any) -> tuple[int, bytes]:
        reply = slow(Ask("POST", path, json.dumps(body).encode()))
        return reply.status, reply.body

    stub.says = says
    client = cache.as_async() if way == "embedded" else AsyncPromptCache(stub.url)
    task = asyncio.create_task(client.get_or_call("q", Model()))
    while not asked.is_set():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 0.2)
    await asyncio.sleep(0.6)
    assert cache.lookup("q", lease=1).lease


def test_when_the_one_that_asks_fails_the_next_one_asks(cache: PromptCache) -> None:
    answers = iter([ValueError(), "fine"])

    def call() -> Any:
        time.sleep(0.1)
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def work() -> Any:
        try:
            return cache.get_or_call("q", call)
        except ValueError:
            return "failed"

    with threads(5, work) as found:
        pass
    assert sorted(found) == ["failed", *["fine"] * 4]


@pytest.mark.parametrize("answer", [(1, 2), {"text": ""}, {"text": "cut", "finish_reason": "length"}], ids=repr)
def test_callers_of_what_is_not_kept_do_not_queue(cache: PromptCache, answer: Any) -> None:
    model = Model(answer, then=lambda: time.sleep(0.3))
    began = time.monotonic()
    with threads(12, lambda: cache.get_or_call("q", model)) as found:
        pass
    assert found == [answer] * 12
    assert time.monotonic() - began < 2


def test_who_was_killed_keeps_nobody_waiting_for_longer_than_a_lease(cache: PromptCache) -> None:
    assert cache.lookup("q", lease=0.3).lease  # and never heard of again
    began = time.monotonic()
    assert cache.get_or_call("q", Model("fine")) == "fine"
    assert 0.2 < time.monotonic() - began < 2


def test_nobody_waits_for_ever(cache: PromptCache) -> None:
    assert cache.lookup("q", lease=3600).lease
    began = time.monotonic()
    assert cache.get_or_call("q", Model("fine"), lease=0.2) == "fine"
    assert 0.3 < time.monotonic() - began < 3
    assert cache.lookup("q").response == "fine"


# -- whatever the cache does wrong -----


def stored(_path: str, _body: Any) -> Said:
    return 201, {"key": "k", "stored": True}


MISS = {"status": "miss", "key": "k", "ticket": "default:0:x", "lease": "default:0:x"}
WRONG: dict[str, Any] = {
    "a 500": lambda _path, _body: problem(500, "internal-error"),
    "a 503": lambda _path, _body: problem(503, "store-unavailable"),
    "a 401": lambda _path, _body: problem(401, "unauthorized"),
    "a 403": lambda _path, _body: problem(403, "forbidden"),
    "a 400": lambda _path, _body: problem(400, "invalid-request"),
    "a 413": lambda _path, _body: problem(413, "too-large"),
    "a redirect": lambda _path, _body: (302, {}),
    "garbage": lambda _path, _body: (200, b"<html>"),
    "no object": lambda _path, _body: (200, [1]),
    "no outcome": lambda _path, _body: (200, {"hello": "world"}),
    "another status": lambda _path, _body: (200, {"status": "maybe", "key": "k"}),
    "a hit without an answer": lambda _path, _body: (200, {"status": "hit", "key": "k"}),
    "always pending": lambda _path, _body: (200, {"status": "pending", "key": "k", "retry_after": 0}),
    "pending for what is no time": lambda _path, _body: (200, {"status": "pending", "key": "k", "retry_after": "soon"}),
    "a lease that is none": lambda _path, _body: (200, {**MISS, "lease": 5}),
    "savings that are none": lambda _path, _body: (200, {**MISS, "saved": 5}),
    "a cassette after the call": lambda path, _body: (
        (200, MISS) if path == "/v1/lookup" else problem(424, "not-recorded")
    ),
    "somebody else's 404": lambda _path, _body: (404, {"detail": "no such page"}),
    "no HTTP": lambda _path, _body: b"SSH-2.0-OpenSSH\r\n",
    "a cut body": lambda _path, _body: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "a hang-up": lambda _path, _body: b"",
    "a store that fails": lambda path, _body: (200, MISS) if path == "/v1/lookup" else problem(500, "internal-error"),
    "a store that refuses": lambda path, _body: (200, MISS) if path == "/v1/lookup" else problem(404, "unknown-key"),
    "not stored": lambda path, _body: (200, MISS) if path == "/v1/lookup" else (200, {"key": "k", "stored": False}),
}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda name: name)
@pytest.mark.parametrize("kind", ["blocking", "async"])
def test_the_call_is_made_whatever_the_cache_does(
    stub: StubServer, wrong: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    stub.says = WRONG[wrong]
    model = Model()
    secret, prompt = "token-0123456789", "the prompt"
    for _ in range(3):
        if kind == "blocking":
            with PromptCache(stub.url, token=secret) as cache:
                assert cache.get_or_call(prompt, model, lease=0.1) is model.answer
        else:

            async def ask() -> Any:
                async with AsyncPromptCache(stub.url, token=secret) as client:
                    return await client.get_or_call(prompt, model, lease=0.1)

            assert asyncio.run(ask()) is model.answer
    assert model.calls == 3
    assert stub.asked
    said = " ".join(record.getMessage() for record in caplog.records if record.name == "prompt_cache_client")
    assert secret not in said
    assert prompt not in said


def test_a_cache_that_is_away_is_told_once_and_left_alone(stub: StubServer, caplog: pytest.LogCaptureFixture) -> None:
    stub.says = WRONG["a 503"]
    with PromptCache(stub.url) as cache, caplog.at_level(logging.WARNING, "prompt_cache_client"):
        for _ in range(5):
            cache.get_or_call("q", Model())
    assert len(stub.asked) == 1
    assert [record.levelname for record in caplog.records if record.name == "prompt_cache_client"] == ["WARNING"]


def test_a_black_hole_costs_one_timeout() -> None:
    import socket

    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(50)
        url = f"http://127.0.0.1:{hole.getsockname()[1]}"
        with PromptCache(url, timeout=0.3) as cache:
            began = time.monotonic()
            for _ in range(5):
                assert cache.get_or_call("q", Model("fine")) == "fine"
            assert time.monotonic() - began < 1
            assert asyncio.run(cache.as_async().get_or_call("q", Model("fine"))) == "fine"
        assert time.monotonic() - began < 1


def test_an_answer_that_drips_is_too_slow(stub: StubServer) -> None:
    def drip(_path: str, _body: Any) -> bytes:
        time.sleep(0.2)
        return b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + b"x" * 10

    stub.says = drip
    with PromptCache(stub.url, timeout=0.1) as cache:
        began = time.monotonic()
        assert cache.get_or_call("q", Model("fine")) == "fine"
        assert time.monotonic() - began < 0.6


def test_what_is_not_on_a_cassette_is_an_error(stub: StubServer) -> None:
    stub.says = lambda _path, _body: problem(424, "not-recorded", "nearest is line 3: `model` differs")
    model = Model()
    with PromptCache(stub.url) as cache, pytest.raises(NotRecorded, match="line 3"):
        cache.get_or_call("q", model)
    assert model.calls == 0


def test_a_readers_token_has_hits_without_leases(stub: StubServer) -> None:
    def reader(path: str, body: Any) -> Said:
        if path != "/v1/lookup" or body.get("lease"):
            return problem(403, "forbidden")
        return 200, {"status": "hit", "key": "k", "response": "kept"}

    stub.says = reader
    model = Model()
    with PromptCache(stub.url) as cache:
        assert [cache.get_or_call("q", model) for _ in range(3)] == ["kept"] * 3
    assert model.calls == 0
    assert len(stub.asked) == 4


def test_a_request_that_is_none_is_called_all_the_same(cache: PromptCache, caplog: pytest.LogCaptureFixture) -> None:
    requests: list[Any] = ["", [], {"prompt": object()}, 5, {"prompt": "x", "nonsense": 1}, "\ud83d"]
    for request in requests:
        assert cache.get_or_call(request, Model("fine")) == "fine"
    assert "refuses" in caplog.text


def test_a_mistaken_option_is_the_callers_to_mend(cache: PromptCache) -> None:
    with pytest.raises(TypeError, match="ttll"):
        cache.get_or_call("q", Model(), ttll=5)  # type: ignore[call-arg]


def test_a_token_goes_along(stub: StubServer) -> None:
    stub.says = lambda path, _body: (200, MISS) if path == "/v1/lookup" else stored(path, None)
    with PromptCache(stub.url, token="t") as cache:
        cache.get_or_call("q", Model())
    assert {headers["Authorization"] for headers in stub.headers} == {"Bearer t"}
    assert stub.paths() == ["/v1/lookup", "/v1/store"]
    kept = stub.asked[1][2]
    assert (kept["key"], kept["ticket"], kept["lease"]) == ("k", MISS["ticket"], MISS["lease"])
