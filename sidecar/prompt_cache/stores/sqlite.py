"""One SQLite file, shared by all workers of a machine: the default."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .base import Page, Record, Selector, Store, StoreFull, StoreUnavailable, Tally, Usage

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    created REAL NOT NULL,
    expires REAL,
    size INTEGER NOT NULL,
    worth REAL NOT NULL,
    density REAL NOT NULL GENERATED ALWAYS AS (worth / max(size, 1)) VIRTUAL,
    text TEXT,
    body BLOB NOT NULL
);
CREATE INDEX records_by_age ON records (namespace, created, id);
CREATE INDEX records_by_density ON records (namespace, density, created);
CREATE INDEX records_by_expiry ON records (expires) WHERE expires IS NOT NULL;
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
CREATE TABLE tallies (
    bucket TEXT NOT NULL, series TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (bucket, series, name)
) WITHOUT ROWID;
"""

_SWEEP_CHUNK = 500


class SqliteStore(Store):
    """Write-ahead logging: readers never wait for the writer, and a killed process leaves whole rows only."""

    def __init__(self, path: Path, *, timeout: float = 2.0, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._timeout = timeout
        self._clock = clock
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        with _explained():
            self._migrate()

    @classmethod
    def from_url(cls, url: str, *, timeout: float = 2.0, prefix: str = "prompt-cache") -> "SqliteStore":  # noqa: ARG003
        """`sqlite:///relative.db`, `sqlite:////absolute.db`."""
        path = unquote(url.removeprefix("sqlite:///"))
        if not url.startswith("sqlite:///") or not path or path.startswith("?"):
            raise ValueError("sqlite needs a path: sqlite:///file.db, or sqlite:////absolute/path/file.db")
        return cls(Path(path), timeout=timeout)

    # -- records -----

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        now = self._clock()
        with _explained():
            connection = self._connection()
            if len(keys) == 1:
                rows = connection.execute("SELECT key, expires, body FROM records WHERE key = ?", keys).fetchall()
            else:
                rows = []
                for some in _chunks(keys):
                    marks = ",".join("?" * len(some))
                    sql = f"SELECT key, expires, body FROM records WHERE key IN ({marks})"
                    rows += connection.execute(sql, some).fetchall()
        alive = {key: body for key, expires, body in rows if expires is None or expires > now}
        return [alive.get(key) for key in keys]

    def put(self, records: Sequence[Record]) -> None:
        with self._transaction() as connection:
            for record in records:
                connection.execute("DELETE FROM records WHERE key = ?", (record.key,))
                row = (
                    record.key,
                    record.namespace,
                    record.created,
                    record.expires,
                    record.size,
                    record.worth,
                    record.text,
                    record.body,
                )
                sql = (
                    "INSERT INTO records (key, namespace, created, expires, size, worth, text, body)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                )
                id_ = connection.execute(sql, row).lastrowid
                if record.labels:
                    labels = [(record.namespace, label, record.created, id_) for label in set(record.labels)]
                    connection.executemany("INSERT INTO labels VALUES (?, ?, ?, ?)", labels)

    def delete(self, keys: Sequence[str]) -> int:
        now, deleted = self._clock(), 0
        with self._transaction() as connection:
            for some in _chunks(keys):
                marks = ",".join("?" * len(some))
                sql = f"DELETE FROM records WHERE key IN ({marks}) RETURNING expires"
                gone = connection.execute(sql, some).fetchall()
                deleted += sum(expires is None or expires > now for (expires,) in gone)
        return deleted

    def find(self, selector: Selector, *, limit: int, cursor: str | None = None) -> Page:
        where: list[str] = ["(r.expires IS NULL OR r.expires > ?)"]
        values: list[Any] = [self._clock()]
        labels = list(selector.labels) or (list(selector.any_label) if len(selector.any_label) == 1 else [])
        if labels:
            # The label leads, in its own order of age, so that one tag among millions is found without a scan.
            source, place = "labels l CROSS JOIN records r ON r.id = l.record", "l.created, l.record"
            where += ["l.namespace = ?", "l.label = ?"]
            values += [selector.namespace, labels[0]]
        else:
            source, place = "records r", "r.created, r.id"
            where.append("r.namespace = ?")
            values.append(selector.namespace)
        for label in labels[1:]:
            where.append("EXISTS (SELECT 1 FROM labels WHERE record = r.id AND label = ?)")
            values.append(label)
        if selector.any_label and labels != list(selector.any_label):
            marks = ",".join("?" * len(selector.any_label))
            where.append(f"r.id IN (SELECT record FROM labels WHERE namespace = ? AND label IN ({marks}))")
            values += [selector.namespace, *selector.any_label]
        if selector.created_before is not None:
            where.append(f"{place.split(',')[0]} < ?")
            values.append(selector.created_before)
        if selector.text:
            where.append("contains(r.text, ?)")
            values.append(selector.text.casefold())
        if cursor is not None:
            where.append(f"({place}) < (?, ?)")
            values += _place(cursor)
        order = place.replace(",", " DESC,")
        sql = f"SELECT r.key, r.created, r.id FROM {source} WHERE {' AND '.join(where)} ORDER BY {order} DESC LIMIT ?"
        with _explained():
            rows = self._connection().execute(sql, [*values, limit + 1]).fetchall()
        more = len(rows) > limit
        rows = rows[:limit]
        return Page([key for key, _, _ in rows], f"{rows[-1][1]!r}/{rows[-1][2]}" if more else None)

    def usage(self) -> dict[str, Usage]:
        with _explained():
            rows = self._connection().execute("SELECT namespace, entries, bytes FROM usage WHERE entries > 0")
            return {namespace: Usage(entries, bytes_) for namespace, entries, bytes_ in rows}

    def cheapest(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        sql = "SELECT key, size FROM records WHERE namespace = ? ORDER BY density, created LIMIT ?"
        with _explained():
            return self._connection().execute(sql, (namespace, limit)).fetchall()

    def credit(self, gains: Mapping[str, float]) -> None:
        with self._transaction() as connection:
            rows = [(gain, key) for key, gain in gains.items()]
            connection.executemany("UPDATE records SET worth = worth + ? WHERE key = ?", rows)

    # -- versions -----

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        with self._transaction() as connection:
            epoch = self._epoch(connection, namespace) + 1
            connection.executemany(
                "INSERT INTO versions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number",
                [(namespace, name, epoch) for name in names],
            )
        return epoch

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        numbers: dict[str, int] = {}
        with _explained():
            connection = self._connection()
            for some in _chunks(names):
                marks = ",".join("?" * len(some))
                sql = f"SELECT name, number FROM versions WHERE namespace = ? AND name IN ({marks})"
                numbers.update(connection.execute(sql, (namespace, *some)).fetchall())
            return self._epoch(connection, namespace), numbers

    @staticmethod
    def _epoch(connection: sqlite3.Connection, namespace: str) -> int:
        sql = "SELECT max(number) FROM versions WHERE namespace = ?"
        return connection.execute(sql, (namespace,)).fetchone()[0] or 0

    # -- leases -----

    def acquire(self, key: str, token: str, ttl: float) -> float:
        with self._transaction() as connection:
            now = self._clock()
            held = connection.execute("SELECT expires FROM leases WHERE key = ?", (key,)).fetchone()
            if held and held[0] > now:
                return float(held[0] - now)
            connection.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?)", (key, token, now + ttl))
            return 0.0

    def release(self, key: str, token: str) -> bool:
        with self._transaction() as connection:
            sql = "DELETE FROM leases WHERE key = ? AND token = ? AND expires > ?"
            return connection.execute(sql, (key, token, self._clock())).rowcount == 1

    # -- statistics -----

    def add(self, tallies: Sequence[Tally]) -> None:
        rows = [(tally.bucket, tally.series, *item) for tally in tallies for item in tally.sums.items()]
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO tallies VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
                rows,
            )

    def tallies(self, since: str, until: str) -> Iterator[Tally]:
        sql = "SELECT bucket, series, name, value FROM tallies WHERE bucket >= ? AND bucket < ? ORDER BY bucket, series"
        with _explained():
            rows = self._connection().execute(sql, (since, until)).fetchall()
        sums: dict[tuple[str, str], dict[str, float]] = {}
        for bucket, series, name, value in rows:
            sums.setdefault((bucket, series), {})[name] = value
        for (bucket, series), values in sums.items():
            yield Tally(bucket, series, values)

    # -- life -----

    def ping(self) -> None:
        with _explained():
            self._connection().execute("SELECT 1 FROM usage LIMIT 1").fetchall()

    def sweep(self) -> int:
        swept = 0
        sql = (
            "DELETE FROM records WHERE id IN"
            " (SELECT id FROM records WHERE expires IS NOT NULL AND expires <= ? ORDER BY expires LIMIT ?)"
        )
        while True:  # in small transactions, so that nobody waits long for the writer's lock
            with self._transaction() as connection:
                gone = connection.execute(sql, (self._clock(), _SWEEP_CHUNK)).rowcount
            swept += gone
            if gone < _SWEEP_CHUNK:
                break
        with self._transaction() as connection:
            connection.execute("DELETE FROM leases WHERE expires <= ?", (self._clock(),))
        with _explained():
            self._connection().execute("PRAGMA incremental_vacuum(1000)").fetchall()
        return swept

    def close(self) -> None:
        while self._connections:
            self._connections.pop().close()
        self._local = threading.local()

    # -- connections -----

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            self._connections.append(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -16000")
        connection.create_function("contains", 2, _contains, deterministic=True)
        return connection

    def _migrate(self) -> None:
        connection = self._connection()
        with self._transaction():
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA_VERSION:
                raise ValueError(
                    f"{self._path} was written by a newer version of Prompt Cache; upgrade, or use another file"
                )
            if version == 0:
                for statement in _statements(_SCHEMA):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with _explained():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        kind = StoreFull if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL" else StoreUnavailable
        raise kind(f"SQLite: {error}") from error


def _contains(text: str | None, needle: str) -> bool:
    return text is not None and needle in text.casefold()


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), 500):
        yield values[at : at + 500]


def _place(cursor: str) -> tuple[float, int]:
    created, _, id_ = cursor.partition("/")
    try:
        return float(created), int(id_)
    except ValueError:
        raise ValueError("the cursor is not one that a listing returned") from None


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
