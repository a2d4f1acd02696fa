"""The tables, and how they come to be: applied at start, by one process at a time."""

from psycopg import errors, sql

from .connections import Connection, search_path

_TABLES = """
CREATE {unlogged} TABLE records (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text COLLATE "C" NOT NULL UNIQUE,
    namespace text COLLATE "C" NOT NULL,
    created float8 NOT NULL,
    expires float8,
    size bigint NOT NULL,
    worth float8 NOT NULL,
    density float8 NOT NULL GENERATED ALWAYS AS (worth / greatest(size, 1)) STORED,
    labels uuid[] NOT NULL,
    text text COLLATE "C",
    body bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX records_by_age ON records (namespace, created, id);
CREATE INDEX records_by_density ON records (namespace, density, created);
CREATE INDEX records_by_expiry ON records (expires) WHERE expires IS NOT NULL;

CREATE {unlogged} TABLE labels (
    label uuid NOT NULL, created float8 NOT NULL, record bigint NOT NULL, PRIMARY KEY (label, created, record)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);

CREATE {unlogged} TABLE usage (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace text COLLATE "C" NOT NULL,
    entries bigint NOT NULL,
    bytes bigint NOT NULL
) WITH (fillfactor = 40);
CREATE INDEX usage_by_namespace ON usage (namespace);

CREATE UNLOGGED TABLE leases (
    key text COLLATE "C" PRIMARY KEY, token text COLLATE "C" NOT NULL, expires float8 NOT NULL
);
CREATE INDEX leases_by_expiry ON leases (expires);

CREATE TABLE epochs (namespace text COLLATE "C" PRIMARY KEY, number bigint NOT NULL) WITH (fillfactor = 80);
CREATE TABLE versions (
    namespace text COLLATE "C", name text COLLATE "C", number bigint NOT NULL, PRIMARY KEY (namespace, name)
);

CREATE TABLE tallies (
    bucket text COLLATE "C",
    digest uuid,
    name text COLLATE "C",
    value float8 NOT NULL,
    series text COLLATE "C" NOT NULL,
    PRIMARY KEY (bucket, digest, name)
) WITH (fillfactor = 80);
"""

# Usage takes whichever row of the namespace nobody else is changing: writers never wait for each other here, so that
# they cannot wait in a circle either. Labels follow their records, whoever changes them; by index, whatever the table
# looked like when the session first planned it.
_BY_INDEX = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
_TRIGGERS = """
CREATE FUNCTION account(space text, more_entries bigint, more_bytes bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {schema}.usage SET entries = entries + more_entries, bytes = bytes + more_bytes
    WHERE id = (SELECT id FROM {schema}.usage WHERE namespace = space LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO {schema}.usage (namespace, entries, bytes) VALUES (space, more_entries, more_bytes);
    END IF;
END $$;

CREATE FUNCTION records_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM {schema}.account(namespace, count(*), sum(size)::bigint) FROM added GROUP BY namespace;
    INSERT INTO {schema}.labels SELECT label, created, id FROM added, unnest(labels) AS label;
    RETURN NULL;
END $$;

CREATE FUNCTION records_removed() RETURNS trigger LANGUAGE plpgsql {by_index} AS $$
BEGIN
    PERFORM {schema}.account(namespace, -count(*), -sum(size)::bigint) FROM removed GROUP BY namespace;
    DELETE FROM {schema}.labels AS place USING removed, unnest(removed.labels) AS label
    WHERE place.label = label.label AND place.created = removed.created AND place.record = removed.id;
    RETURN NULL;
END $$;

CREATE FUNCTION records_changed() RETURNS trigger LANGUAGE plpgsql {by_index} AS $$
BEGIN
    PERFORM {schema}.account(namespace, sum(entries)::bigint, sum(bytes)::bigint)
    FROM (
        SELECT namespace, 1 AS entries, size AS bytes FROM added
        UNION ALL SELECT namespace, -1, -size FROM removed
    ) AS change
    GROUP BY namespace HAVING sum(entries) <> 0 OR sum(bytes) <> 0;
    DELETE FROM {schema}.labels AS place
    USING (
        SELECT label, created, id FROM removed, unnest(labels) AS label
        EXCEPT SELECT label, created, id FROM added, unnest(labels) AS label
    ) AS gone
    WHERE place.label = gone.label AND place.created = gone.created AND place.record = gone.id;
    INSERT INTO {schema}.labels
    SELECT label, created, id FROM added, unnest(labels) AS label
    EXCEPT SELECT label, created, id FROM removed, unnest(labels) AS label;
    RETURN NULL;
END $$;

CREATE TRIGGER records_added AFTER INSERT ON records
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION records_added();
CREATE TRIGGER records_removed AFTER DELETE ON records
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION records_removed();
CREATE TRIGGER records_changed AFTER UPDATE ON records
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION records_changed();
"""

