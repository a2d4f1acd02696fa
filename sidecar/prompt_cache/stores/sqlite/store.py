"""One SQLite file, shared by all workers of a machine: the default."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from math import isfinite
from pathlib import Path
from sqlite3 import Connection
from typing import Any, ClassVar
from urllib.parse import unquote

from ...values.defaults import STORE_TIMEOUT
from ..base import CounterRow, NamespaceSize, Page, Record, RecordQuery, Store, StoreUnavailable
from .database import ERRORS, Database

_CHUNK = 500
"""Rows per statement, and per transaction of long deletes, so that nobody waits long for the writer's lock."""
_RARE = 1000

Place = tuple[float, int]
"""Where a listing stands: (created, id)."""


class SqliteStore(Store):
    """Records with their bodies in rows."""

    _content: ClassVar[str] = "body"
    """The column that holds the body, or says where it is."""

    def __init__(self, path: Path, *, timeout: float = STORE_TIMEOUT, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._database = Database(path, timeout)
        select = f"SELECT key, expires, {self._content} FROM records WHERE digest"
        self._select = (f"{select} = ?", f"{select} IN")

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "SqliteStore":  # noqa: ARG003
        """`sqlite:///relative.db`, `sqlite:////absolute.db`."""
        path = url.removeprefix("sqlite:///")
        if not url.startswith("sqlite:///") or not path or "?" in path or path.endswith("/"):
            raise ValueError("sqlite needs a path and no more: sqlite:///file.db, or sqlite:////absolute/path/file.db")
        return cls(Path(unquote(path)), timeout=timeout)

    # -- where bodies are; other places than the row override these -----

    def _lay_down(self, records: Sequence[Record]) -> list[str | None]:
        """Write bodies that do not go into rows; returns the file of each."""
        return [None] * len(records)

    def _take_up(self, files: Iterable[str | None]) -> None:
        """Remove files that no row names any more."""

    # -- records -----

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        return list(map(self._alive(keys).get, keys))

    def _alive(self, keys: Sequence[str]) -> dict[str, Any]:
        """The content, as it is in the row, of those keys that there are."""
        sql = self._select
        try:
            connection = self._database.connection
            if len(keys) == 1:
                rows = connection.execute(sql[0], (_digest(keys[0]),)).fetchall()
            else:
                rows = []
                for some in _chunks(keys):
                    rows += connection.execute(f"{sql[1]} ({_marks(some)})", [_digest(key) for key in some]).fetchall()
        except ERRORS as error:
            raise self._database.explain(error) from error
        now = self._clock()
        return {key: content for key, expires, content in rows if expires is None or expires > now}

    def put(self, records: Sequence[Record]) -> None:
        self._database.require_room(sum(record.size for record in records))
        files = self._lay_down(records)
        replaced: list[str | None] = []
        try:
            with self._database.transaction() as connection:
                for record, file in zip(records, files, strict=True):
                    old = connection.execute(
                        "DELETE FROM records WHERE digest = ? RETURNING file", (_digest(record.key),)
                    )
                    replaced += [name for (name,) in old.fetchall()]
                    _insert(connection, record, file)
        except BaseException:
            self._take_up(files)
            raise
        self._take_up(replaced)

    def delete(self, keys: Sequence[str]) -> int:
        now = self._clock()
        gone: list[tuple[float | None, str | None]] = []
        with self._database.transaction() as connection:
            for some in _chunks(keys):
                sql = f"DELETE FROM records WHERE digest IN ({_marks(some)}) RETURNING expires, file"
                gone += connection.execute(sql, [_digest(key) for key in some]).fetchall()
        self._take_up(file for _, file in gone)
        return sum(expires is None or expires > now for expires, _ in gone)

    def clear(self, namespace: str) -> int:
        now = self._clock()
        gone = self._drain("namespace = ?", namespace)
        return sum(expires is None or expires > now for expires in gone)

    def _drain(self, which: str, value: object) -> Iterator[float | None]:
        """Delete what a condition selects, little by little; yields when each would have expired."""
        sql = (
            f"DELETE FROM records WHERE id IN (SELECT id FROM records WHERE {which} LIMIT {_CHUNK})"
            " RETURNING expires, file"
        )
        while True:
            with self._database.transaction() as connection:
                gone = connection.execute(sql, (value,)).fetchall()
            self._take_up(file for _, file in gone)
            yield from (expires for expires, _ in gone)
            if len(gone) < _CHUNK:
                return

    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        before = None if cursor is None else _place(cursor)
        rows: set[tuple[str, float, int]] = set()
        with self._database.explained():
            connection = self._database.connection
            for lead in _leads(connection, query):
                sql, values = listing(query, lead, before, self._clock())
                rows.update(connection.execute(sql, (*values, limit + 1)))
        ordered = sorted(rows, key=lambda row: row[1:], reverse=True)
        page = ordered[:limit]
        return Page([key for key, _, _ in page], f"{page[-1][1]!r}/{page[-1][2]}" if len(ordered) > limit else None)

    def sizes(self) -> dict[str, NamespaceSize]:
        with self._database.explained():
            sql = "SELECT namespace, entries, bytes FROM usage WHERE entries > 0"
            rows = self._database.connection.execute(sql).fetchall()
        return {namespace: NamespaceSize(entries, bytes_) for namespace, entries, bytes_ in rows}

    def eviction_candidates(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        sql = "SELECT key, size FROM records WHERE namespace = ? ORDER BY density, created LIMIT ?"
        with self._database.explained():
            return self._database.connection.execute(sql, (namespace, limit)).fetchall()

    def add_worth(self, gains: Mapping[str, float]) -> None:
        rows = [(gain, _digest(key)) for key, gain in gains.items()]
        with self._database.transaction() as connection:
            connection.executemany("UPDATE records SET worth = worth + ? WHERE digest = ?", rows)

    # -- versions -----

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        with self._database.transaction() as connection:
            generation = _generation(connection, namespace) + 1
            connection.executemany(
                "INSERT INTO versions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number",
                [(namespace, name, generation) for name in names],
            )
        return generation

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        numbers: dict[str, int] = {}
        with self._database.explained():
            connection = self._database.connection
            generation = _generation(connection, namespace)
            for some in _chunks(names):
                sql = f"SELECT name, number FROM versions WHERE namespace = ? AND name IN ({_marks(some)})"
                numbers.update(connection.execute(sql, (namespace, *some)).fetchall())
        return generation, numbers

    # -- leases -----

    def acquire(self, key: str, token: str, ttl: float) -> float:
        with self._database.transaction() as connection:
            now = self._clock()
            held = connection.execute("SELECT expires FROM leases WHERE key = ?", (key,)).fetchone()
            if held and held[0] > now:
                return float(held[0] - now)
            connection.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?)", (key, token, now + ttl))
            return 0.0

    def release(self, key: str, token: str) -> bool:
        with self._database.transaction() as connection:
            sql = "DELETE FROM leases WHERE key = ? AND token = ? AND expires > ?"
            return connection.execute(sql, (key, token, self._clock())).rowcount == 1

    # -- statistics -----

    def increment(self, counters: Sequence[CounterRow]) -> None:
        rows = [(row.bucket, row.series, *item) for row in counters for item in row.sums.items()]
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO counters VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value",
                rows,
            )

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        sql = "SELECT bucket, series, name, value FROM counters WHERE bucket >= ? AND bucket < ?"
        with self._database.explained():
            rows = self._database.connection.execute(sql, (since, until)).fetchall()
        sums: dict[tuple[str, str], dict[str, float]] = {}
        for bucket, series, name, value in rows:
            sums.setdefault((bucket, series), {})[name] = value
        for (bucket, series), values in sums.items():
            yield CounterRow(bucket, series, values)

    # -- life -----

    def ping(self) -> None:
        with self._database.explained():
            self._database.connection.execute("SELECT 1 FROM usage LIMIT 1").fetchall()
        if not self._database.path.exists():
            raise StoreUnavailable(f"{self._database.path} was taken away while it was in use: restart to begin anew")

    def sweep(self) -> int:
        swept = sum(1 for _ in self._drain("expires <= ?", self._clock()))
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM leases WHERE expires <= ?", (self._clock(),))
            connection.execute("DELETE FROM usage WHERE entries <= 0")
        with self._database.explained():
            self._database.connection.executescript("PRAGMA incremental_vacuum(10000)")
        return swept

    def close(self) -> None:
        self._database.close()


