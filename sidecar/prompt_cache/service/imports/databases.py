"""SQLite files of other programs: read, never written, and trusted in nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MAGIC = b"SQLite format 3\0"
_PICKLE = b"\x80"


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A database whose texts come as bytes, so that one that is no UTF-8 spoils its own row alone.

    Raises OSError, and ValueError where it is no SQLite database or is broken.
    """
    with file.open("rb") as head:
        begin = head.read(len(_MAGIC))
    if begin.startswith(_PICKLE):
        raise ValueError(
            f"{file}: is a pickle, and reading one runs whatever is written in it, so it is not read; "
            "docs/migrating.md says how its own program writes it out"
        )
    if begin != _MAGIC:
        raise ValueError(f"{file}: is no SQLite database")
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
    try:
        connection.text_factory = bytes
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        yield connection
    except sqlite3.Error as error:
        raise ValueError(f"{file}: cannot be read ({error})") from None
    finally:
        connection.close()


def tables(connection: sqlite3.Connection) -> list[str]:
    """The names of all tables. A view or a virtual table is none: it may be made of anything."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name")
    return [name.decode(errors="replace") for (name,) in names]


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'
