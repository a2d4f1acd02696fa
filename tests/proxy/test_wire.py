"""Requests and answers as no honest client or provider writes them."""

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import requests

from stack import Sidecar

from .calls import CHAT, Caller, fate, question
from .conftest import settings
from .raw import RawUpstream, asked, told
from .upstream import Upstream

HOST = b"Host: localhost\r\nConnection: close\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


Behaviour = Callable[[socket.socket, bytes], None]


@pytest.fixture(scope="module")
def _behaviours() -> list[Behaviour]:
    return []


@pytest.fixture
def raw_behaviour(_behaviours: list[Behaviour], hostile: RawUpstream) -> list[Behaviour]:
    """What the hostile upstream does, set by the test."""
    _behaviours.clear()
    hostile.heads.clear()
    hostile.left.clear()
    return _behaviours


@pytest.fixture(scope="module")
def hostile(_behaviours: list[Behaviour]) -> Iterator[RawUpstream]:
    with RawUpstream(lambda connection, head: _behaviours[0](connection, head)) as hostile:
        yield hostile


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, hostile: RawUpstream, _upstream: Upstream) -> Iterator[Sidecar]:
    """In front of the hostile upstream; with small limits."""
    env = {
        **settings(_upstream),
        "PROMPT_CACHE_WORKERS": "1",
        "PROMPT_CACHE_UPSTREAMS": f"{{raw: {{protocol: openai, url: '{hostile.url}/v1', timeout: 2s}}}}",
        "PROMPT_CACHE_BODY_LIMIT": "100KB",
        "PROMPT_CACHE_BODY_TIMEOUT": "1",
    }
    with Sidecar(tmp_path_factory.mktemp("strict"), env=env) as sidecar:
        yield sidecar


@pytest.fixture
def client(strict: Sidecar) -> Iterator[Caller]:
    caller = Caller(strict.url)
    yield caller
    caller.close()


# -- where a call goes -----


@pytest.mark.parametrize(
    "target",
    [
        "/openai/v1/../admin",
        "/openai/v1/%2e%2e/admin",
        "/openai/v1/%252e%252e/admin",
        "/openai/v1/..;/admin",
        "/openai/v1/..%3b/admin",
        "/openai/v1/x/..%5cadmin",
        "/openai/v1/%2e%2e%2fadmin",
        "/openai/v1/x%2f..%2f..%2fadmin",
    ],
)
def test_no_way_out_of_the_address(server: Sidecar, upstream: Upstream, target: str) -> None:
    assert asked(server, f"GET {target} HTTP/1.1\r\n".encode() + HOST + b"\r\n").status == 400
    assert upstream.seen == []


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("http://127.0.0.1:9/openai/v1/models", "/v1/models"),
        ("/openai/v1//evil.example/models", "/v1//evil.example/models"),
        ("/openai/v1/@evil.example/models", "/v1/@evil.example/models"),
        ("/openai/v1/:9/models", "/v1/:9/models"),
        ("/openai/v1/a%2Fb", "/v1/a%2Fb"),
        ("/openai/v1/a%0dX-Evil:1", "/v1/a%0dX-Evil:1"),
        ("/openai/v1/http://evil.example/", "/v1/http://evil.example/"),
        ("/openai/v1/models?u=http://evil.example/", "/v1/models?u=http://evil.example/"),
    ],
)
def test_whatever_a_path_says_it_goes_to_the_configured_host(
    server: Sidecar, upstream: Upstream, target: str, path: str
) -> None:
    asked(server, f"GET {target} HTTP/1.1\r\n".encode() + HOST + b"\r\n")
    (seen,) = upstream.seen
    assert seen.raw_path == path
    assert seen.headers["Host"] == upstream.url.partition("://")[2]


