"""How pgvector comes into a database, and what it is asked."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg
import pytest

from prompt_cache.stores import StoreUnavailable, VectorRecord, VectorsUnsupported, open_store
from prompt_cache.stores.postgres import vectors
from prompt_cache.stores.postgres.connections import Connection
from prompt_cache.testing.stores.harness import record
from prompt_cache.testing.stores.vectors import AXIS, keep, near, searchable, some
from stack.postgres import Postgres

_numbers = count()


@pytest.fixture
def admin(postgres: Postgres) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def database(postgres: Postgres, admin: psycopg.Connection) -> Iterator[str]:
    """The URL of a database that nobody has used, dropped afterwards."""
    name = f"vectors_{next(_numbers)}"
    admin.execute(f"CREATE DATABASE {name}".encode())
    yield f"{postgres.url.removesuffix('postgres')}{name}"
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def tables(database: str) -> dict[str, str]:
    """Those of the store, each with its persistence."""
    sql = "SELECT relname::text, relpersistence::text FROM pg_class WHERE relnamespace = 'prompt_cache'::regnamespace"
    with psycopg.connect(database) as connection:
        return dict(connection.execute(f"{sql} AND relkind = 'r'").fetchall())


def test_a_database_without_vectors_has_nothing_of_them(database: str) -> None:
    store = open_store(database)
    store.put([record("k")])
    assert store.delete(["k"]) == 1
    assert "vectors" not in tables(database)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT FROM pg_extension WHERE extname = 'vector'").fetchone() is None
    store.close()


def test_what_was_stored_before_gets_vectors(database: str) -> None:
    before = open_store(database)
    before.put([record("k")])
    before.close()
    store = open_store(database)
    searchable(store).put_vectors([VectorRecord(key="k", namespace="default", space="space", vector=AXIS)])
    assert list(near(store)) == ["k"]
    store.put([record("k", b"anew")])
    assert near(store) == {}
    store.close()


def test_many_that_begin_together_set_it_up_once(database: str) -> None:
    stores = [open_store(f"{database}?schema=s{n % 2}", timeout=20.0) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda store: searchable(store).check_vectors(), stores))
    for n in range(8):
        keep(stores[n], {f"k{n}": AXIS})
    assert sorted(near(stores[0])) == ["k0", "k2", "k4", "k6"]
    for store in stores:
        store.close()


def test_pgvector_may_be_in_a_schema_of_its_own(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA "Extensions"; CREATE EXTENSION vector SCHEMA "Extensions"')
    store = open_store(database)
    keep(store, {"k": AXIS})
    assert list(near(store)) == ["k"]
    store.close()


@pytest.mark.parametrize(("option", "kind"), [("", "p"), ("?unlogged=true", "u")])
def test_vectors_are_as_safe_as_records(database: str, option: str, kind: str) -> None:
    store = open_store(database + option)
    keep(store, {"k": AXIS})
    assert (tables(database)["records"], tables(database)["vectors"]) == (kind, kind)
    store.close()


def test_a_server_without_pgvector_is_said_with_the_fix(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "_NAME", "vector_of_nowhere")
    asked, set_up = [], vectors._set_up

    def counted(connection: Connection, schema: str) -> str:
        asked.append(schema)
        return set_up(connection, schema)

    monkeypatch.setattr(vectors, "_set_up", counted)
    store = open_store(database)
    for _ in range(20):
        with pytest.raises(VectorsUnsupported, match="has no pgvector: install it"):
            searchable(store).check_vectors()
        with pytest.raises(VectorsUnsupported):
            near(store)
    assert len(asked) == 1, "nobody connects anew to be refused again"
    store.put([record("k")])
    assert store.get(["k"]) == [b"body"]
    store.close()


def test_a_user_who_may_not_set_it_up_is_told_what_to_run(
    database: str, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"plain_{os.getpid()}"
    admin.execute(f"CREATE ROLE {role} LOGIN".encode())
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA prompt_cache AUTHORIZATION {role}".encode())
        store = open_store(database.replace("postgres@", f"{role}@"))
        with pytest.raises(VectorsUnsupported, match="as an administrator run: CREATE EXTENSION vector"):
            searchable(store).check_vectors()
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION vector")
        monkeypatch.setattr(vectors, "_REFUSED_SECONDS", 0.0)
        keep(store, {"k": AXIS})
        assert list(near(store)) == ["k"]
        store.close()
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"DROP OWNED BY {role}".encode())
    finally:
        admin.execute(f"DROP ROLE {role}".encode())


def test_a_server_that_is_away_is_unavailable(database: str) -> None:
    away = f"postgresql://postgres@127.0.0.1:1/{database.rpartition('/')[2]}"
    store = open_store(away, timeout=0.5)
    with pytest.raises(StoreUnavailable):
        searchable(store).check_vectors()
    with pytest.raises(StoreUnavailable):
        near(store)


def test_a_search_reads_its_own_space_alone(database: str) -> None:
    store = open_store(database, timeout=20.0)
    for space in range(40):
        keep(store, {f"{space}-{n}": vector for n, vector in enumerate(some(space, 100))}, space=f"space{space}")
    store.close()  # what a session read is known when it ends
    store = open_store(database, timeout=20.0)
    searchable(store).check_vectors()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("SELECT pg_sleep(0.2), pg_stat_reset()")
        reads = "SELECT coalesce(sum(seq_tup_read), 0), coalesce(sum(idx_tup_fetch), 0) FROM pg_stat_user_tables"
        wanted = some(1, 1)[0]
        near(store, wanted, space="space7")
        store.close()
        connection.execute("SELECT pg_sleep(0.2)")
        (scanned, fetched) = connection.execute(reads).fetchone() or (None, None)
    assert scanned < 100
    assert 100 <= fetched < 200
