"""Asking an ASGI application as a server would, without sockets."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from prompt_cache.http.front.asgi import Application, Message


@dataclass
class Answer:
    """What was sent back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list)
    whole: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.parts)

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


async def ask(
    app: Application,
    method: str,
    path: str,
    body: bytes | Iterable[bytes | None] = b"",
    headers: Mapping[str, str] | None = None,
    *,
    sent: Callable[[Message], Awaitable[None]] | None = None,
) -> Answer:
    """One request; a body in parts comes without its length, and a part that is None never comes: the client left."""
    answer = Answer()
    parts = [body] if isinstance(body, bytes) else list(body)
    told = {"host": "127.0.0.1", **({"content-length": str(len(body))} if isinstance(body, bytes) and body else {})}
    if not isinstance(body, bytes):
        told["transfer-encoding"] = "chunked"
    told |= {name.lower(): value for name, value in (headers or {}).items()}

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()
        part = parts.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.parts.append(message.get("body", b""))
            answer.whole = not message.get("more_body", False)
        if sent:
            await sent(message)

    await app(
        {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path.partition("?")[0],
            "query_string": path.partition("?")[2].encode(),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8787),
            "scheme": "http",
        },
        receive,
        send,
    )
    return answer


def asked(app: Application, method: str, path: str, *arguments: Any, **options: Any) -> Answer:
    """The same for tests that ask but once."""
    return asyncio.run(ask(app, method, path, *arguments, **options))
