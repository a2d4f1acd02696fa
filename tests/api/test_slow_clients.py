"""Clients that send slowly, never, too much or nonsense: nobody else waits for them."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stack import Sidecar

from .client import Api

ATTACKERS = 64
SLOW_BODY = (
    b"POST /v1/store HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{"
)
SLOW_HEAD = b"POST /v1/store HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


@pytest.fixture(params=[None, "admin-token"])
def hurried(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sidecar]:
    """One worker, with a token and without, that waits 2 s for a body."""
    env = {"PROMPT_CACHE_STORE": "sqlite:///cache.db", "PROMPT_CACHE_WORKERS": "1", "PROMPT_CACHE_BODY_TIMEOUT": "2s"}
    with Sidecar(tmp_path, env=env, token=request.param) as sidecar:
        yield sidecar


def connected(sidecar: Sidecar) -> socket.socket:
    return socket.create_connection(("127.0.0.1", sidecar.port), timeout=30)


def received(client: socket.socket, until: bytes | None = None) -> bytes:
    """What comes until these bytes, or until the connection is closed."""
    data = b""
    while until is None or until not in data:
        part = client.recv(65536)
        if not part:
            break
        data += part
    return data


def test_slow_bodies_and_heads_stop_nobody_and_are_given_up(hurried: Sidecar) -> None:
    api = Api(hurried.url, hurried.token)
    key, asked = api.fill()
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(hurried)) for _ in range(ATTACKERS)]
        heads = [stack.enter_context(connected(hurried)) for _ in range(ATTACKERS)]
        for client in slow:
            client.sendall(SLOW_BODY)
        for client in heads:
            client.sendall(SLOW_HEAD)
        between = stack.enter_context(connected(hurried))
        between.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received(between, b"}")
        between.sendall(b"\r\n")
        for _ in range(3):
            time.sleep(0.3)
            for client in (*slow, *heads):
                client.sendall(b"x")
            assert api.ok("/v1/lookup", asked)["key"] == key
            assert api.get("/healthz").status_code == 200
            assert api.get("/v1/stats").status_code == 200
        # Without a token they are known callers, and told when their time is over; strangers are told at once.
        expected = b"HTTP/1.1 401 " if hurried.token else b"HTTP/1.1 408 "
        assert {received(client, b"\r\n\r\n")[: len(expected)] for client in slow} == {expected}
        for client in slow[:3]:
            received(client)  # which ends: the connection is closed
        for client in (*heads[:3], between):
            assert received(client) == b""
    api.close()


def test_an_early_refusal_leaves_the_connection_for_the_next_request(server: Sidecar) -> None:
    body = b"x" * 50_000
    head = b"POST /v1/store HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with connected(server) as client:
        client.sendall(head % len(body))
        assert received(client, b"}").startswith(b"HTTP/1.1 401 ")
        client.sendall(body + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert received(client, b"}").startswith(b"HTTP/1.1 200 ")


def test_requests_that_come_together_are_answered_in_their_order(server: Sidecar) -> None:
    body = b'{"prompt":"one after the other"}'
    lookup = (
        b"POST /v1/lookup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin-token\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    healthz = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with connected(server) as client:
        client.sendall(lookup + healthz + lookup + healthz.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answers = received(client).split(b"HTTP/1.1 200 OK")[1:]
    assert [b'"status":"ok"' in answer for answer in answers] == [False, True, False, True]


def test_a_client_that_takes_nothing_of_its_answers_stops_nobody(hurried: Sidecar) -> None:
    api = Api(hurried.url, hurried.token)
    asked = {"prompt": "much"}
    api.ok("/v1/store", {**asked, "response": "x" * 4_000_000}, 201)
    token = f"Authorization: Bearer {hurried.token}\r\n" if hurried.token else ""
    entries = f"GET /v1/entries HTTP/1.1\r\nHost: localhost\r\n{token}\r\n".encode()
    with ExitStack() as stack:
        for _ in range(16):
            client = stack.enter_context(connected(hurried))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(entries * 50)
        for _ in range(10):
            assert api.ok("/v1/lookup", asked)["status"] == "hit"
            assert api.get("/v1/stats").status_code == 200
    api.close()


def test_a_client_that_leaves_is_no_error(hurried: Sidecar) -> None:
    api = Api(hurried.url, hurried.token)
    token = f"Authorization: Bearer {hurried.token}\r\n" if hurried.token else ""
    for _ in range(20):
        with connected(hurried) as client:
            client.sendall(SLOW_BODY.replace(b"Host:", f"{token}Host:".encode()))
        with connected(hurried) as client:
            client.sendall(f"GET /v1/stats HTTP/1.1\r\nHost: localhost\r\n{token}\r\n".encode())
    assert api.get("/v1/stats").status_code == 200
    log = hurried.log.read_text()
    assert '"event"' not in log
    assert "Traceback" not in log
    api.close()