def test_it_connects_to_nobody_for_others(server: Sidecar, upstream: Upstream) -> None:
    assert asked(server, b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n").status == 400
    upgrade = b"Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    refused = asked(server, b"GET /openai/v1/realtime HTTP/1.1\r\n" + upgrade, seconds=3)
    assert (refused.status, json.loads(refused.body)["error"]["code"]) == (501, "prompt_cache_no_websocket")
    assert upstream.seen == []


def test_redirects_are_the_callers_business(raw_behaviour: list[Behaviour], upstream: Upstream, client: Caller) -> None:
    raw_behaviour.append(
        lambda connection, _: connection.sendall(
            f"HTTP/1.1 307 Moved\r\nLocation: {upstream.url}/v1/models\r\nContent-Length: 0\r\n\r\n".encode()
        )
    )
    for method, path in (("GET", "/u/raw/models"), ("POST", "/u/raw/chat/completions")):
        body = CHAT.body(question()) if method == "POST" else None
        answer = client.send(method, path, json=body, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (307, f"{upstream.url}/v1/models")
    assert upstream.seen == []


# -- requests -----


def _post(path: str, headers: bytes, body: bytes = b"") -> bytes:
    return f"POST {path} HTTP/1.1\r\n".encode() + HOST + headers + b"\r\n" + body


@pytest.mark.parametrize("path", ["/openai/v1/chat/completions", "/openai/v1/files"])
@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Content-Length: 0\r\nX: a\rTransfer-Encoding: chunked\r\n",
    ],
)
def test_bodies_of_two_lengths_are_refused(server: Sidecar, upstream: Upstream, path: str, headers: bytes) -> None:
    smuggled = b"0\r\n\r\nGET /openai/v1/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
    said = told(server, _post(path, headers, smuggled), seconds=5)
    assert said.split(b" ")[1] == b"400"
    assert said.count(b"HTTP/1.1 ") == 1
    assert not [seen for seen in upstream.seen if "smuggled" in seen.raw_path]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/openai/v1/chat/completions", lambda body: body["error"]["code"]),
        ("/anthropic/v1/messages", lambda body: body["error"]["type"]),
        ("/gemini/v1beta/models/g:generateContent", lambda body: body["error"]["status"].lower()),
        ("/ollama/api/chat", lambda body: body["error"].partition(":")[0]),
    ],
)
def test_what_is_too_large_or_too_slow_is_told_in_the_providers_shape(
    strict: Sidecar, upstream: Upstream, path: str, shape: Callable[[dict[str, dict[str, str]]], str]
) -> None:
    large = asked(strict, _post(path, b"Content-Length: 200000\r\n", b"x" * 1000))
    assert (large.status, shape(json.loads(large.body))) == (413, "prompt_cache_too_large")
    chunked = b"Transfer-Encoding: chunked\r\n"
    endless = asked(strict, _post(path, chunked, (b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n") * 3))
    assert (endless.status, shape(json.loads(endless.body))) == (413, "prompt_cache_too_large")
    slow = asked(strict, _post(path, b"Content-Length: 100\r\n", b"x"))
    assert (slow.status, shape(json.loads(slow.body))) == (408, "prompt_cache_request_timeout")
    assert upstream.seen == []


def test_who_waits_to_be_told_to_go_on_is_told(server: Sidecar, upstream: Upstream) -> None:
    body = json.dumps(CHAT.body(question())).encode()
    expecting = b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(body)
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(_post(CHAT.path, expecting))
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert "Expect" not in upstream.seen[0].headers


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE", "PATCH", "PUT"])
def test_other_methods_pass(server: Sidecar, upstream: Upstream, method: str) -> None:
    answer = asked(server, f"{method} /openai/v1/chat/completions HTTP/1.1\r\n".encode() + HOST + b"\r\n")
    assert answer.status == 200
    assert upstream.seen[0].method == method
    assert (answer.body == b"") == (method == "HEAD")


def test_headers_that_make_another_request_of_it_do_not_go_on(caller: Caller, upstream: Upstream) -> None:
    evil = {"X-HTTP-Method-Override": "GET", "X-Original-URL": "/admin", "X-Forwarded-Host": "evil.example"}
    assert not set(evil) & set(caller.send("GET", "/openai/v1/models", headers=evil).json()["headers"])
    seen = upstream.seen[0].headers
    assert not [name for name in evil if name in seen]


@pytest.mark.parametrize("depth", [200, 600, 5000])
def test_what_is_nested_too_deeply_is_the_providers_to_refuse(server: Sidecar, upstream: Upstream, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    body = f'{{"model": "m", "x": {nested}, "messages": [{{"role": "user", "content": "{question()}"}}]}}'.encode()
    answer = asked(server, _post(CHAT.path, b"Content-Length: %d\r\n" % len(body), body))
    assert answer.status in (200, 500)  # 500 is the stub's own word for what it cannot read
    assert len(upstream.bodies) == 1
    assert upstream.bodies[0] == body


# -- answers -----


@cache
def _packed() -> bytes:
    return gzip.compress(b"data: " + b"0" * 100_000_000, 1)


def _bomb(connection: socket.socket, _: bytes) -> None:
    packed = _packed()
    head = STREAM + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    connection.sendall(head + packed)


def test_a_bomb_does_not_fill_the_memory(strict: Sidecar, raw_behaviour: list[Behaviour]) -> None:
    _packed()
    raw_behaviour.append(_bomb)
    before = _peak(strict)
    size = 0
    with requests.post(
        f"{strict.url}/u/raw/chat/completions", json=CHAT.body(question(), stream=True), stream=True, timeout=60
    ) as response:
        for part in response.iter_content(1_000_000):
            size += len(part)
    assert size > 100_000_000
    assert _peak(strict) - before < 40_000


def test_a_bomb_of_vectors_is_refused(strict: Sidecar, client: Caller, raw_behaviour: list[Behaviour]) -> None:
    _packed()
    raw_behaviour.append(_bomb)
    before = _peak(strict)
    refused = client.send("POST", "/u/raw/embeddings", json={"model": "e", "input": question()})
    assert refused.status_code == 502
    assert _peak(strict) - before < 40_000


def _peak(server: Sidecar) -> int:
    """kB that the fattest of its processes has ever had."""
    peaks = [0]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            environ = (status.parent / "environ").read_bytes()
            if f"127.0.0.1:{server.port}".encode() in environ:
                peaks += [int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        except OSError:
            continue
    assert max(peaks) > 0
    return max(peaks)


def _endless(connection: socket.socket, _: bytes) -> None:
    connection.settimeout(20)
    connection.sendall(STREAM + b"Transfer-Encoding: chunked\r\n\r\n")
    event = b"data: " + b"x" * 10_000 + b"\n\n"
    while True:
        connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
        time.sleep(0.001)


@pytest.mark.parametrize("path", ["chat/completions", "audio/speech"])
def test_an_endless_answer_ends_when_nobody_reads_it(
    strict: Sidecar, hostile: RawUpstream, raw_behaviour: list[Behaviour], path: str
) -> None:
    raw_behaviour.append(_endless)
    with requests.post(
        f"{strict.url}/u/raw/{path}", json=CHAT.body(question(), stream=True), stream=True, timeout=10
    ) as response:
        next(response.iter_content(100))
    assert hostile.left.wait(5)


def test_a_call_that_passes_is_given_up_with_its_caller(caller: Caller, upstream: Upstream) -> None:
    upstream.delay = 5.0
    with pytest.raises(requests.Timeout):
        caller._session.post(caller.url + CHAT.path, json={**CHAT.body(question()), "n": 2}, timeout=0.5)
    end = time.monotonic() + 3
    while not upstream.cut_calls:
        assert time.monotonic() < end
        time.sleep(0.05)


def _drips(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _at in range(100):
        connection.sendall(b"X-A: b\r\n")
        time.sleep(0.3)


def _silent(_: socket.socket, __: bytes) -> None:
    time.sleep(20)


@pytest.mark.parametrize(
    ("behave", "status"),
    [
        (_drips, 504),
        (_silent, 504),
        (lambda _, __: None, 502),
        (lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH\r\n"), 502),
        (lambda connection, _: connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000), 502),
        (lambda connection, _: connection.sendall(b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"), 502),
    ],
    ids=["drips", "silent", "closes", "ssh", "long", "odd"],
)
def test_an_upstream_that_speaks_no_http_is_told_of(
    strict: Sidecar,
    client: Caller,
    raw_behaviour: list[Behaviour],
    behave: Behaviour,
    status: int,
) -> None:
    raw_behaviour.append(behave)
    for method, path in (("POST", "/u/raw/chat/completions"), ("GET", "/u/raw/models")):
        began = time.monotonic()
        answer = client.send(method, path, json=CHAT.body(question()) if method == "POST" else None)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, "prompt_cache_upstream_unreachable")
        assert time.monotonic() - began < 5
    assert "unexpected_error" not in strict.log.read_text()


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 1000\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        OK + b"Content-Encoding: br\r\nContent-Length: 4\r\n\r\n\x0b\x01\x80\x03",
        OK + b"Content-Length: 4\r\n\r\n\xff\xfe{}",
        OK + b"Content-Length: 2\r\n\r\n[]",
        OK + b'Content-Length: 30\r\n\r\n{"choices": [], "error": "no"}',
        STREAM + b"Connection: close\r\n\r\ndata: {\n\ndata: [DONE]\n\n",
        STREAM + b"Connection: close\r\n\r\ndata: [DONE]\n\n",
        STREAM + b'Connection: close\r\n\r\ndata: {"choices": [{"index": 0, "delta": {"content": "x"}}]}\n\n',
    ],
)
def test_what_is_broken_is_passed_on_and_never_stored(
    strict: Sidecar, hostile: RawUpstream, raw_behaviour: list[Behaviour], answer: bytes
) -> None:
    raw_behaviour.append(lambda connection, _: connection.sendall(answer))
    body = CHAT.body(question(), stream=answer.startswith(STREAM))
    fates = []
    for _ in range(2):
        try:
            got = requests.post(f"{strict.url}/u/raw/chat/completions", json=body, timeout=10)
            fates.append(fate(got))
        except requests.RequestException:
            fates.append("fwd=uri-miss")
    assert fates == ["fwd=uri-miss"] * 2
    assert len(hostile.heads) == 2
    assert "unexpected_error" not in strict.log.read_text()
