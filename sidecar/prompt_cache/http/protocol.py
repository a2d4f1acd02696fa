"""HTTP as uvicorn reads it, within limits: no head too large or too slow, no body without end, one shape of refusal."""

import asyncio
import contextlib
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .failures import Failure
from .front.asgi import PAID, WHOLE
from .front.overload import UNTAKEN
from .native.problems import problem_response

_LONGEST_LINE = 8190
_LARGEST_HEAD = 16 * 1024
_MOST_HEADERS = 100
_MOST_UNREAD = _LARGEST_HEAD + 2 * _LONGEST_LINE
"""Bytes that may come without a request, its headers or some of its body being complete: the parser keeps them."""
_HEAD_SECONDS = 10.0
_REST_SECONDS = 5.0
"""How long what is left of a body may still come when the answer has gone out already."""
_STALLED_SECONDS = 60.0
"""How long a client may take nothing of its answer."""

_MOST_HELD = 64 * 1024


class _Refused(Exception):
    """Raised out of the parser's callbacks."""


class _Transport:
    """Sends what is written in one turn of the loop together: a head and its body are one packet."""

    __slots__ = ("_held", "_loop", "_size", "_transport", "sent")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0
        self.sent = 0
        """Bytes of the last packet: they are in memory until the last one of them is taken."""

    def write(self, data: bytes) -> None:
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > _MOST_HELD:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if not self._held:
            return
        held, self._held, self.sent, self._size = self._held, [], self._size, 0
        if not self._transport.is_closing():
            self._transport.write(b"".join(held))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """One connection."""

    _timer: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _in_head = True
    _idle = False
    """Between two requests: whatever comes begins the next one."""
    _switching = False
    _steps = 0
    """How often the parser has got further than from one byte to the next."""
    _unread = 0
    _refusal: Failure | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(_Transport(transport, self.loop))  # type: ignore[arg-type]
        self._arm(_HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._idle:
            self._idle, self._in_head = False, True
        steps = self._steps
        try:
            self._feed(data)
            self._unread = self._unread + len(data) if self._steps == steps else 0
            if self._unread > _MOST_UNREAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"its head goes on for {_MOST_UNREAD} bytes")
        except (httptools.HttpParserError, _Refused):
            self.send_400_response("")
        if self._in_head and self._timer is None and not self.transport.is_closing():
            self._arm(_HEAD_SECONDS)

    def _feed(self, data: bytes) -> None:
        """No other protocol is spoken here, so who offers to change to one is read as if it had not."""
        rest = memoryview(data)
        while True:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as offer:
                rest = rest[offer.args[0] :]
                head, self._switching = self._head_without_offer(), False
                self.parser = httptools.HttpRequestParser(self)  # the old one may take the connection for closed
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
                self.parser.feed_data(head)
            else:
                return

    def _head_without_offer(self) -> bytes:
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        lines += [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whoever has said all there is to say may still wait for the answer."""
        if self.cycle is None or self.cycle.response_complete or self.cycle.more_body or PAID in self.scope:
            return False
        self.cycle.keep_alive = False
        return True

    # -- what the parser calls -----

    def on_message_begin(self) -> None:
        self._idle, self._in_head = False, True
        self._steps += 1
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > _LONGEST_LINE:
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG, f"its first line is longer than {_LONGEST_LINE} bytes")
        if not url.isascii():
            self._refuse(HTTPStatus.BAD_REQUEST, "its path has characters that must be percent-encoded")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # not what stands below a body: it is read by nobody, and nobody has checked it
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._steps += 1
        if self._timer is not None:
            self._disarm()
        if len(self.headers) > _MOST_HEADERS or sum([len(n) + len(v) for n, v in self.headers]) > _LARGEST_HEAD:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"its headers are more than {_MOST_HEADERS}, or larger than {_LARGEST_HEAD} bytes",
            )
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                self._refuse(HTTPStatus.BAD_REQUEST, "this is no proxy")
            self._switching = True
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._steps += 1
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._switching:
            return
        self._idle = True
        self._steps += 1
        if self._timer is not None:
            self._disarm()
        super().on_message_complete()
        self.cycle.more_body = False  # also of a body that nobody reads
        if not self.cycle.waiting_for_100_continue:
            scope: dict[str, Any] = self.scope  # type: ignore[assignment]
            scope[WHOLE] = bytes(self.cycle.body)

    # -- what the server calls -----

    def on_response_complete(self) -> None:
        rest = self.cycle.more_body
        super().on_response_complete()
        if rest and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._arm(_REST_SECONDS)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Say in our one shape what is wrong with what never becomes a request; what it says may be a prompt."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            refusal = self._refusal or Failure(
                HTTPStatus.BAD_REQUEST, "bad-request", "this is no HTTP request that can be read"
            )
            response = problem_response(refusal, {})
            response.headers["Connection"] = "close"
            head = f"HTTP/1.1 {response.status}\r\n{response.headers}"
            self.transport.write(head.encode("latin-1") + response.get_data())
        self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        UNTAKEN.add(self.transport, self.transport.sent)  # type: ignore[attr-defined]
        self._stalled = self._stalled or self.loop.call_later(_STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        UNTAKEN.remove(self.transport)
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    # -- limits -----

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        self._refusal = Failure(status, "bad-request", f"this is no HTTP request that is read here: {detail}")
        raise _Refused

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, self._give_up)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        with contextlib.suppress(AttributeError):
            self.transport.close()
