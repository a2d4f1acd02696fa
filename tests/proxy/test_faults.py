"""The store goes away, or a process does, while calls pass through the proxy."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from stack import Sidecar
from stack.redis import Redis

from .calls import CHAT, KEY, KINDS, Caller, fate, question
from .conftest import settings
from .upstream import Upstream


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path) as redis:
        yield redis


@pytest.fixture
def sidecars(tmp_path: Path, redis: Redis, upstream: Upstream) -> Iterator[list[Sidecar]]:
    """Two, on one Redis, by the default settings of a store."""
    env = {**settings(upstream), "PROMPT_CACHE_STORE": redis.url}
    with Sidecar(tmp_path / "a", env=env) as first, Sidecar(tmp_path / "b", env=env) as second:
        yield [first, second]


def ask(sidecar: Sidecar, asked: str, *, stream: bool = False) -> requests.Response:
    caller = Caller(sidecar.url)
    try:
        return caller.ask(asked, stream=stream)
    finally:
        caller.close()


def test_two_sidecars_ask_once(sidecars: list[Sidecar], upstream: Upstream) -> None:
    upstream.delay = 1.0
    asked = question()
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda at: ask(sidecars[at % 2], asked, stream=at % 3 == 0), range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert upstream.calls == 1
    assert len({answer.json()["id"] for at, answer in enumerate(answers) if at % 3}) == 1


@pytest.mark.usefixtures("upstream")
@pytest.mark.parametrize("breaks", [Redis.pause, Redis.kill], ids=["hangs", "is gone"])
def test_without_its_store_calls_go_through_and_say_so(
    sidecars: list[Sidecar], redis: Redis, breaks: Callable[[Redis], None]
) -> None:
    known = question()
    ask(sidecars[0], known)
    breaks(redis)
    for kind in KINDS[:4]:
        for stream in (False, True):
            caller = Caller(sidecars[0].url)
            began = time.monotonic()
            answer = caller.ask(question(), kind, stream=stream)
            assert time.monotonic() - began < 4
            assert answer.status_code == 200
            assert answer.headers["Cache-Status"] == "prompt-cache; fwd=bypass; detail=store-unavailable"
            caller.close()
    began = time.monotonic()
    vectors = requests.post(
        f"{sidecars[0].url}/openai/v1/embeddings", json={"model": "e", "input": ["a", "b"]}, timeout=10
    )
    assert time.monotonic() - began < 4
    assert (vectors.status_code, fate(vectors)) == (200, "fwd=bypass")
    with ThreadPoolExecutor(30) as pool:
        began = time.monotonic()
        assert {answer.status_code for answer in pool.map(lambda _: ask(sidecars[1], known), range(30))} == {200}
        assert time.monotonic() - began < 6
    redis.resume() if breaks is Redis.pause else redis.start()
    end = time.monotonic() + 20
    while fate(ask(sidecars[0], known)) == "fwd=bypass":
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_store_that_hangs_in_the_middle_keeps_no_answer_waiting(
    sidecars: list[Sidecar], redis: Redis, upstream: Upstream
) -> None:
    upstream.delay = 1.0
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask, sidecars[0], question())
        time.sleep(0.5)
        redis.pause()
        began = time.monotonic()
        assert asking.result().status_code == 200
        assert time.monotonic() - began < 3
    redis.resume()


@pytest.mark.usefixtures("upstream")
def test_a_full_store_hurts_nobody(sidecars: list[Sidecar], redis: Redis) -> None:
    known = question()
    ask(sidecars[0], known)
    redis.cli("config", "set", "maxmemory", "1")
    for _ in range(2):
        answer = ask(sidecars[0], question())
        assert answer.status_code == 200
    assert fate(ask(sidecars[1], known)) == "hit"
    redis.cli("config", "set", "maxmemory", "0")


def test_a_stream_is_told_to_its_end_while_the_server_stops(tmp_path: Path, upstream: Upstream) -> None:
    upstream.delay = 2.0
    with (
        Sidecar(tmp_path, env=settings(upstream)) as sidecar,
        requests.post(
            sidecar.url + CHAT.path,
            json=CHAT.body(question(), stream=True),
            headers={"Authorization": f"Bearer {KEY}"},
            stream=True,
            timeout=20,
        ) as response,
    ):
        lines = response.iter_lines()
        first = next(lines)
        with ThreadPoolExecutor(1) as pool:
            stopping = pool.submit(sidecar.stop)
            rest = list(lines)
            stopping.result()
    assert first.startswith(b"data: ")
    assert b"data: [DONE]" in rest


def test_fifty_slow_calls_keep_no_hit_waiting(caller: Caller, server: Sidecar, upstream: Upstream) -> None:
    known = question()
    caller.ask(known)
    caller.ask(known)
    upstream.delay = 2.0
    with ThreadPoolExecutor(50) as pool:
        slow = [pool.submit(ask, server, question()) for _ in range(50)]
        time.sleep(0.7)
        waited = []
        for _ in range(50):
            began = time.monotonic()
            assert fate(caller.ask(known)) == "hit"
            waited.append(time.monotonic() - began)
        assert not all(each.done() for each in slow)
        assert {each.result().status_code for each in slow} == {200}
    assert sorted(waited)[45] < 0.2
