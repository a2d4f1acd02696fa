"""What a worker holds in its memory is bounded, whatever its clients send and do not take."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from stack import Sidecar

from .client import Api, until
from .test_slow_clients import connected
from .test_workers import children

MOST = 650
"""Megabytes: 256 of bodies or of answers, what is at work, and what the allocator keeps."""


@pytest.fixture(params=["sqlite:///cache.db", "memory://"])
def alone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sidecar]:
    """One worker with a body limit of 20 MB."""
    env = {"PROMPT_CACHE_STORE": request.param, "PROMPT_CACHE_WORKERS": "1", "PROMPT_CACHE_BODY_LIMIT": "20MB"}
    with Sidecar(tmp_path, env=env) as sidecar:
        yield sidecar


def megabytes(sidecar: Sidecar) -> int:
    (worker,) = children(sidecar.pid)
    status = Path(f"/proc/{worker}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def head(length: int) -> bytes:
    return (
        b"POST /v1/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    ) % length


def test_large_bodies_that_do_not_end_are_refused_and_small_ones_are_not(alone: Sidecar) -> None:
    api = Api(alone.url)
    with ExitStack() as stack:
        for _ in range(40):
            client = stack.enter_context(connected(alone))
            client.sendall(head(19_000_000) + b'{"prompt":"' + b"x" * 18_000_000)
            client.settimeout(0.3)
            with suppress(TimeoutError):
                assert client.recv(4096).startswith(b"HTTP/1.1 503 ")
                break
        else:
            pytest.fail("all were taken")
        assert api.ok("/v1/lookup", {"prompt": "a small one"})["status"] == "miss"
        assert megabytes(alone) < MOST
    assert until(lambda: api.post("/v1/lookup", {"prompt": "x" * 15_000_000}).status_code == 200, 20)
    api.close()


def test_answers_that_nobody_takes_are_bounded_and_keep_nobody_else_waiting_for_long(alone: Sidecar) -> None:
    api = Api(alone.url)
    asked = b'{"prompt":"much"}'
    api.ok("/v1/store", {"prompt": "much", "response": "x" * 15_000_000}, 201)
    with ExitStack() as stack:
        for _ in range(80):
            client = stack.enter_context(connected(alone))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(head(len(asked)) + asked)
        assert until(lambda: api.post("/v1/lookup", {"prompt": "another"}).status_code == 200, 20)
        assert megabytes(alone) < MOST
    with ThreadPoolExecutor(40) as pool:  # who takes them gets them all
        answers = list(pool.map(lambda _: Api(alone.url).ok("/v1/lookup", {"prompt": "much"}), range(40)))
    assert {answer["status"] for answer in answers} == {"hit"}
    assert megabytes(alone) < MOST
    api.close()