def listing(query: RecordQuery, lead: str | None, before: Place | None, now: float) -> tuple[str, list[Any]]:
    """The query of one page (and its values but the limit): by a label in its own order of age, or by age alone."""
    where: list[str] = ["(r.expires IS NULL OR r.expires > ?)"]
    values: list[Any] = [now]
    if lead is None:
        source, created, id_ = "records r", "r.created", "r.id"
        where.append("r.namespace = ?")
        values.append(query.namespace)
    else:
        source, created, id_ = "labels l CROSS JOIN records r ON r.id = l.record", "l.created", "l.record"
        where.append("l.namespace = ? AND l.label = ?")
        values += [query.namespace, lead]
    carries = "EXISTS (SELECT 1 FROM labels WHERE namespace = ? AND created = r.created AND record = r.id AND label"
    for label in query.labels:
        if label != lead:
            where.append(f"{carries} = ?)")
            values += [query.namespace, label]
    if query.any_label and lead not in query.any_label:
        where.append(f"{carries} IN ({_marks(query.any_label)}))")
        values += [query.namespace, *query.any_label]
    if query.created_before is not None:
        where.append(f"{created} < ?")
        values.append(query.created_before)
    if query.text:
        where.append("contains(r.text, ?)")
        values.append(query.text.casefold())
    if before is not None:
        where.append(f"({created}, {id_}) < (?, ?)")
        values += before
    order = f"{created} DESC, {id_} DESC"
    return f"SELECT r.key, r.created, r.id FROM {source} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ?", values


