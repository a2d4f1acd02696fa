"""A server that embeds as OpenAI's `/embeddings` does: texts of the same words, in any order, are one vector."""

import json
import threading
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import sqrt
from types import TracebackType
from typing import Any

_DIMENSION = 256


class Embedding:
    """On a loopback port; counts what it is asked, and is away when told so."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.away = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def settings(self) -> str:
        """For PROMPT_CACHE_EMBEDDER."""
        url = f"http://127.0.0.1:{self._server.server_port}/v1"
        return f'{{url: "{url}", model: words, threshold: 0.6, timeout: 2s}}'

    def __enter__(self) -> "Embedding":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        embedding = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
                embedding.calls.append(texts)
                if embedding.away:
                    self._send(503, {"error": {"message": "away"}})
                    return
                data = [
                    {"object": "embedding", "index": at, "embedding": vector(each)} for at, each in enumerate(texts)
                ]
                tokens = sum(len(text.split()) for text in texts)
                usage = {"prompt_tokens": tokens, "total_tokens": tokens}
                self._send(200, {"object": "list", "data": data, "model": body["model"], "usage": usage})

            def _send(self, status: int, said: Any) -> None:
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return None

        return Handler


def vector(text: str) -> list[float]:
    """A dimension for each word; of length one."""
    counts = [0.0] * _DIMENSION
    for word in text.lower().strip("?!. ").split():
        counts[blake2b(word.encode(), digest_size=1).digest()[0]] += 1
    length = sqrt(sum(count * count for count in counts)) or 1.0
    return [count / length for count in counts]
