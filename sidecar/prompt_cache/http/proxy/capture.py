"""An answer on its way from the provider: read as it goes by, and kept only when it is whole."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ...protocols.framing import Framing, Garbled
from ...protocols.protocol import Endpoint, Streamed

_encode = msgspec.json.Encoder().encode


class Capture:
    """`most` bytes at most; `framing` is that of a stream, None for one body."""

    def __init__(self, endpoint: Endpoint, framing: Framing | None, most: int) -> None:
        self._endpoint = endpoint
        self._reader = framing.reader() if framing else None
        self._events: list[Any] = []
        self._parts: list[bytes] = []
        self._left = most
        self.fault = ""
        """Why it cannot be kept, in a word."""

    def add(self, part: bytes) -> None:
        self._left -= len(part)
        if self._left < 0:
            self._spoil("too-large")
        if self.fault:
            return
        if self._reader is None:
            self._parts.append(part)
            return
        try:
            self._note(self._reader.feed(part))
        except Garbled:
            self._spoil("unreadable")

    @property
    def is_answered(self) -> bool:
        """Whether a stream has come to its last event, and to the word that ends it."""
        return self._reader is not None and not self.fault and self._reader.ended and self._has_last()

    def whole(self) -> bytes | None:
        """All of it as JSON; None where something is missing or wrong."""
        if self.fault:
            return None
        if self._reader is None:
            body = b"".join(self._parts)
            try:
                return body if isinstance(msgspec.json.decode(body), dict) else None
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                self._spoil("unreadable")
                return None
        try:
            self._note(self._reader.close())
        except Garbled:
            self._spoil("cut-off")
        if not self.fault and not (self._has_last() and self._reader.ended):
            self._spoil("cut-off")
        return None if self.fault else _encode(self._events)

    def _has_last(self) -> bool:
        endpoint = self._endpoint
        return isinstance(endpoint, Streamed) and any(endpoint.is_last(event) for event in self._events[-4:])

    def _note(self, events: Sequence[Any]) -> None:
        endpoint = self._endpoint
        if isinstance(endpoint, Streamed) and any(endpoint.is_failure(event) for event in events):
            self._spoil("upstream-failure")
        self._events += events

    def _spoil(self, fault: str) -> None:
        self.fault = fault
        self._events, self._parts = [], []
