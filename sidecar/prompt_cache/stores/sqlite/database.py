"""One SQLite file: its tables, its connections, and what its errors mean to people."""

import fcntl
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from weakref import WeakSet

from ..base import StoreBusy, StoreFull, StoreUnavailable
from .durability import Durability
from .room import Room

_TABLES = """
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    digest INTEGER NOT NULL UNIQUE, -- of the key: an eighth of its size, so that the index of a million stays in memory
    key TEXT NOT NULL,
    namespace TEXT NOT NULL,
    created REAL NOT NULL,
    expires REAL,
    size INTEGER NOT NULL,
    worth REAL NOT NULL,
    density REAL NOT NULL GENERATED ALWAYS AS (worth / max(size, 1)) VIRTUAL,
    text TEXT,
    file TEXT, -- where the body is, when it is not here
    body BLOB
);
CREATE INDEX records_by_age ON records (namespace, created, id);
CREATE INDEX records_by_density ON records (namespace, density, created);
CREATE INDEX records_by_expiry ON records (expires) WHERE expires IS NOT NULL;
CREATE UNIQUE INDEX records_by_file ON records (file) WHERE file IS NOT NULL;
CREATE TABLE labels (
    namespace TEXT NOT NULL,
    label TEXT NOT NULL,
    created REAL NOT NULL,
    record INTEGER NOT NULL REFERENCES records ON DELETE CASCADE,
    PRIMARY KEY (namespace, label, created, record)
) WITHOUT ROWID;
CREATE INDEX labels_by_record ON labels (record);
CREATE TABLE usage (namespace TEXT PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER records_in AFTER INSERT ON records BEGIN
    INSERT INTO usage VALUES (NEW.namespace, 1, NEW.size)
    ON CONFLICT DO UPDATE SET entries = entries + 1, bytes = bytes + NEW.size;
END;
CREATE TRIGGER records_out AFTER DELETE ON records BEGIN
    UPDATE usage SET entries = entries - 1, bytes = bytes - OLD.size WHERE namespace = OLD.namespace;
END;
CREATE TABLE versions (
    namespace TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (namespace, name)
) WITHOUT ROWID;
CREATE INDEX versions_by_number ON versions (namespace, number);
CREATE TABLE leases (key TEXT PRIMARY KEY, token TEXT NOT NULL, expires REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX leases_by_expiry ON leases (expires);
CREATE TABLE tallies (
    bucket TEXT NOT NULL, series TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (bucket, series, name)
) WITHOUT ROWID;
"""

_NAMES = """
ALTER TABLE tallies RENAME TO counters;
"""

_VECTORS = """
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- none is used twice: whoever has seen one has seen all that came before it
    record INTEGER NOT NULL UNIQUE REFERENCES records ON DELETE CASCADE,
    space TEXT NOT NULL, -- with the dimension
    vector BLOB NOT NULL
);
CREATE INDEX vectors_by_space ON vectors (space, id);
CREATE TABLE identity (value BLOB NOT NULL);
INSERT INTO identity VALUES (randomblob(16));
"""

# Beside the records, as most never gain anything, and as to look through them must not touch their bodies.
_GAINS = """
CREATE TABLE gains (
    record INTEGER PRIMARY KEY REFERENCES records ON DELETE CASCADE,
    namespace TEXT NOT NULL,
    hits INTEGER NOT NULL,
    worth REAL NOT NULL
);
CREATE INDEX gains_by_worth ON gains (namespace, worth, record);
"""

_MIGRATIONS = (_TABLES, _NAMES, _VECTORS, _GAINS)
"""From each version of the tables to the next, beginning at none."""

