"""An embedder behind HTTP: what it asks, and what becomes of servers that misbehave."""

import base64
import json
import math
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from prompt_cache.semantic.embedders.base import Embedder, EmbedderUnavailable
from prompt_cache.semantic.embedders.http import MOST_CHARACTERS, HttpEmbedder

from .servers import Body, FakeServer, fake_server, reply, vector_of

Made = Callable[..., HttpEmbedder]
KEY = "sk-a-key-that-nobody-may-see"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server


@pytest.fixture
def made() -> Iterator[Made]:
    with ExitStack() as ending:

        def make(*settings: Any, **more: Any) -> HttpEmbedder:
            embedder = HttpEmbedder(*settings, **more)
            ending.callback(embedder.close)
            return embedder

        yield make


@pytest.fixture
def embedder(server: FakeServer, made: Made) -> Embedder:
    return made(server.url, "m", key=KEY, timeout=20.0)


def numbers(vector: bytes) -> list[float]:
    return list(struct.unpack(f"<{len(vector) // 4}f", vector))


def unit(row: list[float]) -> list[float]:
    length = math.sqrt(sum(each * each for each in row))
    return [each / length for each in row]


# -- what it asks, and what comes of it -----


def test_embed__asks_as_openai_has_it_and_gives_unit_vectors(server: FakeServer, embedder: Embedder) -> None:
    embedded = embedder.embed(["one", "another"])
    assert server.asked == [{"model": "m", "input": ["one", "another"]}]
    assert server.paths == ["/v1/embeddings"]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert [numbers(each) for each in embedded.vectors] == [
        pytest.approx(unit(vector_of("one")), abs=1e-6),
        pytest.approx(unit(vector_of("another")), abs=1e-6),
    ]
    assert embedded.tokens == 4
    assert embedder.embed([]).vectors == []


@pytest.mark.parametrize("end", ["", "/", "/embeddings"])
def test_embed__takes_the_address_as_people_write_it(server: FakeServer, made: Made, end: str) -> None:
    made(server.url + end, "m").embed(["a"])
    assert server.paths == ["/v1/embeddings"]
    assert "authorization" not in server.headers[0]


def test_embed__asks_for_dimensions_where_they_are_set(server: FakeServer, made: Made) -> None:
    embedder = made(server.url, "m", dimensions=3)
    assert embedder.name == "m/3"
    embedder.embed(["a"])
    assert server.asked[0]["dimensions"] == 3
    server.answer = lambda asked, _: reply(asked["input"], data=[{"index": 0, "embedding": [1.0, 2.0]}])
    with pytest.raises(EmbedderUnavailable, match="2 numbers, not 3"):
        embedder.embed(["b"])


def test_embed__goes_by_the_index(server: FakeServer, embedder: Embedder) -> None:
    in_order = embedder.embed(["a", "bb", "ccc"]).vectors
    server.answer = lambda asked, _: reply(asked["input"], data=list(reversed(reply(asked["input"])["data"])))
    assert embedder.embed(["a", "bb", "ccc"]).vectors == in_order
    server.answer = lambda asked, _: {"data": [{"embedding": vector_of(text)} for text in asked["input"]]}
    without = embedder.embed(["a", "bb", "ccc"])
    assert (without.vectors, without.tokens) == (in_order, 0)


def test_embed__reads_base64_too(server: FakeServer, embedder: Embedder) -> None:
    in_numbers = embedder.embed(["a"]).vectors
    packed = base64.b64encode(struct.pack("<3f", *vector_of("a"))).decode()
    server.answer = lambda _asked, _: {"data": [{"index": 0, "embedding": packed}]}
    assert embedder.embed(["a"]).vectors == in_numbers


