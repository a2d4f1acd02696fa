"""One SQLite file, shared by all workers of a machine: the default."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar
from urllib.parse import unquote

from ...values.defaults import STORE_TIMEOUT
from ..base import (
    MANY_NAMES,
    CounterMove,
    CounterRow,
    Gain,
    NamespaceSize,
    Neighbour,
    Page,
    Record,
    RecordQuery,
    Store,
    VectorRecord,
    VectorStore,
    is_expendable,
)
from ..vectors import numpy
from .bodies import Bodies, InRows
from .database import ERRORS, Database
from .durability import Durability, durability_of
from .selecting import Place, has_horizon, horizon, leads, listing, marks, place_of
from .vectors import Vectors

_CHUNK = 500
"""Rows per statement."""
_CHUNK_BYTES = 16 * 1024**2
"""Of bodies per transaction of long deletes."""
_NO_NAME = ""
"""Has the number of a bump that names nothing; the generation is the highest there is."""
_INCREMENT = "INSERT INTO counters VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value"
_INCREMENT_AND_GET = f"{_INCREMENT} RETURNING value"
_ADD_GAIN = (
    "INSERT INTO gains SELECT id, namespace, ?, ? FROM records WHERE digest = ?"
    " ON CONFLICT DO UPDATE SET hits = hits + excluded.hits, worth = worth + excluded.worth"
)

_T = TypeVar("_T")


class SqliteStore(Store, VectorStore):
    """Records in rows, and with them their bodies, unless `bodies` has another place for those."""

    local = True

    def __init__(
        self,
        path: Path,
        *,
        bodies: Bodies | None = None,
        timeout: float = STORE_TIMEOUT,
        durability: Durability = "normal",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._bodies = bodies or InRows()
        self._database = Database(path, timeout, durability)
        self._vectors = Vectors(self._database, clock, _digest)
        select = f"SELECT key, expires, {self._bodies.column} FROM records WHERE digest"
        self._select = (f"{select} = ?", f"{select} IN")
        version = "coalesce((SELECT number FROM versions WHERE namespace = ? AND name = ?), 0)"
        self._select_with_version = f"SELECT key, expires, body, {version} FROM records WHERE digest = ?"

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "SqliteStore":  # noqa: ARG003
        """`sqlite:///relative.db`, `sqlite:////absolute.db`, and `?durability=full`."""
        try:
            where, durability = durability_of(url, "normal")
        except ValueError as error:
            raise ValueError(f"sqlite: {error}") from None
        path = where.removeprefix("sqlite:///")
        if not where.startswith("sqlite:///") or not path or path.endswith("/"):
            raise ValueError("sqlite needs a path: sqlite:///file.db, or sqlite:////absolute/path/file.db")
        return cls(Path(unquote(path)), timeout=timeout, durability=durability)

    # -- records -----

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        bodies = self._bodies.read(self._contents(keys), self._contents)
        return list(map(bodies.get, keys))

    def _contents(self, keys: Sequence[str]) -> dict[str, Any]:
        """The content, as it is in the row, of those keys that there are."""
        sql = self._select
        try:
            connection = self._database.connection
            if len(keys) == 1:
                rows = connection.execute(sql[0], (_digest(keys[0]),)).fetchall()
            else:
                rows = []
                for some in _chunks(keys):
                    rows += connection.execute(f"{sql[1]} ({marks(some)})", [_digest(key) for key in some]).fetchall()
        except ERRORS as error:
            raise self._database.explain(error) from error
        now = self._clock()
        return {key: content for key, expires, content in rows if expires is None or expires > now}

    def put(self, records: Sequence[Record]) -> None:
        self._database.require_room(sum(record.size for record in records))
        files = self._bodies.write(records)
        replaced: list[str | None] = []
        try:
            with self._database.transaction(
                passing=all(is_expendable(each.namespace) for each in records)
            ) as connection:
                for record, file in zip(records, files, strict=True):
                    old = connection.execute(
                        "DELETE FROM records WHERE digest = ? RETURNING file", (_digest(record.key),)
                    )
                    replaced += [name for (name,) in old.fetchall()]
                    _insert(connection, record, file)
        except BaseException:
            self._bodies.remove(files)
            raise
        self._bodies.remove(replaced)

    def delete(self, keys: Sequence[str]) -> int:
        now = self._clock()
        rest, deleted = [_digest(key) for key in keys], 0
        while rest:

            def delete(connection: Connection, rows: int, rest: list[int] = rest) -> tuple[int, list[Any]]:
                some = rest[:rows]
                sql = f"DELETE FROM records WHERE digest IN ({marks(some)}) RETURNING expires, file"
                return len(some), connection.execute(sql, some).fetchall()

            asked, gone = self._database.freeing(delete)
            rest = rest[asked:]
            self._bodies.remove(file for _, file in gone)
            deleted += sum(expires is None or expires > now for expires, _ in gone)
        return deleted

    def clear(self, namespace: str) -> int:
        now = self._clock()
        gone = sum(expires is None or expires > now for expires in self._drain("namespace = ?", namespace))
        if self._database.full:
            self._database.give_back()
        return gone

    def _drain(self, which: str, value: object) -> Iterator[float | None]:
        """Delete what a condition selects, little by little; yields when each would have expired."""

        def delete(connection: Connection, rows: int) -> list[tuple[float | None, str | None]]:
            some, bytes_ = [], 0
            for id_, size in connection.execute(f"SELECT id, size FROM records WHERE {which} LIMIT {rows}", (value,)):
                some.append(id_)
                bytes_ += size
                if bytes_ >= _CHUNK_BYTES:
                    break
            sql = f"DELETE FROM records WHERE id IN ({marks(some)}) RETURNING expires, file"
            return connection.execute(sql, some).fetchall() if some else []

        while gone := self._database.freeing(delete):
            self._bodies.remove(file for _, file in gone)
            yield from (expires for expires, _ in gone)

    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        after = None if cursor is None else place_of(cursor)
        descending = query.order != "oldest"
        rows: set[tuple[str, float, int]] = set()
        ends: list[Place] = []
        with self._database.explained():
            connection = self._database.connection
            for lead in leads(connection, query):
                if has_horizon(query):
                    ends += connection.execute(*horizon(query, lead, after)).fetchall()
                end = (max if descending else min)(ends, default=None)
                sql, values = listing(query, lead, after, self._clock(), end)
                rows.update(connection.execute(sql, (*values, limit + 1)))
        end = (max if descending else min)(ends, default=None)
        within = [row for row in rows if end is None or (row[1:] >= end if descending else row[1:] <= end)]
        ordered = sorted(within, key=lambda row: row[1:], reverse=descending)
        last = ordered[limit - 1][1:] if len(ordered) > limit else end
        return Page([key for key, _, _ in ordered[:limit]], f"{last[0]!r}/{last[1]}" if last else None)

    def sizes(self) -> dict[str, NamespaceSize]:
        with self._database.explained():
            sql = "SELECT namespace, entries, bytes FROM usage WHERE entries > 0"
            rows = self._database.connection.execute(sql).fetchall()
        return {namespace: NamespaceSize(entries, bytes_) for namespace, entries, bytes_ in rows}

    def eviction_candidates(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        sql = "SELECT key, size FROM records WHERE namespace = ? ORDER BY density, created LIMIT ?"
        with self._database.explained():
            return self._database.connection.execute(sql, (namespace, limit)).fetchall()

    def add_gains(self, gains: Mapping[str, Gain]) -> None:
        worths = [(gain.worth, _digest(key)) for key, gain in gains.items()]
        rows = [(gain.hits, gain.worth, _digest(key)) for key, gain in gains.items()]
        with self._database.transaction(passing=True) as connection:
            connection.executemany("UPDATE records SET worth = worth + ? WHERE digest = ?", worths)
            connection.executemany(_ADD_GAIN, rows)

    def hits(self, keys: Sequence[str]) -> list[int]:
        hits: dict[str, int] = {}
        with self._database.explained():
            connection = self._database.connection
            for some in _chunks(keys):
                sql = f"SELECT key, hits FROM records JOIN gains ON record = id WHERE digest IN ({marks(some)})"
                hits.update(connection.execute(sql, [_digest(key) for key in some]).fetchall())
        return [hits.get(key, 0) for key in keys]

    # -- versions -----

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        with self._database.transaction() as connection:
            generation = _generation(connection, namespace) + 1
            connection.executemany(
                "INSERT INTO versions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number",
                [(namespace, name, generation) for name in set(names) or {_NO_NAME}],
            )
        return generation

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        numbers: dict[str, int] = {}
        with self._database.explained():
            connection = self._database.connection
            generation = _generation(connection, namespace)
            for some in _chunks(names):
                sql = f"SELECT name, number FROM versions WHERE namespace = ? AND name IN ({marks(some)})"
                numbers.update(connection.execute(sql, (namespace, *some)).fetchall())
        return generation, numbers

    def get_with_version(self, key: str, namespace: str, name: str) -> tuple[bytes | None, int]:
        if not isinstance(self._bodies, InRows):
            return super().get_with_version(key, namespace, name)
        try:
            found = self._database.connection.execute(self._select_with_version, (namespace, name, _digest(key)))
            rows = found.fetchall()
        except ERRORS as error:
            raise self._database.explain(error) from error
        for found_key, expires, body, number in rows:
            if found_key == key and (expires is None or expires > self._clock()):
                return body, number
        return None, 0

    def get_with_versions(
        self, keys: Sequence[str], namespace: str
    ) -> tuple[list[bytes | None], int, dict[str, int] | None]:
        bodies = self.get(keys)
        with self._database.explained():
            connection = self._database.connection
            generation = _generation(connection, namespace)
            if not generation:
                return bodies, 0, {}
            sql = "SELECT name, number FROM versions WHERE namespace = ? AND name > ? LIMIT ?"
            rows = connection.execute(sql, (namespace, _NO_NAME, MANY_NAMES + 1)).fetchall()
        return bodies, generation, dict(rows) if len(rows) <= MANY_NAMES else None

    # -- leases -----

    def acquire(self, key: str, token: str, ttl: float) -> float:
        with self._database.transaction(passing=True) as connection:
            now = self._clock()
            lease = connection.execute(
                "SELECT expires FROM leases WHERE key = ? AND token != ?", (key, token)
            ).fetchone()
            if lease and lease[0] > now:
                return float(lease[0] - now)
            connection.execute("INSERT OR REPLACE INTO leases VALUES (?, ?, ?)", (key, token, now + ttl))
            return 0.0

    def release(self, key: str, token: str) -> bool:
        with self._database.transaction(passing=True) as connection:
            sql = "DELETE FROM leases WHERE key = ? AND token = ? AND expires > ?"
            return connection.execute(sql, (key, token, self._clock())).rowcount == 1

    # -- counters -----

    def increment(self, counters: Sequence[CounterRow]) -> None:
        rows = [(row.bucket, row.series, *item) for row in counters for item in row.sums.items()]
        with self._database.transaction(passing=True) as connection:
            connection.executemany(_INCREMENT, rows)

    def increment_and_get(self, counters: Sequence[CounterRow]) -> list[CounterRow]:
        with self._database.transaction(passing=True) as connection:
            return [
                CounterRow(
                    row.bucket,
                    row.series,
                    {
                        name: connection.execute(_INCREMENT_AND_GET, (row.bucket, row.series, name, value)).fetchall()[
                            0
                        ][0]
                        for name, value in row.sums.items()
                    },
                )
                for row in counters
            ]

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        sql = "SELECT bucket, series, name, value FROM counters WHERE bucket >= ? AND bucket < ?"
        with self._database.explained():
            rows = self._database.connection.execute(sql, (since, until)).fetchall()
        sums: dict[tuple[str, str], dict[str, float]] = {}
        for bucket, series, name, value in rows:
            sums.setdefault((bucket, series), {})[name] = value
        for (bucket, series), values in sums.items():
            yield CounterRow(bucket, series, values)

    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        take = "DELETE FROM counters WHERE bucket = ? AND series = ? AND name = ? RETURNING value"
        for some in _chunks(moves):
            with self._database.transaction() as connection:
                for move in some:
                    for name in move.row.sums:
                        taken = connection.execute(take, (move.row.bucket, move.row.series, name)).fetchall()
                        if move.bucket is not None:
                            rows = [(move.bucket, move.series, name, value) for (value,) in taken]
                            connection.executemany(_INCREMENT, rows)

    # -- vectors -----

    def check_vectors(self) -> None:
        numpy()

    def put_vectors(self, vectors: Sequence[VectorRecord]) -> None:
        self._vectors.put(vectors)

    def nearest(self, wanted: Sequence[tuple[str, bytes]], *, limit: int, least: float) -> list[list[Neighbour]]:
        return self._vectors.nearest(wanted, limit=limit, least=least)

    def delete_vectors(self, keys: Sequence[str]) -> None:
        self._vectors.delete(keys)

    # -- life -----

    def ping(self) -> None:
        with self._database.explained():
            self._database.connection.execute("SELECT 1 FROM usage LIMIT 1").fetchall()

    def sweep(self) -> int:
        swept = sum(1 for _ in self._drain("expires <= ?", self._clock()))
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM leases WHERE expires <= ?", (self._clock(),))
            connection.execute("DELETE FROM usage WHERE entries <= 0")
        self._database.give_back()
        self._bodies.sweep(self._is_named)
        self._vectors.sweep()
        return swept

    def _is_named(self, file: str) -> bool:
        with self._database.explained():
            sql = "SELECT 1 FROM records WHERE file = ?"
            return self._database.connection.execute(sql, (file,)).fetchone() is not None

    def close(self) -> None:
        self._database.close()


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


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for at in range(0, len(values), _CHUNK):
        yield values[at : at + _CHUNK]
