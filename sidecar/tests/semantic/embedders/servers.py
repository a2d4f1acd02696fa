"""A server for embeddings that answers as it is told, badly too."""

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Body = dict[str, Any]


def vector_of(text: str) -> list[float]:
    """Another one for each text, of no particular length."""
    return [float(len(text)), float(sum(map(ord, text)) % 97), 1.0]


def reply(texts: Sequence[str], **fields: Any) -> Body:
    data = [{"object": "embedding", "index": at, "embedding": vector_of(text)} for at, text in enumerate(texts)]
    return {"object": "list", "model": "m", "data": data, "usage": {"prompt_tokens": 2 * len(texts)}} | fields


class FakeServer(ThreadingHTTPServer):
    """`answer` makes a body of what is asked, bytes or JSON, or a status and a body; or it uses the socket itself."""

    daemon_threads = True
    request_queue_size = 128
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self.answer: Callable[[Body, socket.socket], Any] = lambda asked, _: reply(asked["input"])
        self.asked: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.connections = 0

    @property
    def sizes(self) -> list[int]:
        return [len(each["input"]) for each in self.asked]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever left, left."""

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(asked)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.server.paths.append(self.path)
        answer = self.server.answer(asked, self.connection)
        if answer is None:
            self.close_connection = True
            return
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("location", self.server.url + "/elsewhere")
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def fake_server() -> Iterator[FakeServer]:
    server = FakeServer()
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
