"""PostgreSQL killed, frozen and started again while it is being used."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import pytest
import requests

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.filters import EntryFilter
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.stores import StoreUnavailable, open_store
from stack.postgres import Postgres
from stack.processes import free_port
from stack.sidecar import Sidecar

TIMEOUT = 1.0
SLACK = 1.5
"""Seconds that a busy machine may add."""
THREADS = 8


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    # What was committed survives the server's death; only the machine's would lose it.
    with Postgres(tmp_path, settings=("fsync=off", "full_page_writes=off")) as server:
        yield server


@pytest.fixture
def cache(server: Postgres) -> Iterator[PromptCache]:
    cache = PromptCache(open_store(server.url, timeout=TIMEOUT))
    yield cache
    cache.close()


class Load:
    """Threads that look up, store and invalidate without end, and know what each answer may be."""

    def __init__(self, cache: PromptCache) -> None:
        self.answered = [0] * THREADS
        self.unavailable = [0] * THREADS
        self.wrong: list[str] = []
        self.slowest = 0.0
        self._cache = cache
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._use, args=(number,)) for number in range(THREADS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait(self, counts: list[int], more: int, within: float) -> None:
        """Until every thread has counted so many more."""
        enough = [count + more for count in counts]
        deadline = time.monotonic() + within
        while any(count < goal for count, goal in zip(counts, enough, strict=True)):
            assert time.monotonic() < deadline, f"{counts} has not reached {enough}; wrong: {self.wrong}"
            time.sleep(0.01)

    def _use(self, number: int) -> None:
        random = Random(number)
        possible: dict[str, set[int | None]] = {f"{number}/{n}": {None} for n in range(3)}
        turn = 0
        while not self._stop.is_set():
            turn += 1
            prompt = random.choice(list(possible))
            began = time.monotonic()
            try:
                self._step(prompt, turn, possible)
                self.answered[number] += 1
            except StoreUnavailable:
                self.unavailable[number] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)

    def _step(self, prompt: str, turn: int, possible: dict[str, set[int | None]]) -> None:
        request = Request(prompt=prompt)
        if turn % 3:
            outcome = self._cache.lookup(Lookup(request=request))
            seen = None if outcome.status == "miss" else _turn(outcome.response, prompt)
            if seen not in possible[prompt]:
                self.wrong.append(f"{prompt}: {seen} is none of {possible[prompt]}")
            possible[prompt] = {seen}
            return
        after: int | None = None if turn % 2 else turn
        possible[prompt] |= {after}  # a change that is not confirmed may have come to pass
        if after is None:
            self._cache.invalidate(EntryFilter(key=self._cache.key_of(request)))
        else:
            response = json.dumps({"prompt": prompt, "turn": turn}).encode()
            assert self._cache.store(NewEntry(request=request, response=response)).stored
        possible[prompt] = {after}


def _turn(response: object, prompt: str) -> int:
    answer = json.loads(bytes(response))  # type: ignore[call-overload]
    return int(answer["turn"]) if answer["prompt"] == prompt else -1


def _kill_and_restart(server: Postgres, away: Callable[[], None]) -> None:
    server.kill()
    away()
    server.start()


def _restart(server: Postgres, away: Callable[[], None]) -> None:
    server.stop()
    away()
    server.start()


def _freeze_and_thaw(server: Postgres, away: Callable[[], None]) -> None:
    server.pause()
    away()
    server.resume()


@pytest.mark.parametrize("hurt", [_kill_and_restart, _restart, _freeze_and_thaw])
def test_it_says_so_in_time_and_recovers_by_itself(
    server: Postgres, cache: PromptCache, hurt: Callable[[Postgres, Callable[[], None]], None]
) -> None:
    with Load(cache) as load:
        load.wait(load.answered, 20, within=30)
        hurt(server, lambda: load.wait(load.unavailable, 2, within=20))
        load.wait(load.answered, 20, within=10)
    assert load.wrong == []
    assert load.slowest < TIMEOUT + SLACK


def test_what_was_stored_is_there_after_a_crash(server: Postgres, cache: PromptCache) -> None:
    prompts = [f"question {n}" for n in range(50)]
    for prompt in prompts:
        assert cache.store(NewEntry(request=Request(prompt=prompt), response=b'"answer"')).stored
    cache.bump("default", ["kb"])
    server.kill()
    server.start()
    outcomes = cache.lookup_many([Lookup(request=Request(prompt=prompt)) for prompt in prompts])
    assert {outcome.status for outcome in outcomes} == {"hit"}
    assert cache.bump("default", ["kb"]) == {"kb": 2}


def test_a_server_that_comes_later_is_used_when_it_comes(tmp_path: Path) -> None:
    port = free_port()
    cache = PromptCache(open_store(f"postgresql://postgres@127.0.0.1:{port}/postgres", timeout=TIMEOUT))
    with pytest.raises(StoreUnavailable):
        cache.lookup(Lookup(request=Request(prompt="one")))
    with Postgres(tmp_path, port=port):
        assert cache.lookup(Lookup(request=Request(prompt="one"))).status == "miss"
        cache.close()


def test_two_processes_see_each_others_changes_at_once(server: Postgres, cache: PromptCache) -> None:
    with _other_process(server.url) as other:
        for n in range(10):
            request = Request(prompt=f"question {n}")
            other.send(("put", request.prompt, ["kb"] if n % 2 else []))
            assert other.recv()
            assert cache.lookup(Lookup(request=request)).status == "hit"
            if n % 2:
                cache.bump("default", ["kb"])
            else:
                assert cache.invalidate(EntryFilter(key=cache.key_of(request))) == 1
            other.send(("lookup", request.prompt, []))
            assert other.recv() == "miss"


def test_over_http_it_is_503_with_retry_after(server: Postgres, tmp_path: Path) -> None:
    settings = {"PROMPT_CACHE_STORE": server.url, "PROMPT_CACHE_STORE_TIMEOUT": str(TIMEOUT)}
    with Sidecar(tmp_path, env=settings) as sidecar:
        stored = {"prompt": "one", "response": {"answer": 1}}
        assert _post(sidecar, "/v1/store", stored).status_code == 201
        assert _post(sidecar, "/v1/lookup", {"prompt": "one"}).json()["status"] == "hit"
        for stop, start in ((server.kill, server.start), (server.pause, server.resume)):
            stop()
            for path, body in (
                ("/v1/lookup", {"prompt": "one"}),
                ("/v1/store", stored),
                ("/v1/lookup", {"prompt": "x"}),
            ):
                began = time.monotonic()
                answer = _post(sidecar, path, body)
                assert answer.status_code == 503
                assert int(answer.headers["Retry-After"]) >= 1
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert time.monotonic() - began < TIMEOUT + SLACK
            assert requests.get(f"{sidecar.url}/readyz", timeout=10).status_code == 503
            assert requests.get(f"{sidecar.url}/healthz", timeout=10).status_code == 200
            start()
            _wait_for_a_hit(sidecar, {"prompt": "one"})


def _wait_for_a_hit(sidecar: Sidecar, asked: object) -> None:
    """Each worker finds out by itself that the server is back."""
    deadline = time.monotonic() + 30
    while (answer := _post(sidecar, "/v1/lookup", asked)).status_code == 503:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert answer.json()["status"] == "hit"


def _post(sidecar: Sidecar, path: str, body: object) -> requests.Response:
    return requests.post(f"{sidecar.url}{path}", json=body, timeout=30)


@contextmanager
def _other_process(url: str) -> Iterator[Connection]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_obey, args=(url, theirs))
    process.start()
    try:
        yield ours
    finally:
        ours.send(None)
        process.join(20)
        process.kill()


def _obey(url: str, orders: Connection) -> None:
    cache = PromptCache(open_store(url, timeout=10.0))
    while (order := orders.recv()) is not None:
        what, prompt, depends_on = order
        request = Request(prompt=prompt)
        if what == "put":
            orders.send(cache.store(NewEntry(request=request, response=b'"answer"', depends_on=depends_on)).stored)
        else:
            orders.send(cache.lookup(Lookup(request=request)).status)
    cache.close()