def test_embed__sends_no_more_than_servers_take(server: FakeServer, embedder: Embedder) -> None:
    texts = [f"text {at}" for at in range(250)]
    vectors = embedder.embed(texts).vectors
    assert sorted(server.sizes) == [58, 96, 96]
    assert [numbers(each) for each in vectors] == [pytest.approx(unit(vector_of(text)), abs=1e-6) for text in texts]
    server.asked.clear()
    embedder.embed(["x" * (MOST_CHARACTERS // 2)] * 3)
    assert sorted(server.sizes) == [1, 2]


def test_embed__learns_that_a_server_takes_fewer(server: FakeServer, embedder: Embedder) -> None:
    def picky(asked: Body, _: socket.socket) -> Any:
        return reply(asked["input"]) if len(asked["input"]) <= 32 else (413, b"batch size > 32")

    server.answer = picky
    texts = [f"text {at}" for at in range(96)]
    vectors = embedder.embed(texts).vectors
    assert [numbers(each) for each in vectors] == [pytest.approx(unit(vector_of(text)), abs=1e-6) for text in texts]
    server.asked.clear()
    embedder.embed([f"another {at}" for at in range(96)])
    assert server.sizes == [24, 24, 24, 24]


def test_embed__does_not_halve_without_end(server: FakeServer, embedder: Embedder) -> None:
    server.answer = lambda _asked, _: (400, b"{}")
    with pytest.raises(EmbedderUnavailable, match="400"):
        embedder.embed(["a"] * 96)
    assert len(server.asked) < 8


def test_embed__keeps_its_connections(server: FakeServer, embedder: Embedder) -> None:
    for text in "abcdef":
        embedder.embed([text])
    assert server.connections == 1


def test_embed__asks_again_where_the_pooled_connection_was_closed(server: FakeServer, embedder: Embedder) -> None:
    embedder.embed(["a"])
    closed: list[Body] = []

    def once(asked: Body, connection: socket.socket) -> Any:
        if not closed:
            closed.append(asked)
            connection.shutdown(socket.SHUT_RDWR)
            return None
        return reply(asked["input"])

    server.answer = once
    assert len(embedder.embed(["b"]).vectors) == 1


def test_embed__works_for_many_threads_and_after_a_fork(embedder: Embedder) -> None:
    found: list[list[bytes]] = []
    threads = [threading.Thread(target=lambda: found.append(embedder.embed(["the same"]).vectors)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert all(each == found[0] for each in found)
    child = os.fork()
    if child == 0:
        os._exit(embedder.embed(["the same"]).vectors != found[0])
    assert os.waitpid(child, 0)[1] == 0


# -- what is refused -----


def items(*rows: Any) -> Body:
    return {"data": [{"index": at, "embedding": row} for at, row in enumerate(rows)]}


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (items([1.0, 2.0, 3.0]), "1 vectors for 2 texts"),
        (items([1.0], [2.0], [3.0]), "3 vectors for 2 texts"),
        (items([1.0, 2.0], [1.0]), "differ in length"),
        (items([], []), "no direction|differ"),
        (items([0.0, 0.0], [1.0, 2.0]), "no direction"),
        (items([1.0, 2.0], [1e308, 1e308]), "no direction"),
        (b'{"data": [{"embedding": [NaN, 1.0]}, {"embedding": [1.0, 1.0]}]}', "not answer with embeddings"),
        (b'{"data": [{"embedding": [1e999, 1.0]}, {"embedding": [1.0, 1.0]}]}', "embeddings|no number"),
        (items("AAAA", "!!!!"), "neither numbers nor base64"),
        (items(base64.b64encode(struct.pack("<2f", math.nan, 1)).decode(), "AACAPwAAgD8="), "no number"),
        (items([1.0, None], [1.0, 2.0]), "not answer with embeddings"),
        (items(["1.0", "2.0"], [1.0, 2.0]), "not answer with embeddings"),
        (items([[1.0, 2.0]], [[1.0, 2.0]]), "not answer with embeddings"),
        ({"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [2.0]}]}, "belongs to which"),
        ({"data": [{"index": 1, "embedding": [1.0]}, {"index": 2, "embedding": [2.0]}]}, "belongs to which"),
        ({"data": [{"index": 0, "embedding": [1.0]}, {"embedding": [2.0]}]}, "belongs to which"),
        ({"error": {"message": "no"}}, "not answer with embeddings"),
        ({"data": None}, "not answer with embeddings"),
        ([], "not answer with embeddings"),
        (b"<html>Welcome</html>", "not answer with embeddings"),
        (b"", "not answer with embeddings"),
        (b"\xff\xfe\x00", "not answer with embeddings"),
        ((204, b""), "204"),
        ((301, b""), "sends callers elsewhere"),
        ((307, b""), "sends callers elsewhere"),
        ((401, b'{"error": "bad key"}'), "embedder.key"),
        ((404, b""), "embedder.model"),
        ((429, b""), "asked too much"),
        ((500, b"oops"), "500"),
        ((503, b"loading"), "503"),
    ],
)
def test_embed__refuses_what_is_no_answer(server: FakeServer, embedder: Embedder, answer: Any, cause: str) -> None:
    server.answer = lambda _asked, _: answer
    with pytest.raises(EmbedderUnavailable, match=cause) as told:
        embedder.embed(["a secret question", "b"])
    assert len(server.asked) == 1
    assert not _tells(told.value, "a secret question")


def test_embed__refuses_another_dimension_than_before(server: FakeServer, embedder: Embedder) -> None:
    embedder.embed(["a"])
    server.answer = lambda _asked, _: items([1.0, 2.0])
    with pytest.raises(EmbedderUnavailable, match=r"2 numbers, not 3.*restart"):
        embedder.embed(["b"])


def _slow_head(connection: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" * 5:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def _slow_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(300):
        connection.sendall(b" ")
        time.sleep(0.1)


def _silence(_: socket.socket) -> None:
    time.sleep(5)


def _broken_off(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"data"')


def _no_http(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH\r\n")


def _huge(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    part = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    for _ in range(500):
        connection.sendall(part)


def _long_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nx: " + b"x" * 1_000_000 + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("does", "cause"),
    [
        (_slow_head, "did not answer within 1 s"),
        (_slow_body, "did not answer within 1 s"),
        (_silence, "did not answer within 1 s"),
        (_broken_off, "broke off"),
        (_no_http, "broke off"),
        (_huge, "larger than vectors can be"),
        (_long_head, "broke off"),
    ],
)
def test_embed__waits_for_no_server_longer_than_it_may(
    server: FakeServer, made: Made, does: Callable[[socket.socket], None], cause: str
) -> None:
    embedder = made(server.url, "m", timeout=1.0)
    server.answer = lambda _asked, connection: does(connection)
    began = time.monotonic()
    with pytest.raises(EmbedderUnavailable, match=cause):
        embedder.embed(["a"])
    assert time.monotonic() - began < 3
    server.answer = lambda asked, _: reply(asked["input"])
    assert embedder.embed(["a"]).vectors


def test_close__tells_who_waits_and_can_be_gone_on_from(server: FakeServer, embedder: Embedder) -> None:
    asked = threading.Event()
    told: list[str] = []

    def silence(_asked: Body, _connection: socket.socket) -> None:
        asked.set()
        time.sleep(5)

    def ask() -> None:
        try:
            embedder.embed(["a"])
        except EmbedderUnavailable as error:
            told.append(str(error))

    server.answer = silence
    waiting = threading.Thread(target=ask)
    waiting.start()
    assert asked.wait(10)
    embedder.close()
    waiting.join(4)
    assert told == ["it was closed meanwhile"]
    server.answer = lambda asked, _: reply(asked["input"])
    assert embedder.embed(["a"]).vectors


def test_embed__says_why_a_server_cannot_be_reached(made: Made) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(EmbedderUnavailable, match="cannot be reached"):
        made(f"http://127.0.0.1:{port}/v1", "m").embed(["a"])


@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_embed__never_tells_the_key_or_a_text(server: FakeServer, embedder: Embedder, status: int) -> None:
    server.answer = lambda asked, _: (status, json.dumps({"echo": [asked, KEY]}).encode())
    with pytest.raises(EmbedderUnavailable) as told:
        embedder.embed(["a secret question"])
    assert not _tells(told.value, "a secret question", KEY)


@pytest.mark.parametrize("key", ["line\nbreak", "schlüssel", "tab\tin it"])
def test_embedder__takes_no_key_that_is_none(key: str) -> None:
    with pytest.raises(ValueError, match="characters that no key has") as told:
        HttpEmbedder("http://127.0.0.1:1/v1", "m", key=key)
    assert key not in str(told.value)


def _tells(error: BaseException | None, *secrets: str) -> bool:
    """In itself, or in what came before it."""
    while error is not None:
        if any(secret in str(error) for secret in secrets):
            return True
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False
