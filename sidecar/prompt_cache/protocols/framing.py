"""How the events of a stream are told apart on the wire: server-sent events, JSON lines, one JSON list."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

Json = Any

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Garbled(Exception):
    """What arrived is no stream of this kind."""


class Events(ABC):
    """The events in the bytes of one stream, however these are cut."""

    ended = True
    """Whether the word that ends such a stream has come, where there is one."""

    @abstractmethod
    def feed(self, data: bytes) -> list[Json]:
        """The events that are whole now. Raises Garbled."""

    @abstractmethod
    def close(self) -> list[Json]:
        """What the end of the bytes makes whole. Raises Garbled where something is left in the middle."""


class Framing(ABC):
    """One way to write events; `content_type` is what it is called in a header."""

    content_type: str

    @abstractmethod
    def reader(self) -> Events: ...

    @abstractmethod
    def written(self, events: list[Json]) -> Iterator[bytes]:
        """The bytes of each event, and of what ends them."""


# -- server-sent events -----


class ServerSentEvents(Framing):
    """Lines of `data:`; `event:` too where a protocol names its events, and at the end its word for that."""

    content_type = "text/event-stream"

    def __init__(self, name_of: Callable[[Json], str | None] | None = None, end: bytes = b"") -> None:
        self._name_of = name_of
        self._end = end

    def reader(self) -> Events:
        return _ServerSentEvents(self._end)

    def written(self, events: list[Json]) -> Iterator[bytes]:
        for event in events:
            name = self._name_of(event) if self._name_of else None
            head = f"event: {name}\n".encode() if name else b""
            yield head + b"data: " + _encode(event) + b"\n\n"
        if self._end:
            yield b"data: " + self._end + b"\n\n"


class _ServerSentEvents(Events):
    """Lines may end in any of the three ways, and a comment is nobody's event."""

    def __init__(self, end: bytes) -> None:
        self._end = end
        self.ended = not end
        self._rest = bytearray()
        self._held = False
        self._data: list[bytes] = []

    def feed(self, data: bytes) -> list[Json]:
        self._rest += data
        # A long line is looked at when it is whole, not with every piece of it.
        return self._taken() if b"\n" in data or b"\r" in data or self._held else []

    def close(self) -> list[Json]:
        events = self._taken()
        if self._rest:
            self._rest += b"\n"
            events += self._taken()
        return events + self._event()

    def _taken(self) -> list[Json]:
        # A carriage return at the very end may be half of a line's end.
        held = self._held = self._rest.endswith(b"\r")
        lines = bytes(self._rest[: len(self._rest) - held]).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = bytearray(lines.pop() + b"\r" * held)
        events: list[Json] = []
        for line in lines:
            if not line:
                events += self._event()
            elif line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
        return events

    def _event(self) -> list[Json]:
        data, self._data = b"\n".join(self._data), []
        if data and data == self._end:
            self.ended = True
            return []
        return [decoded(data)] if data else []


# -- JSON lines -----


class JsonLines(Framing):
    """One event a line."""

    content_type = "application/x-ndjson"

    def reader(self) -> Events:
        return _JsonLines()

    def written(self, events: list[Json]) -> Iterator[bytes]:
        for event in events:
            yield _encode(event) + b"\n"


class _JsonLines(Events):
    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Json]:
        self._rest += data
        if b"\n" not in data:
            return []
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        return [decoded(line) for line in lines if line.strip()]

    def close(self) -> list[Json]:
        rest, self._rest = bytes(self._rest.strip()), bytearray()
        return [decoded(rest)] if rest else []


# -- one JSON list -----


class JsonList(Framing):
    """A list whose items are sent as they come: Gemini's streams without `alt=sse`."""

    content_type = "application/json"

    def reader(self) -> Events:
        return _JsonList()

    def written(self, events: list[Json]) -> Iterator[bytes]:
        for at, event in enumerate(events):
            yield (b",\n" if at else b"[") + _encode(event)
        yield b"]" if events else b"[]"


class _JsonList(Events):
    """Finds where each item ends by its braces, those in texts apart."""

    def __init__(self) -> None:
        self._item = bytearray()
        self._depth = 0
        self._in_text = False
        self._escaped = False
        self._closed = False

    def feed(self, data: bytes) -> list[Json]:
        events: list[Json] = []
        start = 0 if self._depth else None
        for at, byte in enumerate(data):
            if self._in_text:
                if self._escaped:
                    self._escaped = False
                elif byte == _BACKSLASH:
                    self._escaped = True
                elif byte == _QUOTE:
                    self._in_text = False
            elif byte == _QUOTE:
                self._in_text = True
            elif byte in _OPENING and (self._depth or byte == _BRACE):
                if not self._depth:
                    start = at
                self._depth += 1
            elif byte in _CLOSING and self._depth:
                self._depth -= 1
                if not self._depth:
                    self._item += data[start : at + 1]
                    events.append(decoded(bytes(self._item)))
                    self._item.clear()
                    start = None
            elif byte == _CLOSING[1]:
                self._closed = True
        if start is not None:
            self._item += data[start:]
        return events

    def close(self) -> list[Json]:
        if self._depth or not self._closed:
            raise Garbled("the list has no end")
        return []


_QUOTE, _BACKSLASH, _BRACE = b'"'[0], b"\\"[0], b"{"[0]
_OPENING, _CLOSING = b"{[", b"}]"


def decoded(data: bytes) -> Json:
    """The JSON in the bytes of one event. Raises Garbled."""
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Garbled(str(error)) from None
