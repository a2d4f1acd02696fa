"""Which versions of what are at work."""

import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import version

from ... import __version__
from .finding import Finding, Situation, mend, ok

_OLDEST = (3, 11)


def versions(situation: Situation) -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    parts = [f"prompt-cache {__version__}", f"Python {python}"]
    parts += [f"{name} {version(name)}" for name in ("gunicorn", "uvicorn", "flask", "msgspec")]
    if situation.engine in ("sqlite", "file"):
        parts.append(f"SQLite {sqlite3.sqlite_version}")
    says = ", ".join(parts)
    if sys.version_info < _OLDEST:
        yield mend(says, "use Python 3.11 or newer")
    else:
        yield ok(says)
