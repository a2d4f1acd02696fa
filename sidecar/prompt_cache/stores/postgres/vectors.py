"""Vectors beside their records, by pgvector: in a table that is there once vectors are used."""

import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import TypeVar

from psycopg import errors, sql

from ..base import Neighbour, StoreUnavailable, VectorRecord, VectorsUnsupported
from .connections import Connection, Connections, Row

_T = TypeVar("_T")

_NAME = "vector"
_MISSING = (
    "this PostgreSQL has no pgvector: install it on the server (Debian and Ubuntu: postgresql-<version>-pgvector)"
)
_NOT_ALLOWED = "the database user may not set up pgvector; as an administrator run: CREATE EXTENSION vector"
_WAIT_SECONDS = 60.0
_REFUSED_SECONDS = 5.0
"""For which nobody asks again whether it can be set up: that takes a connection of its own."""
_ROWS = 200
_SEARCHES = 20
"""In one statement, which has to end in time."""

# A record that is replaced keeps its row, so a trigger takes its vector; that leaves alone what else changes in a row.
# `expires` is the record's, which changes with nothing less. Vectors are as safe as records are: a table that survives
# a crash may not refer to one that does not.
_TABLE = """
CREATE {unlogged} TABLE {schema}.vectors (
    record bigint PRIMARY KEY REFERENCES {schema}.records ON DELETE CASCADE,
    space text COLLATE "C" NOT NULL,
    expires float8,
    vector {extension}.vector NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE {schema}.vectors ALTER COLUMN vector SET STORAGE MAIN;
CREATE INDEX vectors_by_space ON {schema}.vectors (space);

CREATE FUNCTION {schema}.records_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM {schema}.vectors WHERE record = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER records_replaced AFTER UPDATE OF body ON {schema}.records
    FOR EACH ROW EXECUTE FUNCTION {schema}.records_replaced();
"""


class Vectors:
    """Each search compares all vectors of its space: exact, and a space is found by its index.

    `run` runs a statement with positional values.
    """

    def __init__(
        self,
        connections: Connections,
        schema: str,
        timeout: float,
        run: Callable[..., list[Row]],
        clock: Callable[[], float],
    ) -> None:
        self._connections = connections
        self._schema = schema
        self._timeout = timeout
        self._run = run
        self._clock = clock
        self._extension = ""
        self._setting_up = threading.Lock()
        self._refused: tuple[float, VectorsUnsupported] | None = None
        """When it could not be set up, and why."""

    def check(self) -> None:
        """Set up what is not there yet. Raises VectorsUnsupported, StoreFull, StoreUnavailable."""
        if self._extension:
            return
        self._run("SELECT")  # the tables it refers to are there after that
        if not self._setting_up.acquire(timeout=self._timeout):
            raise StoreUnavailable("PostgreSQL: no connection in time")
        try:
            if not self._extension:
                self._set_up()
        finally:
            self._setting_up.release()

    def _set_up(self) -> None:
        if self._refused and time.monotonic() - self._refused[0] < _REFUSED_SECONDS:
            raise self._refused[1]
        try:
            with self._connections.single() as connection:
                self._extension = _set_up(connection, self._schema)
        except VectorsUnsupported as error:
            self._refused = (time.monotonic(), error)
            raise

    def put(self, vectors: Sequence[VectorRecord]) -> None:
        statement = """
            WITH given AS (
                SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) AS given (key, space, vector)
            ), chosen AS (
                SELECT id, expires, given.space, given.vector FROM records JOIN given USING (key)
                ORDER BY key FOR NO KEY UPDATE OF records
            )
            INSERT INTO vectors (record, space, expires, vector)
            SELECT id, space, expires, vector::{extension}.vector FROM chosen
            ON CONFLICT (record) DO UPDATE SET
                space = excluded.space, expires = excluded.expires, vector = excluded.vector
        """
        last = sorted({each.key: each for each in vectors}.values(), key=attrgetter("key"))
        for some in _portions(last):
            rows = [(each.key, _space(each.space, each.vector), _text(each.vector)) for each in some]
            self._ask(statement, *map(list, zip(*rows, strict=True)))

    def nearest(self, wanted: Sequence[tuple[str, bytes]], limit: int, least: float) -> list[list[Neighbour]]:
        # Made vectors of first, once each and not once for every row they are compared with.
        statement = """
            WITH asked AS MATERIALIZED (
                SELECT number, space, vector::{extension}.vector
                FROM unnest(%s::int[], %s::text[], %s::text[]) AS asked (number, space, vector)
            )
            SELECT asked.number, records.key, -near.distance
            FROM asked CROSS JOIN LATERAL (
                SELECT record, vectors.vector OPERATOR({extension}.<#>) asked.vector AS distance FROM vectors
                WHERE vectors.space = asked.space AND (expires IS NULL OR expires > %s)
                ORDER BY distance LIMIT %s
            ) AS near JOIN records ON records.id = near.record
            WHERE near.distance <= %s ORDER BY asked.number, near.distance
        """
        found: list[list[Neighbour]] = [[] for _ in wanted]
        for some in _portions(list(enumerate(wanted)), _SEARCHES):
            rows = [(number, _space(space, vector), _text(vector)) for number, (space, vector) in some]
            asked = map(list, zip(*rows, strict=True))
            for number, key, similarity in self._ask(statement, *asked, self._clock(), limit, -least):
                found[number].append(Neighbour(key, similarity))
        return found

    def delete(self, keys: Sequence[str]) -> None:
        statement = """
            WITH chosen AS (SELECT id FROM records WHERE key = ANY(%s::text[]) ORDER BY key FOR NO KEY UPDATE)
            DELETE FROM vectors USING chosen WHERE vectors.record = chosen.id
        """
        for some in _portions(keys):
            self._ask(statement, some)

    def _ask(self, statement: str, *values: object) -> list[Row]:
        self.check()
        return self._run(statement.replace("{extension}", self._extension), *values)


