"""Processes that share a cache, and what happens when one of them, or the cache, is killed."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from prompt_cache_client import PromptCache
from stack import Sidecar

from . import asking
from .conftest import SETTINGS, TOKEN


def started(cache: PromptCache, calls: Path, *options: str) -> "subprocess.Popen[str]":
    address = cache._shared.address.url
    command = [sys.executable, asking.__file__, address, str(cache.namespace), str(calls), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def counted(calls: Path) -> int:
    return len(calls.read_text().splitlines()) if calls.exists() else 0


def test_processes_and_their_threads_make_one_call(cache: PromptCache, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    programs = [started(cache, calls, "--takes", "4") for _ in range(4)]
    while not counted(calls):
        time.sleep(0.05)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(cache.get_or_call("q", lambda: "mine"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert asyncio.run(cache.as_async().get_or_call("q", lambda: "mine")) == "one answer"  # type: ignore[arg-type, return-value]
    for thread in threads:
        thread.join()
    assert found == ["one answer"] * 4
    assert [program.communicate(timeout=60)[0] for program in programs] == ["one answer\n"] * 4
    assert counted(calls) == 1


def test_a_killed_holder_keeps_nobody_waiting_for_long(cache: PromptCache, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    holder = started(cache, calls, "--takes", "60", "--lease", "3")
    while not counted(calls):
        time.sleep(0.05)
    holder.kill()
    holder.communicate()
    began = time.monotonic()
    assert cache.get_or_call("q", lambda: "mine") == "mine"
    assert time.monotonic() - began < 6


def test_a_fork_has_connections_of_its_own(cache: PromptCache) -> None:
    for at in range(50):
        cache.store({"at": at}, request=f"q{at}")
    fork = multiprocessing.get_context("fork")

    def read(said: "multiprocessing.connection.Connection") -> None:
        wrong = [at for _ in range(5) for at in range(50) if cache.lookup(f"q{at}").response != {"at": at}]
        said.send((wrong, cache.get_or_call("q", lambda: "child")))

    pipes = []
    for _ in range(3):
        ours, theirs = fork.Pipe()
        child = fork.Process(target=read, args=(theirs,))
        child.start()
        pipes.append((ours, child))
    assert [at for _ in range(5) for at in range(50) if cache.lookup(f"q{at}").response != {"at": at}] == []
    for ours, child in pipes:
        assert ours.poll(60)
        assert ours.recv() == ([], "child")
        child.join(20)
        assert child.exitcode == 0
    assert cache.lookup("q").response == "child"


def test_memory_stays_with_the_parent_of_a_fork() -> None:
    with PromptCache("memory://") as cache:
        cache.store("parent's", request="q")
        child = os.fork()
        if child == 0:
            status = 1
            with contextlib.suppress(BaseException):
                status = 0 if cache.get_or_call("q", lambda: "child's") == "child's" else 2
            os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert cache.get_or_call("q", lambda: "nobody's") == "parent's"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Sidecar]:
    """A sidecar of the test's own, to be mistreated."""
    with Sidecar(tmp_path, env={**SETTINGS, "PROMPT_CACHE_WORKERS": "1"}, token=TOKEN) as sidecar:
        yield sidecar


def test_a_server_that_is_killed_in_the_middle_fails_no_call(own: Sidecar) -> None:
    with PromptCache(own.url, token=TOKEN) as cache:

        def call() -> str:
            own.kill()
            return "answered"

        assert cache.get_or_call("q", call) == "answered"
        assert [cache.get_or_call("q", lambda: "again") for _ in range(3)] == ["again"] * 3
        own.start()
        deadline = time.monotonic() + 20
        while cache.get_or_call("r", lambda: "first") != cache.get_or_call("r", lambda: "later"):
            assert time.monotonic() < deadline
            time.sleep(0.5)


def test_a_server_that_hangs_costs_one_timeout(own: Sidecar) -> None:
    def call() -> str:
        return "answered"

    async def awaited() -> list[str]:
        async with PromptCache(own.url, token=TOKEN, timeout=0.5).as_async() as client:
            return list(await asyncio.gather(*(client.get_or_call(f"q{at}", call) for at in range(20))))  # type: ignore[arg-type]

    with PromptCache(own.url, token=TOKEN, timeout=0.5) as cache:
        assert cache.get_or_call("q", call) == "answered"
        os.killpg(own.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            assert [cache.get_or_call("q", call) for _ in range(20)] == ["answered"] * 20
            assert time.monotonic() - began < 2
            began = time.monotonic()
            assert asyncio.run(awaited()) == ["answered"] * 20
            assert time.monotonic() - began < 3
        finally:
            os.killpg(own.pid, signal.SIGCONT)
