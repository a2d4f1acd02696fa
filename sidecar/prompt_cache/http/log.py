"""One JSON line per request on standard output: never a prompt, an answer or a secret."""

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

import msgspec

NOTES = "prompt_cache.notes"
"""Where a request's environment, or its ASGI scope, has what is to be added to its line."""

_encoder = msgspec.json.Encoder()


def write_log(fields: dict[str, Any]) -> None:
    """Write one line at once, so that lines of several workers do not mix."""
    now = time.time()
    stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03d}Z"
    try:
        os.write(sys.stdout.fileno(), _encoder.encode({"time": stamp, **fields}) + b"\n")
    except (OSError, ValueError):
        return  # a closed or full standard output must not fail a request


def note(environ: Mapping[str, Any], name: str, value: str) -> None:
    """Add a field to the line of this request."""
    notes = environ.get("asgi.scope", environ).get(NOTES)
    if notes is not None:
        notes[name] = value


class Line:
    """A request's line, to be written when its answer has gone out, however long that takes and however it ends."""

    __slots__ = ("_began", "method", "notes", "path", "status")

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.path = path
        self.status = 500
        self.notes: dict[str, str] = {}
        self._began = time.perf_counter()

    def write(self) -> None:
        write_log(
            {
                "method": self.method,
                "path": self.path[:200],  # never the query: it may hold a search in prompts
                "status": self.status,
                "ms": round((time.perf_counter() - self._began) * 1000, 2),
                **self.notes,
            }
        )