def _set_up(connection: Connection, schema: str) -> str:
    """The schema that pgvector is in, quoted; it and the table are made where they are not there."""
    connection.patience = _WAIT_SECONDS
    known = sql.SQL("SELECT to_regclass(%s) IS NOT NULL")
    table = f"{schema}.vectors"
    extension = _extension(connection)
    if extension is None or connection.execute(known, (table,)).fetchone() != (True,):
        with connection.transaction():
            # For all schemas of a database, since they share the extension.
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('prompt-cache vectors', 0))")
            try:
                if _extension(connection) is None:
                    _create_extension(connection)
                extension = _extension(connection)
                if connection.execute(known, (table,)).fetchone() != (True,):
                    _create_table(connection, schema, extension or "public")
            except errors.InsufficientPrivilege as error:
                raise VectorsUnsupported(_NOT_ALLOWED) from error
    return sql.Identifier(extension or "public").as_string(connection)


def _extension(connection: Connection) -> str | None:
    found = connection.execute(
        "SELECT nspname::text FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace"
        " WHERE extname = %s",
        (_NAME,),
    ).fetchone()
    return None if found is None else str(found[0])


def _create_extension(connection: Connection) -> None:
    if connection.execute("SELECT FROM pg_available_extensions WHERE name = %s", (_NAME,)).fetchone() is None:
        raise VectorsUnsupported(_MISSING)
    connection.execute("CREATE EXTENSION vector")


def _create_table(connection: Connection, schema: str, extension: str) -> None:
    persistence = "SELECT relpersistence = 'u' FROM pg_class WHERE oid = to_regclass(%s)"
    unlogged = connection.execute(persistence, (f"{schema}.records",)).fetchone() == (True,)
    words = {
        "schema": sql.Identifier(schema),
        "extension": sql.Identifier(extension),
        "unlogged": sql.SQL("UNLOGGED" if unlogged else ""),
    }
    connection.execute(sql.SQL(_TABLE).format(**words))


def _space(space: str, vector: bytes) -> str:
    """With the dimension: only what has the same can be compared."""
    return f"{len(vector) // 4}:{space}"


def _text(vector: bytes) -> str:
    numbers = struct.unpack(f"<{len(vector) // 4}f", vector)
    return f"[{','.join(map(repr, numbers))}]"


def _portions(values: Sequence[_T], size: int = _ROWS) -> Iterator[list[_T]]:
    for at in range(0, len(values), size):
        yield list(values[at : at + size])
