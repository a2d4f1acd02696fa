"""How the PostgreSQL store lives in a database: its schema, its rights, its neighbours, its address."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from random import Random

import psycopg
import pytest
from msgspec.structs import replace

from prompt_cache.stores import (
    CounterRow,
    Gain,
    NamespaceSize,
    Record,
    RecordQuery,
    Store,
    StoreFull,
    StoreUnavailable,
    open_store,
)
from prompt_cache.stores.base import Order
from prompt_cache.stores.postgres import migrations, selecting
from prompt_cache.stores.postgres.migrations import MIGRATIONS
from prompt_cache.stores.postgres.selecting import label_id
from prompt_cache.testing.stores.harness import found, record
from stack.installation import run
from stack.postgres import Postgres
from stack.processes import free_port

from .postgres_servers import PgBouncer

PROCESSES = 4


@pytest.fixture
def admin(postgres: Postgres) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def url(postgres: Postgres, schema: str) -> str:
    return f"{postgres.url}?schema={schema}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()


# -- the schema -----


def test_several_that_start_at_once_set_up_one_schema(url: str, schema: str, admin: psycopg.Connection) -> None:
    context = get_context("spawn")
    gate = context.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=_begin, initargs=(gate,)) as pool:
        assert [each.result(60) for each in [pool.submit(_start, url, n) for n in range(PROCESSES)]] == ["ok"] * 4
    applied = admin.execute(f"SELECT version FROM {schema}.migrations ORDER BY version".encode()).fetchall()
    assert applied == [(version,) for version in range(1, len(MIGRATIONS) + 1)]
    assert admin.execute(f"SELECT count(*) FROM {schema}.records".encode()).fetchone() == (PROCESSES,)


def test_a_schema_of_the_first_version_loses_nothing(
    url: str, schema: str, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(migrations, "MIGRATIONS", MIGRATIONS[:1])
        old = open_store(url)
        old.acquire("k", "token", 60.0)
        old.close()
    columns = "(key, namespace, created, size, worth, labels, body)"
    admin.execute(
        f"INSERT INTO {schema}.records {columns} VALUES"
        f" ('k', 'default', 1, 4, 0, '{{{label_id('default', 'x')}}}', 'body'),"
        " ('l', 'default', 2, 4, 0, '{}', 'body');"
        f" INSERT INTO {schema}.epochs VALUES ('default', 2);"
        f" INSERT INTO {schema}.versions VALUES ('default', 'prompt', 1), ('default', 'kb', 2);"
        f" INSERT INTO {schema}.tallies VALUES ('2025', '{label_id('', 's')}', 'n', 3.0, 's')".encode()
    )
    store = open_store(url)
    assert store.get(["k", "l"]) == [b"body", b"body"]
    assert store.find(RecordQuery(namespace="default", labels=("x",)), limit=9).keys == ["k"]
    assert store.sizes() == {"default": NamespaceSize(2, 8)}
    assert store.versions("default", ["kb", "prompt"]) == (2, {"kb": 2, "prompt": 1})
    assert store.bump("default", ["kb"]) == 3
    assert store.acquire("k", "other", 60.0) > 0.0
    store.add_gains({"k": Gain(1, 1.0)})
    assert store.hits(["k", "l"]) == [1, 0]
    store.increment([CounterRow("2025", "s", {"n": 1.0})])
    assert list(store.counters("", "~")) == [CounterRow("2025", "s", {"n": 4.0})]
    store.close()


def test_a_newer_schema_is_refused_with_a_sentence(
    url: str, store: Store, schema: str, admin: psycopg.Connection
) -> None:
    store.put([_record("k")])
    admin.execute(f"INSERT INTO {schema}.migrations (version) VALUES (99)".encode())
    with pytest.raises(ValueError, match="newer version of Prompt Cache; upgrade"):
        open_store(url)


def test_the_prefix_names_the_schema(postgres: Postgres, schema: str, admin: psycopg.Connection) -> None:
    open_store(postgres.url, prefix=schema.replace("_", "-").upper()).close()
    assert admin.execute("SELECT to_regnamespace(%s) IS NOT NULL", (schema,)).fetchone() == (True,)


@pytest.mark.parametrize(("option", "kinds"), [("", {"p"}), ("&unlogged=true", {"u"})])
def test_unlogged_is_a_choice(url: str, schema: str, admin: psycopg.Connection, option: str, kinds: set[str]) -> None:
    store = open_store(url + option)
    store.put([_record("k", labels=("x",))])
    assert store.find(RecordQuery(namespace="default", labels=("x",)), limit=9).keys == ["k"]
    store.close()
    persistence = "SELECT relname, relpersistence FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'"
    tables: dict[str, str] = dict(admin.execute(persistence, (schema,)).fetchall())
    assert {tables[name] for name in ("records", "labels", "usage")} == kinds
    assert {tables[name] for name in ("counters", "generations", "versions", "migrations")} == {"p"}


# -- rights -----


@pytest.mark.parametrize("forced", [False, True])
def test_row_level_security_does_not_hinder_the_owner(
    postgres: Postgres, schema: str, admin: psycopg.Connection, forced: bool
) -> None:
    admin.execute(f"CREATE ROLE {schema} LOGIN".encode())
    try:
        own = postgres.url.replace("postgres@", f"{schema}@") + f"?schema={schema}"
        with pytest.raises(ValueError, match=f"CREATE SCHEMA {schema} AUTHORIZATION {schema}"):
            open_store(own)
        admin.execute(f"CREATE SCHEMA {schema} AUTHORIZATION {schema}".encode())
        store = open_store(own)
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
        for (table,) in admin.execute(tables, (schema,)).fetchall():
            admin.execute(f"ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY".encode())
            if forced:  # then the owner needs a policy
                admin.execute(f"ALTER TABLE {schema}.{table} FORCE ROW LEVEL SECURITY".encode())
                admin.execute(f"CREATE POLICY own ON {schema}.{table} USING (true) WITH CHECK (true)".encode())
        store.close()
        store = open_store(own)
        store.put([_record("k", labels=("x",)), _record("l")])
        assert store.get(["k"]) == [b"body"]
        assert store.find(RecordQuery(namespace="default", labels=("x",)), limit=9).keys == ["k"]
        assert store.bump("default", ["kb"]) == 1
        assert store.acquire("k", "token", 9.0) == 0.0
        assert store.delete(["k"]) == 1
        assert store.sizes() == {"default": NamespaceSize(1, 4)}
        store.close()
    finally:
        admin.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; DROP ROLE {schema}".encode())


# -- neighbours -----


def test_nothing_is_left_in_a_pooled_session(pgbouncer: PgBouncer, schema: str) -> None:
    store = open_store(f"{pgbouncer.url}?schema={schema}")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.put([_record(f"k{n}")]), range(40)))
    store.close()
    settings = "SELECT current_setting('statement_timeout'), current_setting('search_path')"
    left = (
        "SELECT (SELECT count(*) FROM pg_prepared_statements),"
        " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')"
    )
    with psycopg.connect(pgbouncer.url, autocommit=True, prepare_threshold=None) as connection:
        for _ in range(12):  # the pooler goes round through its server connections
            assert connection.execute(settings).fetchone() == ("0", '"$user", public')
            assert connection.execute(left).fetchone() == (0, 0)


def test_a_forked_process_has_connections_of_its_own(store: Store) -> None:
    store.put([_record("parent")])
    child = os.fork()
    if child == 0:
        seen = store.get(["parent"]) == [b"body"]
        store.put([_record("child")])
        os._exit(0 if seen else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.get(["parent", "child"]) == [b"body", b"body"]
    store.close()


# -- contention and trouble -----


def test_writers_in_any_order_never_deadlock(
    postgres: Postgres, store: Store, schema: str, admin: psycopg.Connection
) -> None:
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'"
    before = admin.execute(deadlocks).fetchone()
    patient = open_store(f"{postgres.url}?schema={schema}", timeout=20.0)

    def work(seed: int) -> None:
        random = Random(seed)
        for turn in range(25):
            keys = [f"k{random.randrange(40)}" for _ in range(12)]
            if turn % 5 < 3:
                patient.put([_record(key, namespace=random.choice("abc"), labels=("x", key)) for key in keys])
            elif turn % 5 == 3:
                patient.delete(keys)
            else:
                patient.add_gains(dict.fromkeys(keys, Gain(1, 1.0)))
                patient.sweep()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, range(12)))
    patient.close()
    sizes = f"SELECT namespace, count(*), sum(size)::bigint FROM {schema}.records GROUP BY 1"
    assert store.sizes() == {name: NamespaceSize(*rest) for name, *rest in admin.execute(sizes.encode()).fetchall()}
    labels = f"SELECT (SELECT count(*) FROM {schema}.labels), (SELECT sum(cardinality(labels)) FROM {schema}.records)"
    kept = admin.execute(labels.encode()).fetchone()
    assert kept
    assert kept[0] == kept[1] > 0
    time.sleep(1.1)  # the server publishes its statistics once a second
    assert admin.execute(deadlocks).fetchone() == before


def test_a_locked_table_ends_the_wait_here_and_there(url: str, schema: str, postgres: Postgres) -> None:
    store = open_store(url, timeout=0.5)
    store.put([_record("k")])
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'prompt-cache' AND state = 'active'"
    with psycopg.connect(postgres.url) as locker:
        locker.execute(f"LOCK TABLE {schema}.records".encode())
        for operation in (lambda: store.get(["k"]), lambda: store.put([_record("k")])):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable, match="timeout"):
                operation()
            assert 0.4 < time.monotonic() - began < 1.5
        assert locker.execute(waiting).fetchone() == (0,)
    assert store.get(["k"]) == [b"body"]
    store.close()


@pytest.mark.parametrize("condition", ["disk_full", "out_of_memory"])
def test_a_full_disk_is_full_and_keeps_what_was_there(
    store: Store, schema: str, admin: psycopg.Connection, condition: str
) -> None:
    store.put([_record("k")])
    admin.execute(
        f"CREATE FUNCTION {schema}.full() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '{condition}'; END $$;"
        f" CREATE TRIGGER refused BEFORE INSERT ON {schema}.records"
        f" FOR EACH ROW EXECUTE FUNCTION {schema}.full()".encode()
    )
    with pytest.raises(StoreFull, match="could not extend file"):
        store.put([_record("l")])
    assert store.get(["k", "l"]) == [b"body", None]
    assert store.sizes() == {"default": NamespaceSize(1, 4)}


def test_a_database_turned_read_only_is_full(store: Store, admin: psycopg.Connection) -> None:
    store.put([_record("k")])
    store.close()
    admin.execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
    try:
        with pytest.raises(StoreFull):
            store.put([_record("l")])
        assert store.get(["k"]) == [b"body"]
    finally:
        admin.execute("SET default_transaction_read_only = off")
        admin.execute("ALTER DATABASE postgres RESET default_transaction_read_only")
        store.close()


# -- the address -----


def test_over_tls_connections_are_kept(tmp_path: Path) -> None:
    with _certificate() as (certificate, key):
        settings = ("fsync=off", "ssl=on", f"ssl_cert_file={certificate}", f"ssl_key_file={key}")
        with Postgres(tmp_path, settings=settings) as server:
            store = open_store(f"{server.url}?sslmode=verify-ca&sslrootcert={certificate}")
            for n in range(30):
                store.put([_record(f"k{n}")])
                assert store.get([f"k{n}"]) == [b"body"]
            sessions = "SELECT sessions FROM pg_stat_database WHERE datname = 'postgres'"
            encrypted = (
                "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                " WHERE application_name = 'prompt-cache'"
            )
            with psycopg.connect(server.url) as connection:
                assert connection.execute(encrypted).fetchone() == (True,)
                assert (connection.execute(sessions).fetchone() or (99,))[0] < 10
            store.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://u:sec#ret@host/db:x", "percent-encoded"),
        ("postgresql://u:secret@host:port/db", "percent-encoded"),
        ("postgresql://u:secret@host/db?nonsense=secret", "percent-encoded"),
        ("postgresql://u:secret@host/db?schema=pg_mine", "schema=pg_mine"),
        ("postgresql://u:secret@host/db?schema=a-b", "lower-case letters"),
        ("postgresql://u:secret@host/db?unlogged=yes", "true or false"),
        ("postgresql://u:secret@host/db?pool_size=0", "1 to 100"),
    ],
)
def test_a_wrong_url_is_explained_without_its_password(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        open_store(url)
    assert "sec" not in str(refused.value)


def test_a_server_that_is_not_there_is_unavailable_and_its_password_a_secret() -> None:
    store = open_store(f"postgresql://user:secret@127.0.0.1:{free_port()}/db")
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="refused") as unavailable:
        store.ping()
    assert time.monotonic() - began < 2.5
    assert "secret" not in str(unavailable.value)


def test_a_missing_driver_is_named() -> None:
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from prompt_cache.stores import open_store\n"
        "try: open_store('postgres://localhost/db')\n"
        "except ValueError as error: print(error)"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "pip install prompt-cache-sidecar[postgres]" in printed


@pytest.mark.parametrize("few", [1, 10_000])
def test_listing_by_gain_goes_by_a_rare_label_or_by_gain(
    store: Store, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(selecting, "_WEIGHED", few)
    store.put([_record(f"k{n}", labels=("x", f"part {n % 3}")) for n in range(30)])
    store.add_gains({f"k{n}": Gain(1, float(n)) for n in range(20)})
    for labels, any_label in ((("part 1",), ()), (("x", "part 1"), ()), ((), ("part 1",)), (("x",), ("part 1", "y"))):
        query = RecordQuery(namespace="default", labels=labels, any_label=any_label, order="gained")
        assert found(store, query, limit=2) == [f"k{n}" for n in (19, 16, 13, 10, 7, 4, 1)]


@pytest.mark.parametrize("order", ["newest", "oldest", "gained"])
@pytest.mark.parametrize("labels", [(), ("x",), ("x", "part 1")])
def test_a_search_through_many_texts_ends_its_pages_early(
    store: Store, monkeypatch: pytest.MonkeyPatch, order: Order, labels: tuple[str, ...]
) -> None:
    monkeypatch.setattr(selecting, "_LOOKED_AT", 7)
    monkeypatch.setattr(selecting, "_WEIGHED", 7)
    texts = {n: "needle" if n in (4, 31, 40) else "hay" for n in range(60)}
    store.put(
        [
            record(f"k{n}", labels=("x", f"part {n % 3}"), text=text, created=time.time() + n)
            for n, text in texts.items()
        ]
    )
    store.add_gains({f"k{n}": Gain(1, float(n)) for n in range(60)})
    for any_label in ((), ("part 1", "part 2")):
        query = RecordQuery(namespace="default", labels=labels, any_label=any_label, text="NEEDLE", order=order)
        fitting = [n for n in (40, 31, 4) if "part 1" not in labels or n % 3 == 1]
        expected = [f"k{n}" for n in fitting]
        assert found(store, query) == (expected[::-1] if order == "oldest" else expected)
        nothing = store.find(replace(query, text="nothing"), limit=9)
        assert (nothing.keys, nothing.cursor is None) == ([], False)


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("labels", [(), ("x",), ("x", "part 1")])
def test_a_look_for_what_was_never_served_ends_its_pages_early(
    store: Store, monkeypatch: pytest.MonkeyPatch, order: Order, labels: tuple[str, ...]
) -> None:
    monkeypatch.setattr(selecting, "_LOOKED_AT", 4)
    now = time.time()
    store.put([record(f"k{n}", labels=("x", f"part {n % 3}"), created=now + n) for n in range(60)])
    store.add_gains({f"k{n}": Gain(1, float(n)) for n in range(60) if n not in (19, 31, 40)})
    query = RecordQuery(namespace="default", labels=labels, unserved=True, order=order)
    first = store.find(query, limit=9)
    assert (first.keys, first.cursor is None) == ([], False)
    assert found(store, query) == [
        f"k{n}" for n in ((19, 31, 40) if order == "oldest" else (40, 31, 19)) if "part 1" not in labels or n % 3 == 1
    ]
    assert sorted(key for keys in store.find_all(query) for key in keys) == sorted(found(store, query))


@contextmanager
def _certificate() -> Iterator[tuple[Path, Path]]:
    """A certificate for 127.0.0.1 and its key, where the server's user may read them."""
    folder = Path(tempfile.mkdtemp(prefix="prompt-cache-tls-"))
    certificate, key = folder / "server.crt", folder / "server.key"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    run([*made, "-keyout", key, "-out", certificate])
    if os.geteuid() == 0:
        for path in (folder, certificate, key):
            shutil.chown(path, "nobody")
    yield certificate, key
    shutil.rmtree(folder)


def _record(key: str, *, namespace: str = "default", labels: tuple[str, ...] = ()) -> Record:
    now = time.time()
    return Record(key=key, namespace=namespace, body=b"body", created=now, expires=now + 600, labels=labels)


def _begin(gate: object) -> None:
    global _gate
    _gate = gate


def _start(url: str, number: int) -> str:
    _gate.wait(30)  # type: ignore[attr-defined]
    store = open_store(url, timeout=20.0)
    store.put([_record(f"k{number}")])
    store.close()
    return "ok"


_gate: object = None
