"""Two workers on one store: one truth, one lease, and nobody dropped when a worker or the whole service ends."""

import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from sidecar.tests.support import ANSWER
from stack import Sidecar

from .client import Api, until

ENV = {"PROMPT_CACHE_STORE": "sqlite:///cache.db", "PROMPT_CACHE_WORKERS": "2"}


def each_alone(url: str, token: str | None, count: int, action: Callable[[Api], object]) -> list[object]:
    """What `count` callers get, each on a connection of its own, all at once."""
    start = threading.Barrier(count)

    def act(_: int) -> object:
        caller = Api(url, token)
        start.wait()
        try:
            return action(caller)
        finally:
            caller.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(act, range(count)))


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def has_open(pid: int, name: str) -> bool:
    try:
        return any(file.readlink().name == name for file in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # closed, or ended, meanwhile
        return False


def test_workers__see_each_others_stores_at_once(server: Sidecar, api: Api) -> None:
    for _ in range(10):
        key, asked = api.fill()
        seen = each_alone(server.url, "admin-token", 8, lambda caller, asked=asked: caller.ok("/v1/lookup", asked))  # type: ignore[misc]
        assert [(outcome["status"], outcome["key"]) for outcome in seen] == [("hit", key)] * 8  # type: ignore[index]


def test_workers__see_each_others_deletions_and_bumps_at_once(server: Sidecar, api: Api) -> None:
    asked = {"prompt": f"kb {uuid4()}", "namespace": "both"}
    for path, body in (("/v1/bump", {"namespace": "both", "names": ["kb"]}), ("/v1/flush", {"namespace": "both"})):
        api.ok("/v1/store", {**asked, "response": "x", "depends_on": ["kb"]}, 201)
        api.ok(path, body)
        seen = each_alone(server.url, "admin-token", 8, lambda caller: caller.ok("/v1/lookup", asked)["status"])
        assert seen == ["miss"] * 8


def test_workers__of_fifty_that_ask_at_once_one_gets_the_lease(server: Sidecar, api: Api) -> None:
    asked = {"prompt": f"popular {uuid4()}", "lease": "30s"}
    outcomes = each_alone(server.url, "admin-token", 50, lambda caller: caller.ok("/v1/lookup", asked))
    winners = [outcome for outcome in outcomes if outcome["status"] == "miss"]  # type: ignore[index]
    waiting = [outcome for outcome in outcomes if outcome["status"] == "pending"]  # type: ignore[index]
    assert (len(winners), len(waiting)) == (1, 49)
    winner = winners[0]
    assert winner["lease"]  # type: ignore[index]
    api.ok("/v1/store", {"key": winner["key"], "response": "x", "lease": winner["lease"]}, 201)  # type: ignore[index]
    assert api.ok("/v1/lookup", asked)["status"] == "hit"


def test_workers__statistics_are_whole_within_seconds(server: Sidecar, api: Api) -> None:
    namespace = f"n-{uuid4().hex[:8]}"
    asked = {"prompt": "Hi", "namespace": namespace}
    key = api.ok("/v1/lookup", asked)["key"]
    api.ok("/v1/store", {"key": key, "response": ANSWER, "cost_usd": 0.5, "latency": 2}, 201)
    each_alone(server.url, "admin-token", 20, lambda caller: caller.ok("/v1/lookup", asked))

    def whole() -> bool:
        stats = api.get("/v1/stats", namespace=namespace).json()
        saved = stats["saved"]
        return bool(
            (stats["lookups"], stats["hits"], stats["misses"], stats["stored"]) == (21, 20, 1, 1)
            and stats["hit_rate"] == pytest.approx(20 / 21)
            and (saved["cost_usd"], saved["seconds"], saved["input_tokens"]) == (10.0, 40, 20_000)
        )

    assert until(whole, 3)


def test_workers__what_is_missed_is_counted_once_within_seconds(server: Sidecar, api: Api) -> None:
    namespace = f"n-{uuid4().hex[:8]}"
    asked = {"prompt": "Again and again", "namespace": namespace}
    each_alone(server.url, "admin-token", 20, lambda caller: caller.ok("/v1/lookup", asked))

    def times() -> list[int]:
        return [item["times"] for item in api.get("/v1/misses", namespace=namespace).json()["items"]]

    assert until(lambda: times() == [20], 4), times()
    api.ok("/v1/flush", {"namespace": namespace})
    assert times() == []


# -- ends -----


class Load:
    """Callers that look up, over and over, until they are told to stop."""

    def __init__(self, url: str, count: int = 4) -> None:
        self.statuses: list[int] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(url,)) for _ in range(count)]

    def _run(self, url: str) -> None:
        while not self._stop.is_set():
            try:
                response = requests.post(f"{url}/v1/lookup", json={"prompt": "known"}, timeout=10)
                self.statuses.append(response.status_code)
            except requests.RequestException:
                self._stop.wait(0.01)

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_sigterm__under_load_finishes_what_is_in_flight_and_keeps_the_sums(folder: Path) -> None:
    sidecar = Sidecar(folder, env=ENV)
    body = b'{"prompt":"known"}'
    head = (
        "POST /v1/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with sidecar:
        api = Api(sidecar.url)
        api.ok("/v1/store", {"prompt": "known", "response": "the answer"}, 201)
        with Load(sidecar.url) as load, socket.create_connection(("127.0.0.1", sidecar.port), timeout=20) as client:
            assert until(lambda: len(load.statuses) > 50, 20)
            client.sendall(head.encode())
            assert client.recv(1000).startswith(b"HTTP/1.1 100 ")  # a worker waits for the body
            os.kill(sidecar.pid, signal.SIGTERM)
            assert until(lambda: len(children(sidecar.pid)) == 1, 20)  # the other one is gone already
            client.sendall(body)
            answer = b""
            while part := client.recv(65536):
                answer += part
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b'"response":"the answer"' in answer
            assert sidecar.wait() == 0
    assert set(load.statuses) == {200}
    with sidecar:
        stats = api.get("/v1/stats").json()
        api.close()
    assert stats["hits"] >= len(load.statuses) + 1


def test_sigterm__while_a_worker_starts_is_not_waited_for(folder: Path) -> None:
    with Sidecar(folder, env=ENV) as sidecar:
        assert until(lambda: len(children(sidecar.pid)) == 2, 20)
        before = children(sidecar.pid)
        os.kill(before[0], signal.SIGKILL)
        assert until(lambda: any(has_open(child, "cache.db") for child in set(children(sidecar.pid)) - set(before)), 20)
        os.kill(sidecar.pid, signal.SIGTERM)
        started = time.monotonic()
        assert sidecar.wait() == 0
        assert time.monotonic() - started < 15  # one that does not hear it is killed after 20


def test_sigkill__of_a_worker_does_not_end_the_service(folder: Path) -> None:
    with Sidecar(folder, env=ENV) as sidecar:
        api = Api(sidecar.url)
        _, asked = api.fill()
        before = children(sidecar.pid)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        assert until(lambda: len(set(children(sidecar.pid)) - {before[0]}) == 2, 20)
        seen = each_alone(sidecar.url, None, 8, lambda caller: caller.ok("/v1/lookup", asked)["status"])
        api.close()
        assert seen == ["hit"] * 8


def test_serve__refuses_a_taken_port_with_one_sentence(server: Sidecar, folder: Path) -> None:
    second = Sidecar(folder, port=server.port, env=ENV).launch()
    assert second.wait() == 2
    assert second.log.read_text() == (
        f"prompt-cache: listen: 127.0.0.1:{server.port} is taken by another program; "
        "stop it, or set PROMPT_CACHE_LISTEN to another port\n"
    )


def test_serve__memory_is_served_by_one_worker(folder: Path) -> None:
    with Sidecar(folder, env={**ENV, "PROMPT_CACHE_STORE": "memory://"}) as sidecar:
        assert len(children(sidecar.pid)) == 1
        assert "this store lives in one process, so one worker serves it" in sidecar.log.read_text()


def test_workers__end_when_there_is_nobody_left_to_start_others(folder: Path) -> None:
    with Sidecar(folder, env=ENV) as sidecar:
        workers = children(sidecar.pid)
        os.kill(sidecar.pid, signal.SIGKILL)
        assert workers
        assert until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 25)


def test_workers__take_as_many_connections_as_the_system_grants(folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        sidecar = Sidecar(folder, env=ENV | {"PROMPT_CACHE_WORKERS": "1"}).launch()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with sidecar, ExitStack() as stack:
        sidecar.wait_until_ready()
        for _ in range(500):
            stack.enter_context(socket.create_connection(("127.0.0.1", sidecar.port), timeout=10))
        assert requests.get(f"{sidecar.url}/healthz", timeout=10).status_code == 200
