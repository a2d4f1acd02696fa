"""A cache in memory, and a cache server that behaves as a test wants."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from prompt_cache_client import PromptCache

Said = tuple[int, Any]


@pytest.fixture
def cache() -> Iterator[PromptCache]:
    with PromptCache("memory://") as cache:
        yield cache


class StubServer:
    """Says to every request what it is told to, and remembers them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.says: Callable[[str, Any], Said | bytes] = lambda _path, _body: (500, {})
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                stub.asked.append((self.command, self.path, body))
                stub.headers.append(dict(self.headers.items()))
                said = stub.says(self.path, body)
                if isinstance(said, bytes):  # as it is, then gone
                    self.wfile.write(said)
                    self.close_connection = True
                    return
                status, answer = said
                text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = _answer  # noqa: N815 - http.server's names

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 512  # a crowd knocks at once
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.asked]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def stub() -> Iterator[StubServer]:
    server = StubServer()
    yield server
    server.close()


def problem(status: int, kind: str, detail: str = "because", **more: Any) -> Said:
    """A refusal as the server words it."""
    return status, {"type": f"urn:prompt-cache:problem:{kind}", "status": status, "detail": detail, **more}
