"""One request and its response, on the event loop."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from ..failures import HttpError
from ..log import Line
from .asgi import WHOLE, Message, Receive, Scope, Send
from .overload import Bodies

if TYPE_CHECKING:
    from flask import Response

    from ...observability.otel import Trace

JSON = b"application/json"
_WITHOUT_BODY = ("GET", "HEAD")
_SMALL = 64 * 1024
"""Bytes that every request may bring, however many large ones there are."""


class Gone(Exception):
    """The client has left."""


class Headers:
    """A request's headers, by name in any case."""

    __slots__ = ("_values",)

    def __init__(self, pairs: list[tuple[bytes, bytes]]) -> None:
        self._values = dict(pairs)

    def get(self, name: str) -> str | None:
        value = self._values.get(name.lower().encode("latin-1"))
        return None if value is None else value.decode("latin-1")

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._values.items())

    def raw(self, name: bytes) -> bytes | None:
        """As it was sent; the name in small letters."""
        return self._values.get(name)


class Exchange:
    """Knows whether it has been answered, and writes its line of the log."""

    __slots__ = (
        "_receive",
        "_send",
        "answered",
        "counted",
        "headers",
        "kind",
        "line",
        "method",
        "path",
        "scope",
        "trace",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = Headers(scope["headers"])
        self.line = Line(self.method, self.path)
        self.answered = False
        self.counted = 0
        """Bytes of its body that were taken from those there are for large ones."""
        self.kind = "other"
        """What its duration is measured as."""
        self.trace: Trace | None = None
        """Where traces are sent, its own."""
        self._receive = receive
        self._send = send

    @property
    def has_body(self) -> bool:
        """Whether it brings something to read; what a GET brings is nobody's."""
        if self.method in _WITHOUT_BODY:
            return False
        length = self.headers.raw(b"content-length")
        return length != b"0" if length is not None else self.headers.raw(b"transfer-encoding") is not None

    async def body(self, limit: int, seconds: float, bodies: Bodies) -> bytes:
        """All of it. Raises an HttpError of 413, 408 or 503, Gone."""
        whole: bytes | None = self.scope.get(WHOLE)
        if whole is not None:
            if len(whole) > limit:
                raise _too_large()
            return whole
        length = self.headers.raw(b"content-length")
        if length is not None and int(length) > limit:
            raise _too_large()
        parts, size, more = [], 0, True
        try:
            async with asyncio.timeout(seconds):
                while more:
                    part, more = await self._part()
                    parts.append(part)
                    size += len(part)
                    if size > limit:
                        raise _too_large()
                    if size > _SMALL:
                        bodies.take(len(part))
                        self.counted += len(part)
                return b"".join(parts)
        except TimeoutError:
            raise HttpError(
                408,
                "request-timeout",
                f"the body was not there within {seconds:g} s; see the setting body_timeout",
                {"Connection": "close"},
            ) from None

    async def parts(self) -> AsyncIterator[bytes]:
        """Its body as it comes, however long. Raises Gone."""
        whole: bytes | None = self.scope.get(WHOLE)
        if whole is not None:
            yield whole
            return
        more = True
        while more:
            part, more = await self._part()
            yield part

    async def left(self) -> None:
        """Return when the client has left; its body is read by then."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _part(self) -> tuple[bytes, bool]:
        message = await self._receive()
        if message["type"] != "http.request":
            raise Gone
        return message.get("body", b""), message.get("more_body", False)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answered = True
            self.line.status = message["status"]
        await self._send(message)

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Begin an answer that goes out in parts."""
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def part(self, body: bytes) -> None:
        """Wait until the client has taken enough of what went before."""
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def last(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body})

    async def end(self) -> None:
        await self.last(b"")

    async def json(self, status: int, body: bytes) -> None:
        """Answer with JSON."""
        headers = [(b"content-type", JSON), (b"content-length", b"%d" % len(body))]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def respond(self, response: "Response") -> None:
        """Answer with what an API has rendered."""
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        await self.send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await self._send({"type": "http.response.body", "body": response.get_data()})


def _too_large() -> HttpError:
    return HttpError(413, "too-large", "the body is larger than this server takes; see the setting body_limit")