# A quota or a limit on the file's size comes as IOERR_WRITE, no room for the write-ahead log's index as the other two.
_FULL = {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN"}

ERRORS = (sqlite3.Error, UnicodeDecodeError, OSError)

_T = TypeVar("_T")

_ROWS = 500
"""Per transaction of long deletes, so that nobody waits long for the writer's lock."""
_FEW_ROWS = 20
_PAGES = 10_000
_FEW_PAGES = 200


_LOOKS = (0.0002, 0.002)
"""Seconds between two looks whether another writer is done."""
_Identity = tuple[int, int]
"""What a file is, wherever it is: device and inode."""


class _Own:
    """A thread's connection, closed when the thread ends."""

    def __init__(self, connection: sqlite3.Connection, file: _Identity | None) -> None:
        self.connection = connection
        self.file = file

    def __del__(self) -> None:
        self.connection.close()


class Database:
    """Write-ahead logging: readers never wait for the writer, and a killed process leaves whole transactions only.

    Every thread has its own connection. Open it after forking. Raises StoreUnavailable, StoreFull, ValueError.
    """

    def __init__(self, path: Path, timeout: float, durability: Durability) -> None:
        self.path = path.absolute()
        self.timeout = timeout
        self._durable = durability == "full"
        self._room = Room(path)
        self.full = False
        """Whether the disk was, when something was last written to it."""
        self._local = threading.local()
        self._connections: WeakSet[_Own] = WeakSet()
        self._beginning = threading.Lock()
        self._file: _Identity | None = None
        with self.explained():
            self._begin()

    @property
    def file(self) -> _Identity | None:
        """Which file it is; another one once it was taken away."""
        return self._file

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's; what it raises is for `explained` to translate."""
        if self._present() != self._file:
            self._begin_anew()
        own: _Own | None = getattr(self._local, "own", None)
        if own is None or own.file != self._file:
            own = self._keep(self._connect(), self._file)
        return own.connection

    def _keep(self, connection: sqlite3.Connection, file: _Identity | None) -> _Own:
        own = self._local.own = _Own(connection, file)
        self._connections.add(own)
        return own

    def _present(self) -> _Identity | None:
        try:
            there = os.stat(self.path)  # noqa: PTH116 - on the way of every hit, and Path.stat takes twice as long
        except FileNotFoundError:
            return None
        return there.st_dev, there.st_ino

    def _begin(self) -> None:
        """Make the file and its tables, then let others see that they are there."""
        file = self._create()
        connection = self._connect()
        self._migrate(connection)
        self._keep(connection, file)
        self._file = file

    def _begin_anew(self) -> None:
        """Let go of a file that is at its place no more: what is written to it would be seen by nobody else, and lost.

        Raises StoreUnavailable once, so that somebody hears of it.
        """
        with self._beginning:
            if self._present() == self._file:
                return  # another thread was here before
            self._begin()
        raise StoreUnavailable(f"{self.path} was taken away while it was in use: an empty one is in its place now")

    @contextmanager
    def transaction(self, *, passing: bool = False) -> Iterator[sqlite3.Connection]:
        """Writes that are all there or none, in turn with those of other threads and processes.

        With durability `full` they are on the disk then, except those that are `passing`: a power cut may take them.
        """
        with self.explained():
            connection = self.connection
            if passing and self._durable:
                connection.execute("PRAGMA synchronous = NORMAL")
            try:
                with _whole(connection, self.timeout):
                    yield connection
            finally:
                if passing and self._durable:
                    connection.execute("PRAGMA synchronous = FULL")

    def freeing(self, work: Callable[[sqlite3.Connection, int], _T]) -> _T:
        """A transaction that deletes; `work` is told how many rows it may take.

        On a full disk that is few, and what the reserve and the log hold is given up for it.
        """
        while True:
            full = self.full
            try:
                if not full:
                    with self.transaction() as connection:
                        return work(connection, _ROWS)
                with self._sparing(), self.transaction() as connection:
                    result = work(connection, _FEW_ROWS)
            except StoreFull:
                self.full = True
                if not self._room.give_up_reserve() and full:
                    raise
                self._bring_home()
            else:
                self._bring_home()
                return result

    @contextmanager
    def _sparing(self) -> Iterator[None]:
        """Free pages are not overwritten, which would take as much room as it makes."""
        with self.explained():
            (secure,) = self.connection.execute("PRAGMA secure_delete").fetchone()
            self.connection.execute("PRAGMA secure_delete = FAST")
            try:
                yield
            finally:
                self.connection.execute(f"PRAGMA secure_delete = {secure}")

    def give_back(self) -> None:
        """Give free pages back to the disk: all of them when it is full, otherwise some."""
        if not self.full:
            with self.explained():
                self.connection.executescript(f"PRAGMA incremental_vacuum({_PAGES})")
            return

        def vacuum(connection: sqlite3.Connection, _: int) -> int:
            connection.execute(f"PRAGMA incremental_vacuum({_FEW_PAGES})").fetchall()
            return int(connection.execute("PRAGMA freelist_count").fetchone()[0])

        left, before = self.freeing(vacuum), 0
        while left and left != before:
            left, before = self.freeing(vacuum), left

    def _bring_home(self) -> None:
        """Write the log's pages to their places and give its room back, if nobody is reading from it."""
        with suppress(*ERRORS):
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Errors of SQLite and of the file system become ours, in a sentence for people."""
        try:
            yield
        except ERRORS as error:
            raise self.explain(error) from error

    def explain(self, error: Exception) -> StoreUnavailable:
        """What to raise for one of ERRORS."""
        if isinstance(error, OSError):
            return StoreUnavailable(f"{self.path.parent} cannot be used: {error.strerror}")
        if isinstance(error, UnicodeDecodeError):  # an error message that quotes damaged bytes
            return StoreUnavailable(self._sentence("SQLITE_CORRUPT", ""))
        name = getattr(error, "sqlite_errorname", "")
        busy = name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
        kind = StoreFull if name in _FULL else StoreBusy if busy else StoreUnavailable
        return kind(self._sentence(name, str(error)))

    def require_room(self, size: int) -> None:
        """Raise StoreFull while there still is the room that deleting takes, or a full disk could never be cleared."""
        with self.explained():
            if not self._room.has(size):
                raise StoreFull(self._sentence("SQLITE_FULL", ""))
        self.full = False

    def close(self) -> None:
        for own in list(self._connections):
            own.connection.close()
        self._connections.clear()
        self._local = threading.local()

    def _sentence(self, name: str, message: str) -> str:
        if name in _FULL:
            return f"there is no room left to write {self.path}: free disk space, or raise the quota"
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return f"{self.path} is damaged, or is no SQLite file: restore it, or move it away to begin an empty one"
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return f"{self.path} was in use by another process for more than {self.timeout:g} s"
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")):
            return f"{self.path} cannot be opened for writing: check its folder and permissions"
        return f"{self.path} cannot be used: {message}"

    def _create(self) -> _Identity | None:
        """A file, and a folder if there is none, for nobody else to read. SQLite gives its log the same mode.

        One process at a time: the log of a file that was taken away is none of the new one's.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if not self.path.exists():
                for rest in ("-wal", "-shm"):
                    self.path.with_name(self.path.name + rest).unlink(missing_ok=True)
                with suppress(OSError):  # SQLite will say why it cannot
                    os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))
        finally:
            os.close(folder)
        return self._present()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=self.timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            self._begin_log(connection)
        connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -16000")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        connection.create_function("contains", 2, _contains, deterministic=True)
        return connection

    def _begin_log(self, connection: sqlite3.Connection) -> None:
        """Switch to write-ahead logging, a lock SQLite itself does not wait for when processes begin together."""
        end = time.monotonic() + self.timeout
        while True:
            try:
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return

    def _migrate(self, connection: sqlite3.Connection) -> None:
        with _whole(connection, self.timeout):
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > len(_MIGRATIONS):
                raise ValueError(
                    f"{self.path} was written by a newer version of Prompt Cache; upgrade, or use another file"
                )
            if version < len(_MIGRATIONS):
                for statement in _statements("".join(_MIGRATIONS[version:])):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")


@contextmanager
def _whole(connection: sqlite3.Connection, timeout: float) -> Iterator[sqlite3.Connection]:
    _take_turn(connection, timeout)
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _take_turn(connection: sqlite3.Connection, timeout: float) -> None:
    """Begin to write. SQLite itself looks less and less often whether another writer is done, at last every 0.1 s."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        end = time.monotonic() + timeout
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > end:
                    raise
                time.sleep(random.uniform(*_LOOKS))
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {timeout * 1000:.0f}")


def _contains(text: str | None, needle: str) -> bool:
    return text is not None and needle in text.casefold()


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
