"""One JSON line per request on standard output: never a prompt, an answer or a secret."""

import os
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_encoder = msgspec.json.Encoder()
_NOTES = "prompt_cache.notes"


def write_log(fields: dict[str, Any]) -> None:
    """Write one line at once, so that lines of several workers do not mix."""
    now = time.time()
    stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03d}Z"
    try:
        os.write(sys.stdout.fileno(), _encoder.encode({"time": stamp, **fields}) + b"\n")
    except (OSError, ValueError):
        return  # a closed or full standard output must not fail a request


def note(environ: "WSGIEnvironment", name: str, value: str) -> None:
    """Add a field to the line of this request."""
    notes = environ.get(_NOTES)
    if notes is not None:
        notes[name] = value


class RequestLog:
    """Around the application rather than in Flask's hooks, which cost a hit more than the line itself.

    The line is written when the body has gone out, or when nobody takes it any more.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        started = time.perf_counter()
        line: dict[str, Any] = {
            "method": environ.get("REQUEST_METHOD", ""),
            "path": environ.get("PATH_INFO", "")[:200],  # never the query: it may hold a search in prompts
            "status": 500,
        }
        notes = environ[_NOTES] = {}

        def started_response(status: str, *rest: Any) -> Any:
            line["status"] = int(status[:3])
            return start_response(status, *rest)

        def write() -> None:
            line["ms"] = round((time.perf_counter() - started) * 1000, 2)
            write_log(line | notes)

        try:
            return ClosingIterator(self._app(environ, started_response), write)
        except BaseException:
            write()
            raise
