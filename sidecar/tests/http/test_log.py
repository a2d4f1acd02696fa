"""The request log: one line when the body has gone out, however long that takes and however it ends."""

import json
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from prompt_cache.http.log import RequestLog, note


def streaming(pieces: int, pause: float, error: bool = False) -> Any:
    """A WSGI application that takes its time."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])

        def body() -> Iterator[bytes]:
            for at in range(pieces):
                time.sleep(pause)
                note(environ, "outcome", f"{at + 1} pieces")
                yield b"piece"
            if error:
                raise ConnectionError("the provider hung up")

        return body()

    return app


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_log__a_stream_is_logged_when_it_has_gone_out(capfd: pytest.CaptureFixture[str]) -> None:
    response = Client(RequestLog(streaming(4, 0.02))).get("/v1/slow?q=secret", buffered=False)
    body = response.response
    next(iter(body))
    assert lines(capfd) == []
    response.get_data()
    response.close()
    (line,) = lines(capfd)
    assert line["ms"] >= 75
    assert (line["method"], line["path"], line["status"], line["outcome"]) == ("GET", "/v1/slow", 200, "4 pieces")


def test_log__a_client_that_leaves_is_logged_once(capfd: pytest.CaptureFixture[str]) -> None:
    response = Client(RequestLog(streaming(4, 0.0))).get("/v1/slow", buffered=False)
    response.close()
    (line,) = lines(capfd)
    assert line["outcome"] == "1 pieces"  # the first piece starts the response
    assert line["status"] == 200


def test_log__a_stream_that_breaks_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    response = Client(RequestLog(streaming(2, 0.0, error=True))).get("/v1/slow", buffered=False)
    with pytest.raises(ConnectionError):
        response.get_data()
    response.close()
    (line,) = lines(capfd)
    assert line["outcome"] == "2 pieces"


def test_log__what_fails_before_it_answers_is_a_500(capfd: pytest.CaptureFixture[str]) -> None:
    def app(_environ: object, _start: object) -> Iterable[bytes]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Client(RequestLog(app)).get("/v1/x")
    (line,) = lines(capfd)
    assert line["status"] == 500
