"""The yardsticks of the benchmark: endpoints that do nothing, as gunicorn comes and as the sidecar is served."""

import asyncio
import sys
from typing import Any

import msgspec
from flask import Flask
from gunicorn.app.base import BaseApplication

from prompt_cache.config import load
from prompt_cache.http.front.asgi import Receive, Scope, Send
from prompt_cache.http.server import Server
from prompt_cache.observability.measures import Board

_ANSWER = b'{"status":"hit"' + b" " * 1000 + b"}"
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_ANSWER))]


def make_flask() -> Flask:
    app = Flask("noop")

    @app.post("/v1/lookup")
    def lookup() -> tuple[bytes, dict[str, str]]:
        return _ANSWER, {"Content-Type": "application/json"}

    @app.get("/ready")
    def ready() -> str:
        return ""

    return app


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    """An ASGI application that reads and answers, and no more."""
    if scope["type"] == "lifespan":
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _ANSWER})


_CHOICE = {"index": 0, "message": {"role": "assistant", "content": "Nothing. " * 110}, "finish_reason": "stop"}
_COMPLETION = msgspec.json.encode(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "gpt-4o",
        "choices": [_CHOICE],
        "usage": {"prompt_tokens": 9, "completion_tokens": 220, "total_tokens": 229},
    }
)


async def provider(scope: Scope, receive: Receive, send: Send) -> None:
    """A provider of chat completions that reads and answers, and no more."""
    if scope["type"] == "lifespan":
        await raw(scope, receive, send)
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    if b'"stream"' in body:
        await _stream(send)
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_COMPLETION))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _COMPLETION})


async def _stream(send: Send) -> None:
    """A first event at once, and the others a little later."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    for delta, finish in (({"content": "Nothing. "}, None), ({"content": "Nothing."}, None), ({}, "stop")):
        chunk = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "model": "gpt-4o",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        await send(
            {"type": "http.response.body", "body": b"data: %b\n\n" % msgspec.json.encode(chunk), "more_body": True}
        )
        await asyncio.sleep(0.005)
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


class Plain(BaseApplication):
    """Flask under gunicorn with threads, and nothing else said."""

    def __init__(self, listen: str, workers: int) -> None:
        self._settings: dict[str, Any] = {
            "bind": listen,
            "workers": workers,
            "worker_class": "gthread",
            "threads": 4,
            "keepalive": 75,  # the default of 2 s would close connections between rounds
            "loglevel": "warning",
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:  # type: ignore[override]
        return make_flask()


if __name__ == "__main__":
    kind, listen = sys.argv[1:]
    config = msgspec.structs.replace(load(), listen=listen)
    application = provider if kind == "provider" else raw
    (Plain(listen, config.workers) if kind == "flask" else Server(config, Board(), lambda _: application)).run()
