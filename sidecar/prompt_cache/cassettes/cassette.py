"""A file of recorded exchanges: found by what is asked, appended to by any process."""

import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec
from msgspec import Raw, Struct

from ..keying.keys import canonical_json, fields_of
from ..keying.request import Request
from ..values.names import DEFAULT_NAMESPACE
from .difference import Difference, differences, nearest
from .scrub import Scrub

_FORMAT = {"format": "prompt-cache-cassette", "version": 1}
_ONE_RUN = ("prompt-cache.payer", "n8n.runs")
"""Attributes that say in whose name and for which run was asked: other tests have other keys, and ask the same."""
_HOW = ("normalize", "mask_system")
"""How prose was made even says nothing of what came out."""

Parts = Mapping[str, Any]
Canonical = Callable[[Request], tuple[Parts, Parts]]
"""The canonical form of a request as it was recorded, and as it may have been written by hand. Raises ValueError."""

_encode = msgspec.json.Encoder().encode


class BrokenCassette(ValueError):
    """A cassette that cannot be read, or written; the message names the file and the line."""


class Exchange(Struct, frozen=True, forbid_unknown_fields=True):
    """A line: a request as the API takes it, and the answer as it was given."""

    request: Request
    response: Raw


class _Recorded(NamedTuple):
    line: int
    asked: Parts
    response: bytes


class Nearest(NamedTuple):
    """The recorded request that comes nearest to what is asked."""

    line: int
    question: str
    differences: list[Difference]


class Cassette:
    """Safe to share between threads, and the file between processes.

    Requests are compared without secrets, and without what one run alone says of itself.
    """

    def __init__(self, path: Path, canonical: Canonical, scrub: Scrub) -> None:
        self.path = path
        self._canonical = canonical
        self._scrub = scrub
        self._lock = threading.Lock()
        self._read = _Read()

    def find(self, parts: Parts) -> bytes | None:
        """The answer to a canonical request, as JSON. Raises BrokenCassette."""
        asked = self._comparable(canonical_json(parts))
        with self._lock:
            self._catch_up()
            return self._read.find(asked, parts["normalize"])

    def record(self, request: bytes, response: bytes) -> bool:
        """Append an answer to a canonical request, unless there is one; whether there was none. All is JSON.

        Raises BrokenCassette, OSError.
        """
        asked = self._comparable(request)
        normalize = msgspec.json.decode(request)["normalize"]
        line = _line(asked, self._scrub(msgspec.json.decode(response)))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._catch_up(file)
            if self._read.find(asked, normalize) is not None:
                return False
            size = file.seek(0, os.SEEK_END)
            begin = b"" if size else _encode(_FORMAT) + b"\n"
            if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
                begin = b"\n"
            file.write(begin + line)
            file.flush()
            self._catch_up(file)
        return True

    def nearest(self, parts: Parts) -> Nearest | None:
        """None where nothing is recorded. Raises BrokenCassette."""
        asked = fields_of(self._comparable(canonical_json(parts)))
        with self._lock:
            self._catch_up()
            recorded = {each.line: each.asked for each in self._read.all}
        number = nearest(asked, ((line, fields_of(each)) for line, each in recorded.items()))
        if number is None:
            return None
        found = fields_of(recorded[number])
        return Nearest(number, str(found.get("question", "")), differences(asked, found))

    def check(self) -> None:
        """Raises BrokenCassette where a line cannot be read."""
        with self._lock:
            self._catch_up()

    def _catch_up(self, locked: BinaryIO | None = None) -> None:
        """Read what was appended since, or all of it when it was edited. `locked` is the file where it is held."""
        try:
            seen = self.path.stat()
            state = (seen.st_ino, seen.st_mtime_ns, seen.st_size)
            if state == self._read.state:
                return
            text = _text(locked) if locked else self._whole()
        except FileNotFoundError:
            self._read = _Read()
            return
        except OSError as error:
            raise BrokenCassette(f"{self.path}: {error.strerror}") from None
        read = self._read
        if not (text[: len(read.text)] == read.text and read.text.endswith(b"\n")):
            read = _Read()
        fresh = read.copy()
        for raw in text[len(read.text) :].splitlines(keepends=True):
            fresh.line += 1
            self._take(fresh, raw)
        fresh.text, fresh.state = text, state
        self._read = fresh

    def _whole(self) -> bytes:
        """The file without half a line that is being written."""
        with self.path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return _text(file)

    def _take(self, read: "_Read", raw: bytes) -> None:
        if not raw.strip():
            return
        try:
            if (header := _header(raw)) is not None:
                if header != _FORMAT:
                    raise ValueError(f"this is no {_FORMAT['format']} of version {_FORMAT['version']}")
                return
            exchange = msgspec.json.decode(raw, type=Exchange)
            if wrong := exchange.request.check():
                raise ValueError(f"request.{wrong[0]}: {wrong[1]}")
            recorded, by_hand = self._canonical(exchange.request)
            asked = self._comparable(canonical_json(recorded))
            written = {**self._comparable(canonical_json(by_hand)), "normalize": by_hand["normalize"]}
        except (ValueError, UnicodeError, RecursionError) as error:
            raise BrokenCassette(f"{self.path}, line {read.line}: {error}") from None
        line = _Recorded(read.line, asked, bytes(exchange.response))
        read.all.append(line)
        read.found.setdefault(_digest(asked), line)
        read.found.setdefault(_digest(written), line)

    def _comparable(self, request: bytes) -> Parts:
        """A canonical request without what is of one run alone, and without secrets; names stay in their order."""
        told = {name: value for name, value in msgspec.json.decode(request).items() if name not in _HOW}
        if attributes := told.pop("attributes", None):
            shaping = {name: value for name, value in attributes.items() if name not in _ONE_RUN}
            told |= {"attributes": shaping} if shaping else {}
        comparable: Parts = self._scrub(told)
        return comparable


class _Read:
    """What has been read of a file."""

    def __init__(self) -> None:
        self.text = b""
        self.state: tuple[int, int, int] | None = None
        self.line = 0
        self.all: list[_Recorded] = []
        self.found: dict[bytes, _Recorded] = {}

    def find(self, asked: Parts, normalize: Any) -> bytes | None:
        """What answers a request that was made even by these steps; what was written by hand is made even now."""
        found = self.found.get(_digest(asked)) or self.found.get(_digest({**asked, "normalize": normalize}))
        return found.response if found else None

    def copy(self) -> "_Read":
        copied = _Read()
        copied.line, copied.all, copied.found = self.line, list(self.all), dict(self.found)
        return copied


def _text(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _header(raw: bytes) -> dict[str, Any] | None:
    fields = msgspec.json.decode(raw, type=dict[str, Raw])
    return msgspec.json.decode(raw, type=dict[str, Any]) if "format" in fields else None


def _line(asked: Parts, response: Any) -> bytes:
    """In the words of the API, the short ones: `system`, `prompt`, and nothing of the default namespace."""
    request = dict(asked)
    if request.get("namespace") == DEFAULT_NAMESPACE:
        del request["namespace"]
    match request["messages"]:
        case [{"role": "system", "content": str(system), **others}, *said] if system and said and not others:
            request |= {"system": system, "messages": said}
    match request["messages"]:
        case [{"role": "user", "content": str(prompt), **others}] if prompt and not others:
            del request["messages"]
            request["prompt"] = prompt
    named = {name: request[name] for name in Request.__struct_fields__ if name in request}
    return _encode({"request": named, "response": response}) + b"\n"


def _digest(asked: Parts) -> bytes:
    return hashlib.sha256(_encode(asked)).digest()
