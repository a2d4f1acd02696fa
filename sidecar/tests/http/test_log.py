"""The request log: one line when the body has gone out, however long that takes and however it ends."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Response, request

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.http.api import Api
from prompt_cache.http.auth import Caller
from prompt_cache.http.front.app import Front
from prompt_cache.http.front.asgi import Message
from prompt_cache.http.log import note, write_log
from prompt_cache.http.native.problems import problem_response
from prompt_cache.stores.null import NullStore

from .asgi import asked


def streaming(pieces: int, error: bool = False) -> Front:
    """An application with one route, which answers bit by bit."""
    api = Api("slow", prefix="/", authenticate=lambda _: Caller("all", "admin", ("*",)), render=problem_response)

    @api.route("GET", "/v1/slow", role=None, returns=None)
    def slow() -> Response:
        """Pieces, one after the other."""
        environ = request.environ

        def body() -> Iterator[bytes]:
            for at in range(pieces):
                note(environ, "outcome", f"{at + 1} pieces")
                yield b"piece"
            if error:
                raise ConnectionError("the provider hung up")

        return Response(body(), content_type="text/plain")

    return Front(PromptCache(NullStore()), Config(), [api])


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """The lines of requests since the last call."""
    return lambda: [line for text in capfd.readouterr().out.splitlines() if "method" in (line := json.loads(text))]


def test_log__a_stream_is_logged_when_it_has_gone_out(lines: Callable[[], list[dict[str, Any]]]) -> None:
    async def sent(message: Message) -> None:
        assert lines() == [], message

    answer = asked(streaming(4), "GET", "/v1/slow?q=secret", sent=sent)
    assert (answer.body, answer.whole) == (b"piece" * 4, True)
    (line,) = lines()
    assert (line["method"], line["path"], line["status"], line["outcome"]) == ("GET", "/v1/slow", 200, "4 pieces")


def test_log__a_client_that_leaves_before_it_has_asked_is_logged(lines: Callable[[], list[dict[str, Any]]]) -> None:
    answer = asked(streaming(4), "POST", "/v1/slow", [b"{", None])
    assert answer.status == 0
    (line,) = lines()
    assert line["status"] == 499


def test_log__a_stream_that_breaks_is_logged_and_not_taken_for_whole(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    broken: list[Message] = []

    async def sent(message: Message) -> None:
        broken.append(message)

    with pytest.raises(ConnectionError):  # which makes the server close the connection
        asked(streaming(2, error=True), "GET", "/v1/slow", sent=sent)
    assert all(message.get("more_body", True) for message in broken)
    (line,) = lines()
    assert line["outcome"] == "2 pieces"


def test_log__is_written_whatever_fails(lines: Callable[[], list[dict[str, Any]]]) -> None:
    assert asked(streaming(0), "GET", "/nowhere").status == 404
    assert asked(streaming(0), "GET", "/v1/slow", headers={"Host": "evil.example"}).status == 403
    assert [line["status"] for line in lines()] == [404, 403]


def test_log__waits_for_nobody_who_should_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()

    class Out:
        @staticmethod
        def fileno() -> int:
            return writer

    monkeypatch.setattr("sys.stdout", Out)

    def write() -> None:
        for at in range(2000):
            write_log({"event": "many", "at": at, "rest": "x" * 100})

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    os.close(writer)
    os.set_blocking(reader, False)
    read = os.read(reader, 1_000_000)
    assert read.endswith(b"\n")
    assert [json.loads(line)["at"] for line in read.splitlines()] == list(range(read.count(b"\n")))
    os.close(reader)