_NAMES = """
ALTER TABLE epochs RENAME TO generations;
ALTER TABLE tallies RENAME TO counters;
"""

# Most records never gain anything, so that the index is small.
_GAINS = """
ALTER TABLE records ADD COLUMN hits bigint NOT NULL DEFAULT 0, ADD COLUMN gained float8 NOT NULL DEFAULT 0;
CREATE INDEX records_by_gain ON records (namespace, gained, id) WHERE hits > 0;
"""

MIGRATIONS = (_TABLES + _TRIGGERS, _NAMES, _GAINS)
"""From each version to the next, beginning at none."""

_WAIT_SECONDS = 60.0


def migrate(connection: Connection, schema: str, *, unlogged: bool) -> None:
    """Bring the schema to this version, once for any number of processes that start together.

    Raises ValueError with a sentence for people when that cannot be.
    """
    if _version(connection, schema) == len(MIGRATIONS):
        return
    connection.patience = _WAIT_SECONDS
    try:
        with connection.transaction():
            # A transaction's lock, not a session's: a transaction pooler would lose that one.
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"prompt-cache {schema}",))
            version = _version(connection, schema)
            if version is None:
                _create(connection, schema)
            connection.execute("SELECT set_config('search_path', %s, true)", (search_path(schema),))
            words = {
                "schema": sql.Identifier(schema),
                "unlogged": sql.SQL("UNLOGGED" if unlogged else ""),
                "by_index": sql.SQL(_BY_INDEX),
            }
            for number, script in enumerate(MIGRATIONS[version or 0 :], (version or 0) + 1):
                connection.execute(sql.SQL(script).format(**words))
                connection.execute("INSERT INTO migrations (version) VALUES (%s)", (number,))
    except errors.InsufficientPrivilege as error:
        raise ValueError(
            f"the database user may not set up the schema {schema}; as an administrator run:"
            f" CREATE SCHEMA {schema} AUTHORIZATION {connection.info.user}"
        ) from error


def _version(connection: Connection, schema: str) -> int | None:
    """The number of migrations applied, None before the first."""
    (table,) = connection.execute("SELECT to_regclass(%s)::text", (f"{schema}.migrations",)).fetchone() or (None,)
    if table is None:
        return None
    found = connection.execute(
        sql.SQL("SELECT coalesce(max(version), 0) FROM {}.migrations").format(sql.Identifier(schema))
    ).fetchone()
    version = int(found[0]) if found else 0
    if version > len(MIGRATIONS):
        raise ValueError(
            f"the schema {schema} was written by a newer version of Prompt Cache;"
            " upgrade, or use another with ?schema= in the store URL"
        )
    return version


def _create(connection: Connection, schema: str) -> None:
    # Even "IF NOT EXISTS" asks for the right to create, which an administrator may have kept.
    if connection.execute("SELECT to_regnamespace(%s)", (schema,)).fetchone() == (None,):
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    connection.execute(
        sql.SQL(
            "CREATE TABLE {}.migrations (version integer PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())"
        ).format(sql.Identifier(schema))
    )
