"""One JSON line per request on standard output: never a prompt, an answer or a secret."""

import asyncio
import os
import stat
import sys
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TextIO

import msgspec

NOTES = "prompt_cache.notes"
"""Where a request's environment has what is to be added to its line."""

_AT_ONCE = 4096
"""Bytes that a pipe takes as one piece."""
_encoder = msgspec.json.Encoder()


def write_log(fields: dict[str, Any]) -> None:
    """Write one line at once, so that lines of several workers do not mix."""
    _write(_line(fields))


def _line(fields: dict[str, Any]) -> bytes:
    return _encoder.encode({"time": _stamp(time.time()), **fields}) + b"\n"


def _write(lines: bytes) -> None:
    try:
        os.write(_unblocking(sys.stdout), lines)
    except (OSError, ValueError):
        return  # a closed or full standard output must not fail a request, nor keep it waiting


@lru_cache(maxsize=1)
def _unblocking(stdout: TextIO) -> int:
    """Another end of the same pipe that never waits for whoever reads it, while others may go on waiting at theirs.

    What finds no room is lost, whole lines at a time: a pipe takes up to _AT_ONCE bytes as one piece or not at all.
    """
    out = stdout.fileno()
    if stat.S_ISFIFO(os.fstat(out).st_mode):
        try:
            return os.open(f"/proc/self/fd/{out}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:  # no /proc, or the pipe is another user's
            pass
    return out


def _stamp(now: float) -> str:
    return f"{_second(int(now))}.{int(now % 1 * 1000):03d}Z"


@lru_cache(maxsize=1)
def _second(now: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))


def note(environ: Mapping[str, Any], name: str, value: str) -> None:
    """Add a field to the line of this request."""
    notes = environ.get(NOTES)
    if notes is not None:
        notes[name] = value


class Line:
    """A request's line, to be written when its answer has gone out, however long that takes and however it ends."""

    __slots__ = ("_began", "method", "notes", "path", "seconds", "status")

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.path = path
        self.status = 500
        self.notes: dict[str, str] = {}
        self._began = time.perf_counter()
        self.seconds = 0.0
        """How long it took, once it has ended."""

    def end(self) -> None:
        """Its answer has gone out, or nobody waits for one any more."""
        self.seconds = time.perf_counter() - self._began

    def text(self) -> bytes:
        """What is to be written."""
        return _line(
            {
                "method": self.method,
                "path": self.path[:200],  # never the query: it may hold a search in prompts
                "status": self.status,
                "ms": round(self.seconds * 1000, 2),
                **self.notes,
            }
        )


class Lines:
    """The lines of requests on one event loop: those that end in the same turn are written together."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def add(self, line: Line) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._write)
        self._waiting.append(line.text())

    def _write(self) -> None:
        waiting, self._waiting = self._waiting, []
        together: list[bytes] = []
        size = 0
        for text in waiting:
            if size + len(text) > _AT_ONCE:
                _write(b"".join(together))
                together, size = [], 0
            together.append(text)
            size += len(text)
        _write(b"".join(together))