def _leads(connection: Connection, query: RecordQuery) -> Sequence[str | None]:
    """The labels to go by, so that little is looked at in vain: the rarest there is, or each of the alternatives."""
    ways: list[Sequence[str]] = [(label,) for label in query.labels]
    if query.any_label:
        ways.append(tuple(set(query.any_label)))
    if len(ways) < 2:
        return ways[0] if ways else (None,)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM labels WHERE namespace = ? AND label = ? LIMIT {_RARE})"

    def cost(labels: Sequence[str]) -> int:
        return sum(connection.execute(sql, (query.namespace, label)).fetchone()[0] for label in labels)

    return min(ways, key=cost)


def _insert(connection: Connection, record: Record, file: str | None) -> None:
    sql = (
        "INSERT INTO records (digest, key, namespace, created, expires, size, worth, text, file, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    body = record.body if file is None else None
    row = (
        _digest(record.key),
        record.key,
        record.namespace,
        record.created,
        record.expires,
        record.size,
        record.worth,
        record.text,
    )
    id_ = connection.execute(sql, (*row, file, body)).lastrowid
    if record.labels:
        labels = [(record.namespace, label, record.created, id_) for label in set(record.labels)]
        connection.executemany("INSERT INTO labels VALUES (?, ?, ?, ?)", labels)


def _digest(key: str) -> int:
    """The 64 bits a row goes by. Should two keys ever share them, the later record takes the earlier one's place."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def _generation(connection: Connection, namespace: str) -> int:
    sql = "SELECT max(number) FROM versions WHERE namespace = ?"
    return connection.execute(sql, (namespace,)).fetchone()[0] or 0


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), _CHUNK):
        yield values[at : at + _CHUNK]


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


def _place(cursor: str) -> Place:
    created, _, id_ = cursor.partition("/")
    try:
        place = float(created), int(id_)
    except ValueError:
        pass
    else:
        if isfinite(place[0]) and abs(place[1]) < 2**63:
            return place
    raise ValueError("the cursor is not one that a listing returned")
