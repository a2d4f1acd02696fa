"""One schema in a PostgreSQL database, shared by any number of sidecars."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

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
    StoreUnavailable,
    VectorRecord,
    VectorStore,
)
from .address import Address
from .connections import Connections, Row
from .migrations import migrate
from .selecting import cursor_after, label_id, page_statement
from .texts import read, storable, written
from .vectors import Vectors

_T = TypeVar("_T")

_ROWS = 500
_BYTES = 16 * 1024 * 1024
_COUNTERS = 10_000
_NOW = "extract(epoch FROM clock_timestamp())::float8"
_ACQUIRE_TRIES = 5
_A_MOMENT = 0.001


class PostgresStore(Store, VectorStore):
    """Every method is one statement, which is one transaction and one round trip.

    Whatever locks several rows locks them in the order of their keys, so that no two writers wait for each other.
    """

    remote = True

    def __init__(
        self, address: Address, *, timeout: float = STORE_TIMEOUT, clock: Callable[[], float] = time.time
    ) -> None:
        self._address = address
        self._timeout = timeout
        self._clock = clock
        self._connections = Connections(address, timeout)
        self._vectors = Vectors(self._connections, address.schema, timeout, self._run, clock)
        self._migrated = False
        self._migrating = threading.Lock()
        try:
            self._migrate()
        except StoreUnavailable:
            return  # it may start after us: every use asks again until it is there

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "PostgresStore":
        """`postgresql://user:password@host:5432/database`, with `?schema=`, `?unlogged=true` and `?pool_size=`."""
        return cls(Address.from_url(url, prefix), timeout=timeout)

    # -- records -----

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        sql = "SELECT key, body FROM records WHERE key = ANY(%s::text[]) AND (expires IS NULL OR expires > %s)"
        alive: dict[str, bytes] = {}
        for some in _chunks(keys):
            alive.update(self._run(sql, some, self._clock()))
        return [alive.get(key) for key in keys]

    def put(self, records: Sequence[Record]) -> None:
        sql = """
            INSERT INTO records (key, namespace, created, expires, size, worth, labels, text, body)
            SELECT key, namespace, created, expires, size, worth, labels::uuid[], text, body
            FROM unnest(%s::text[], %s::text[], %s::float8[], %s::float8[], %s::bigint[], %s::float8[], %s::text[],
                %s::text[], %s::bytea[])
                AS given (key, namespace, created, expires, size, worth, labels, text, body)
            ORDER BY key
            ON CONFLICT (key) DO UPDATE SET
                namespace = excluded.namespace, created = excluded.created, expires = excluded.expires,
                size = excluded.size, worth = excluded.worth, labels = excluded.labels, text = excluded.text,
                body = excluded.body, hits = 0, gained = 0
        """
        for some in _portions(sorted({record.key: record for record in records}.values(), key=lambda r: r.key)):
            self._run(sql, *map(list, zip(*map(_row, some), strict=True)))

    def delete(self, keys: Sequence[str]) -> int:
        sql = """
            WITH chosen AS (SELECT id FROM records WHERE key = ANY(%s::text[]) ORDER BY key FOR UPDATE),
            deleted AS (DELETE FROM records USING chosen WHERE records.id = chosen.id RETURNING expires)
            SELECT count(*) FROM deleted WHERE expires IS NULL OR expires > %s
        """
        return sum(int(self._run(sql, some, self._clock())[0][0]) for some in _chunks(keys))

    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        sql, values = page_statement(query, self._clock(), limit + 1, cursor)
        rows = self._run(sql, *values)
        descending = query.order != "oldest"
        end = (max if descending else min)((row[1:] for row in rows if row[0] is None), default=None)
        found = sorted((row for row in rows if row[0] is not None), key=lambda row: row[1:], reverse=descending)
        if end is not None:
            found = [row for row in found if (row[1:] >= end if descending else row[1:] <= end)]
        last = found[limit - 1][1:] if len(found) > limit else end
        return Page([key for key, _, _ in found[:limit]], cursor_after(*last) if last else None)

    def sizes(self) -> dict[str, NamespaceSize]:
        sql = """
            SELECT namespace, sum(entries)::bigint, sum(bytes)::bigint FROM usage
            GROUP BY namespace HAVING sum(entries) > 0
        """
        return {namespace: NamespaceSize(entries, bytes_) for namespace, entries, bytes_ in self._run(sql)}

    def eviction_candidates(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        sql = "SELECT key, size FROM records WHERE namespace = %s ORDER BY density, created LIMIT %s"
        return [(key, size) for key, size in self._run(sql, namespace, limit)]

    def add_gains(self, gains: Mapping[str, Gain]) -> None:
        sql = """
            WITH chosen AS (
                SELECT id, times, gain FROM unnest(%s::text[], %s::bigint[], %s::float8[]) AS given (key, times, gain)
                JOIN records USING (key) ORDER BY key FOR UPDATE OF records
            )
            UPDATE records SET worth = worth + gain, hits = hits + times, gained = gained + gain
            FROM chosen WHERE records.id = chosen.id
        """
        for some in _chunks(list(gains)):
            self._run(sql, some, [gains[key].hits for key in some], [float(gains[key].worth) for key in some])

    def hits(self, keys: Sequence[str]) -> list[int]:
        hits: dict[str, int] = {}
        for some in _chunks(keys):
            hits.update(self._run("SELECT key, hits FROM records WHERE key = ANY(%s::text[])", some))
        return [hits.get(key, 0) for key in keys]

    # -- versions -----

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        sql = """
            WITH advanced AS (
                INSERT INTO generations AS present VALUES (%s, 1)
                ON CONFLICT (namespace) DO UPDATE SET number = present.number + 1 RETURNING namespace, number
            ), named AS (
                INSERT INTO versions SELECT namespace, name, number FROM advanced, unnest(%s::text[]) AS name
                ON CONFLICT (namespace, name) DO UPDATE SET number = excluded.number
            )
            SELECT number FROM advanced
        """
        return int(self._run(sql, namespace, sorted(set(names)))[0][0])

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        sql = """
            SELECT name, number FROM versions WHERE namespace = %s AND name = ANY(%s::text[])
            UNION ALL SELECT NULL, number FROM generations WHERE namespace = %s
        """
        rows = self._run(sql, namespace, list(names), namespace)
        return sum(number for name, number in rows if name is None), {
            name: number for name, number in rows if name is not None
        }

    def get_with_versions(
        self, keys: Sequence[str], namespace: str
    ) -> tuple[list[bytes | None], int, dict[str, int] | None]:
        if len(keys) > _ROWS:
            return super().get_with_versions(keys, namespace)
        sql = """
            SELECT 0, key, body, NULL::bigint FROM records
            WHERE key = ANY(%s::text[]) AND (expires IS NULL OR expires > %s)
            UNION ALL SELECT 1, NULL, NULL, number FROM generations WHERE namespace = %s
            UNION ALL (SELECT 2, name, NULL, number FROM versions WHERE namespace = %s ORDER BY name LIMIT %s)
        """
        alive: dict[str, bytes] = {}
        versions: dict[str, int] = {}
        generation = 0
        for what, name, body, number in self._run(sql, list(keys), self._clock(), namespace, namespace, MANY_NAMES + 1):
            if what == 0:
                alive[name] = body
            elif what == 1:
                generation = number
            else:
                versions[name] = number
        bodies = [alive.get(key) for key in keys]
        return bodies, generation, versions if len(versions) <= MANY_NAMES else None

    # -- leases -----

    def acquire(self, key: str, token: str, ttl: float) -> float:
        sql = f"""
            WITH taken AS (
                INSERT INTO leases AS present VALUES (%(key)s, %(token)s, {_NOW} + %(ttl)s)
                ON CONFLICT (key) DO UPDATE SET token = excluded.token, expires = excluded.expires
                WHERE present.expires <= excluded.expires - %(ttl)s OR present.token = excluded.token RETURNING key
            )
            SELECT 0.0::float8 FROM taken
            UNION ALL SELECT expires - {_NOW} FROM leases WHERE key = %(key)s AND NOT EXISTS (SELECT FROM taken)
        """
        for _ in range(_ACQUIRE_TRIES):
            rows = self._run(sql, key=key, token=token, ttl=float(ttl))
            if rows:  # else the holder came, or went, after this statement began to look
                return 0.0 if rows[0][0] == 0.0 else max(float(rows[0][0]), _A_MOMENT)
        return _A_MOMENT

    def release(self, key: str, token: str) -> bool:
        sql = f"DELETE FROM leases WHERE key = %s AND token = %s AND expires > {_NOW} RETURNING key"
        return bool(self._run(sql, key, token))

    # -- counters -----

    def increment(self, counters: Sequence[CounterRow]) -> None:
        self._increment(counters)

    def increment_and_get(self, counters: Sequence[CounterRow]) -> list[CounterRow]:
        rows = self._increment(counters, "RETURNING bucket, series, name, value")
        values = {(bucket, series, name): float(value) for bucket, series, name, value in rows}
        return [
            CounterRow(row.bucket, row.series, {name: values[row.bucket, row.series, name] for name in row.sums})
            for row in counters
        ]

    def _increment(self, counters: Sequence[CounterRow], returning: str = "") -> list[Row]:
        sql = f"""
            INSERT INTO counters AS total (bucket, digest, name, value, series)
            SELECT * FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::float8[], %s::text[])
                AS given (bucket, digest, name, value, series)
            ORDER BY bucket, digest, name
            ON CONFLICT (bucket, digest, name) DO UPDATE SET value = total.value + excluded.value
            {returning}
        """
        sums: dict[tuple[str, str, str], float] = {}
        for row in counters:
            for name, value in row.sums.items():
                place = (row.bucket, row.series, name)
                sums[place] = sums.get(place, 0.0) + value
        if not sums:
            return []
        rows = [
            (bucket, label_id("", series), name, float(value), series) for (bucket, series, name), value in sums.items()
        ]
        return self._run(sql, *map(list, zip(*rows, strict=True)))

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        for (bucket, series), rows in groupby(self._sums(since, until), key=lambda row: (row[0], row[4])):
            yield CounterRow(bucket, series, {name: value for _, _, name, value, _ in rows})

    def _sums(self, since: str, until: str) -> Iterator[Row]:
        sql = """
            SELECT bucket, digest::text, name, value, series FROM counters
            WHERE bucket >= %s AND bucket < %s {after} ORDER BY bucket, counters.digest, name LIMIT %s
        """
        rows = self._run(sql.format(after=""), since, until, _COUNTERS)
        yield from rows
        while len(rows) == _COUNTERS:
            after = "AND (bucket, digest, name) > (%s, %s::uuid, %s)"
            rows = self._run(sql.format(after=after), since, until, *rows[-1][:3], _COUNTERS)
            yield from rows

    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        sql = """
            WITH given AS (
                SELECT * FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::text[])
                    AS given (bucket, digest, name, to_bucket, to_digest, to_series)
            ), chosen AS (
                SELECT bucket, digest, name FROM counters JOIN given USING (bucket, digest, name)
                ORDER BY bucket, digest, name FOR UPDATE OF counters
            ), taken AS (
                DELETE FROM counters AS own USING chosen
                WHERE own.bucket = chosen.bucket AND own.digest = chosen.digest AND own.name = chosen.name
                RETURNING own.bucket, own.digest, own.name, own.value
            )
            INSERT INTO counters AS total (bucket, digest, name, value, series)
            SELECT to_bucket, to_digest, name, sum(value), min(to_series)
            FROM taken JOIN given USING (bucket, digest, name) WHERE to_bucket IS NOT NULL
            GROUP BY to_bucket, to_digest, name ORDER BY to_bucket, to_digest, name
            ON CONFLICT (bucket, digest, name) DO UPDATE SET value = total.value + excluded.value
        """
        for some in _chunks(moves):
            places = {
                (move.row.bucket, label_id("", move.row.series), name): (
                    move.bucket,
                    label_id("", move.series),
                    move.series,
                )
                for move in some
                for name in move.row.sums
            }
            if places:
                self._run(sql, *map(list, zip(*((*here, *there) for here, there in places.items()), strict=True)))

    # -- vectors -----

    def check_vectors(self) -> None:
        self._vectors.check()

    def put_vectors(self, vectors: Sequence[VectorRecord]) -> None:
        self._vectors.put(vectors)

    def nearest(self, wanted: Sequence[tuple[str, bytes]], *, limit: int, least: float) -> list[list[Neighbour]]:
        return self._vectors.nearest(wanted, limit, least)

    def delete_vectors(self, keys: Sequence[str]) -> None:
        self._vectors.delete(keys)

    # -- life -----

    def ping(self) -> None:
        self._run("SELECT FROM usage LIMIT 1")

    def sweep(self) -> int:
        # What somebody is writing is passed over, so that sweeping waits for nobody and nobody for it.
        sql = """
            WITH ended AS (
                SELECT id FROM records WHERE expires <= %s ORDER BY expires LIMIT %s FOR UPDATE SKIP LOCKED
            ), deleted AS (DELETE FROM records USING ended WHERE records.id = ended.id RETURNING 1)
            SELECT count(*) FROM deleted
        """
        swept = 0
        while True:
            gone = int(self._run(sql, self._clock(), _ROWS)[0][0])
            swept += gone
            if gone < _ROWS:
                break
        self._run(
            f"DELETE FROM leases WHERE key IN (SELECT key FROM leases WHERE expires <= {_NOW} FOR UPDATE SKIP LOCKED)"
        )
        return swept

    def close(self) -> None:
        self._connections.close()

    # -- statements -----

    def _run(self, sql: str, *values: object, **named: object) -> list[Row]:
        if not self._migrated:
            try:
                self._migrate()
            except ValueError as error:
                raise StoreUnavailable(f"PostgreSQL: {error}") from error
        given = {name: written(value) for name, value in named.items()} or tuple(map(written, values))
        return [tuple(map(read, row)) for row in self._connections.run(sql, given)]

    def _migrate(self) -> None:
        if not self._migrating.acquire(timeout=self._timeout):
            raise StoreUnavailable("PostgreSQL: no connection in time")
        try:
            if not self._migrated:
                with self._connections.single() as connection:
                    migrate(connection, self._address.schema, unlogged=self._address.unlogged)
                self._migrated = True
        finally:
            self._migrating.release()


def _row(record: Record) -> Row:
    labels = sorted({str(label_id(record.namespace, label)) for label in record.labels})
    return (
        record.key,
        record.namespace,
        float(record.created),
        None if record.expires is None else float(record.expires),
        record.size,
        float(record.worth),
        f"{{{','.join(labels)}}}",
        # Folded here and not by the database, whose idea of case depends on its locale.
        None if record.text is None else storable(record.text.casefold()),
        record.body,
    )


def _chunks(values: Sequence[_T]) -> Iterator[list[_T]]:
    for at in range(0, len(values), _ROWS):
        yield list(values[at : at + _ROWS])


def _portions(records: Iterable[Record]) -> Iterator[list[Record]]:
    """So many that one statement is neither too many rows nor too many bytes."""
    portion: list[Record] = []
    size = 0
    for record in records:
        if portion and (len(portion) == _ROWS or size + record.size > _BYTES):
            yield portion
            portion, size = [], 0
        portion.append(record)
        size += record.size
    if portion:
        yield portion
