"""A file of recorded exchanges: found by what is asked, appended to by any process."""

import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from ..keying.keys import canonical_json, fields_of
from ..keying.normalize import PRESETS
from ..keying.request import Request
from ..values.names import DEFAULT_NAMESPACE
from .difference import Difference, Marks, differences, marks_of, nearest
from .scrub import Scrub
from .streams import joined_secrets

_FORMAT = {"format": "prompt-cache-cassette", "version": 1}
_ONE_RUN = ("prompt-cache.payer", "n8n.runs")
"""Attributes that say in whose name and for which run was asked: other tests have other keys, and ask the same."""
_HOW = ("normalize", "mask_system")
"""How prose was made even: no difference that is told, yet what is one question by these steps is two by others."""
_BOM = b"\xef\xbb\xbf"
"""What some editors begin a file with."""

Parts = Mapping[str, Any]
Canonical = Callable[[Request], tuple[Parts, Parts]]
"""The canonical form of a request as it was recorded, and as it may have been written by hand. Raises ValueError."""
_State = tuple[int, int, int]

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
    steps: list[str]
    """How prose was made even."""
    marks: Marks
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
        self.recorded = 0
        """How many lines were written here."""

    @property
    def current(self) -> bool:
        """Whether the file is as it was when it was read, so that an answer is found at once."""
        try:
            return _state(self.path.stat()) == self._read.state
        except OSError:
            return False

    @property
    def unasked(self) -> list[int]:
        """The numbers of lines that answered nothing since the file was read."""
        with self._lock:
            return [each.line for each in self._read.all if each.line not in self._read.asked]

    def find(self, parts: Parts) -> bytes | None:
        """The answer to a canonical request, as JSON. Raises BrokenCassette."""
        digest = _digest(self._asked(canonical_json(parts)), parts["normalize"])
        with self._lock:
            self._catch_up()
            found = self._read.found.get(digest)
            if found:
                self._read.asked.add(found.line)
            return found.response if found else None

    def record(self, request: bytes, response: bytes) -> bool:
        """Append an answer to a canonical request, unless there is one; whether there was none. All is JSON.

        Raises BrokenCassette, OSError.
        """
        asked, steps = self._asked(request), msgspec.json.decode(request)["normalize"]
        line = self._line(asked, steps, self._scrubbed(msgspec.json.decode(response)))
        digest = _digest(asked, steps)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, self._held() as file:
            self._catch_up(file)
            if digest in self._read.found:
                return False
            size = os.fstat(file.fileno()).st_size
            begin = b"" if size else _encode(_FORMAT) + b"\n"
            if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
                begin = b"\n"
            try:
                _write(file, begin + line)
            except BaseException:  # half a line would spoil the whole file
                os.ftruncate(file.fileno(), size)
                raise
            self.recorded += 1
            if begin == b"\n":  # which ends a line that is read already: read it all anew
                self._read = _Read()
            else:
                self._take(self._read, begin + line)
                self._read.state = _state(os.fstat(file.fileno()))
        return True

    def nearest(self, parts: Parts) -> Nearest | None:
        """None where nothing is recorded. Raises BrokenCassette."""
        asked = fields_of(self._asked(canonical_json(parts)))
        with self._lock:
            self._catch_up()
            recorded = {each.line: each for each in self._read.all}
        marks = ((line, each.marks) for line, each in recorded.items())
        number = nearest(asked, marks, lambda line: fields_of(recorded[line].asked))
        if number is None:
            return None
        found = fields_of(recorded[number].asked)
        told = differences(asked, found) or differences(
            {"normalize": parts["normalize"]}, {"normalize": recorded[number].steps}
        )
        return Nearest(number, str(found.get("question", "")), told)

    def check(self) -> None:
        """Raises BrokenCassette where a line cannot be read."""
        with self._lock:
            self._catch_up()

    def check_writable(self) -> None:
        """Raises BrokenCassette where nothing could be recorded."""
        place = self.path
        while not place.exists() and place != place.parent:
            place = place.parent
        if not os.access(place, os.W_OK):
            raise BrokenCassette(f"{place} may not be written by this user, so nothing can be recorded in it")

    def _catch_up(self, locked: FileIO | None = None) -> None:
        """Read what was appended since, or all of it when it was edited. `locked` is the file where it is held."""
        try:
            state = _state(os.fstat(locked.fileno()) if locked else self.path.stat())
            if state == self._read.state:
                if self._read.broken:
                    raise BrokenCassette(self._read.broken)
                return
            text = _text(locked) if locked else self._whole()
        except FileNotFoundError:
            self._read = _Read()
            return
        except IsADirectoryError:
            raise BrokenCassette(f"{self.path} is a folder; name a file in it") from None
        except OSError as error:
            raise BrokenCassette(f"{self.path}: {error.strerror}") from None
        read = self._read
        if read.broken or not (text.startswith(read.text) and read.text.endswith(b"\n")):
            read = self._read = _Read()
        read.state = state
        self._take(read, text[len(read.text) :])

    @contextmanager
    def _held(self) -> Iterator[FileIO]:
        """The file, for nobody else to write: not one that an editor has replaced since it was opened."""
        held = False
        while not held:
            with self.path.open("a+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                held = self.path.exists() and os.path.samestat(os.fstat(file.fileno()), self.path.stat())
                if held:
                    yield file

    def _whole(self) -> bytes:
        """The file without half a line that is being written."""
        with self.path.open("rb", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return _text(file)

    def _take(self, read: "_Read", text: bytes) -> None:
        """Read on, by whole lines. Raises BrokenCassette, and from then on until the file is another."""
        read.text += text
        for raw in text.splitlines():
            read.line += 1
            if read.line == 1:
                raw = raw.removeprefix(_BOM)
            try:
                self._take_line(read, raw)
            except (ValueError, UnicodeError, RecursionError) as error:
                read.broken = f"{self.path}, line {read.line}: {_said(error)}"
                raise BrokenCassette(read.broken) from None

    def _take_line(self, read: "_Read", raw: bytes) -> None:
        if not raw.strip():
            return
        if (header := _header(raw)) is not None:
            if header != _FORMAT:
                raise ValueError(f"this is no {_FORMAT['format']} of version {_FORMAT['version']}")
            return
        exchange = msgspec.json.decode(raw, type=Exchange)
        if wrong := exchange.request.check():
            raise ValueError(f"request.{wrong[0]}: {wrong[1]}")
        recorded, by_hand = self._canonical(exchange.request)
        asked, steps = self._comparable(recorded), by_hand["normalize"]
        line = _Recorded(read.line, asked, steps, marks_of(fields_of(asked)), bytes(exchange.response))
        read.all.append(line)
        read.found.setdefault(_digest(asked, steps), line)
        if by_hand["messages"] != recorded["messages"]:
            read.found.setdefault(_digest(self._comparable(by_hand), steps), line)

    def _line(self, asked: Parts, steps: list[str], response: Any) -> bytes:
        """An exchange as it is written. Raises BrokenCassette where it could not be read again."""
        named = _named(asked)
        try:
            usual = self._canonical(msgspec.convert(named, Request))[1]["normalize"]
        except ValueError as error:
            raise BrokenCassette(f"{self.path}: without its secrets, a request is none: {error}") from None
        if usual != steps:
            presets = {preset: name for name, preset in PRESETS.items()}
            named["normalize"] = presets.get(tuple(steps), steps)
        return _encode({"request": named, "response": response}) + b"\n"

    def _asked(self, request: bytes) -> Parts:
        """What is compared of a canonical request: what would be read again of it where it was recorded."""
        told = _told(request)
        scrubbed: Parts = self._scrubbed(told)
        if scrubbed == told:
            return told
        try:  # without a secret, a name has another place, and an id of a call may be that of another
            recorded, _ = self._canonical(msgspec.convert(_named(scrubbed), Request))
        except ValueError:
            return scrubbed
        return self._comparable(recorded)

    def _comparable(self, recorded: Parts) -> Parts:
        comparable: Parts = self._scrubbed(_told(canonical_json(recorded)))
        return comparable

    def _scrubbed(self, value: Any) -> Any:
        try:
            return self._scrub(joined_secrets(value, self._scrub) if isinstance(value, list) else value)
        except RecursionError:
            raise BrokenCassette(f"{self.path}: what is nested so deeply cannot be recorded") from None


class _Read:
    """What has been read of a file."""

    def __init__(self) -> None:
        self.text = bytearray()
        self.state: _State | None = None
        self.line = 0
        self.all: list[_Recorded] = []
        self.found: dict[bytes, _Recorded] = {}
        self.asked: set[int] = set()
        """The lines that answered something."""
        self.broken = ""
        """What is wrong with a line of it."""


def _told(request: bytes) -> Parts:
    """A canonical request without what is of one run alone; names stay in their order."""
    told = {name: value for name, value in msgspec.json.decode(request).items() if name not in _HOW}
    if attributes := told.pop("attributes", None):
        shaping = {name: value for name, value in attributes.items() if name not in _ONE_RUN}
        told |= {"attributes": shaping} if shaping else {}
    return told


def _state(file: os.stat_result) -> _State:
    return file.st_ino, file.st_mtime_ns, file.st_size


def _write(file: FileIO, text: bytes) -> None:
    left = memoryview(text)
    while left:
        left = left[file.write(left) :]


def _said(error: Exception) -> str:
    if str(error) == "Input data was truncated":
        return "it is cut off: delete it, and record again"
    if type(error) is msgspec.DecodeError:
        return f"this is no JSON ({error})"
    return str(error)


def _text(file: FileIO) -> bytes:
    file.seek(0)
    return file.readall()


def _header(raw: bytes) -> dict[str, Any] | None:
    fields = msgspec.json.decode(raw, type=dict[str, Raw])
    return msgspec.json.decode(raw, type=dict[str, Any]) if "format" in fields else None


def _named(asked: Parts) -> dict[str, Any]:
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
    return {name: request[name] for name in Request.__struct_fields__ if name in request}


def _digest(asked: Parts, steps: list[str]) -> bytes:
    return hashlib.sha256(_encode((steps, asked))).digest()
