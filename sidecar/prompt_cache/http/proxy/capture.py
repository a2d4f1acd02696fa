"""An answer on its way from the provider: read as it goes by, and kept only when it is whole."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ...protocols.framing import Garbled
from ...protocols.protocol import Endpoint, Streamed
from .metering import Meter

_encode = msgspec.json.Encoder().encode


class Capture:
    """`most` bytes at most. The meter reads them; `streamed` is whether they are those of a stream."""

    def __init__(self, endpoint: Endpoint, meter: Meter, most: int, *, streamed: bool) -> None:
        self._endpoint = endpoint
        self._meter = meter
        self._streamed = streamed
        self._events: list[Any] = []
        self._parts: list[bytes] = []
        self._left = most
        self.fault = ""
        """Why it cannot be kept, in a word."""

    def add(self, part: bytes) -> None:
        self._left -= len(part)
        if self._left < 0:
            self._spoil("too-large")
        try:
            events = self._meter.feed(part)
        except Garbled:
            self._spoil("unreadable")
            return
        if self.fault:
            return
        if self._streamed:
            self._note(events)
        else:
            self._parts.append(part)

    @property
    def is_answered(self) -> bool:
        """Whether a stream has come to its last event, and to the word that ends it."""
        return self._streamed and not self.fault and self._meter.ended and self._has_last()

    def whole(self) -> bytes | None:
        """All of it as JSON; None where something is missing or wrong."""
        if self.fault:
            return None
        if not self._streamed:
            body = b"".join(self._parts)
            try:
                return body if isinstance(msgspec.json.decode(body), dict) else None
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                self._spoil("unreadable")
                return None
        try:
            self._note(self._meter.close())
        except Garbled:
            self._spoil("cut-off")
        if not self.fault and not (self._has_last() and self._meter.ended):
            self._spoil("cut-off")
        return None if self.fault else _encode(self._events)

    def _has_last(self) -> bool:
        return self._is_any(_is_last, self._events[-4:])

    def _note(self, events: Sequence[Any]) -> None:
        if self._is_any(_is_failure, events):
            self._spoil("upstream-failure")
        if not self.fault:
            self._events += events

    def _is_any(self, is_so: Callable[[Streamed, Any], bool], events: Sequence[Any]) -> bool:
        """False, and a fault, where events have not the form of this protocol: that is no reason to break off."""
        endpoint = self._endpoint
        try:
            return isinstance(endpoint, Streamed) and any(is_so(endpoint, event) for event in events)
        except (LookupError, TypeError, ValueError, AttributeError):
            self._spoil("unreadable")
            return False

    def _spoil(self, fault: str) -> None:
        self.fault = fault
        self._events, self._parts = [], []


def _is_last(endpoint: Streamed, event: Any) -> bool:
    return endpoint.is_last(event)


def _is_failure(endpoint: Streamed, event: Any) -> bool:
    return endpoint.is_failure(event)
