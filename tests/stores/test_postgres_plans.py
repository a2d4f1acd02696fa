"""What PostgreSQL really does for each operation: plans as the server logs them, of statements and of triggers."""

import re
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from prompt_cache.stores import CounterMove, CounterRow, Gain, Record, RecordQuery, Store, open_store
from stack.postgres import Postgres

_RECORDS = 20_000
_READ = re.compile(r"actual time=\S+ rows=([\d.]+) loops=(\d+)")
_PING = re.compile(rb"Query Text: SELECT FROM usage LIMIT 1\n.*\n.* on usage .*\n")


class Explained:
    """A store with some records, in a database that logs every plan."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE explained")
            for setting in ("session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0"):
                connection.execute(f"ALTER DATABASE explained SET {setting}".encode())
            for switch in ("log_nested_statements", "log_analyze"):
                connection.execute(f"ALTER DATABASE explained SET auto_explain.{switch} = on".encode())
        url = f"{server.url.removesuffix('postgres')}explained"
        self.store: Store = open_store(url, timeout=20.0)
        now = time.time()
        for start in range(0, _RECORDS, 1000):
            self.store.put([_record(n, now) for n in range(start, start + 1000)])
        self.store.bump(_SPACE, [f"name{n}" for n in range(5000)])
        self.store.increment([CounterRow(f"2025-{n}", "s", {"n": 1.0}) for n in range(5000)])
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        self._read = len(server.log.read_bytes())

    def plans(self, work: Callable[[Store], object]) -> str:
        """What the server logs while this is done."""
        self._until_pinged()
        work(self.store)
        return self._until_pinged()

    def _until_pinged(self) -> str:
        """What the server has logged since the last time, up to a ping from now."""
        self.store.ping()
        deadline = time.monotonic() + 10
        while not (found := _PING.search(logged := self._server.log.read_bytes()[self._read :])):
            assert time.monotonic() < deadline, "the server logs no plans"
            time.sleep(0.01)
        self._read += found.end()
        return logged[: found.start()].decode()


@pytest.fixture(scope="module")
def explained(postgres: Postgres) -> Iterator[Explained]:
    explained = Explained(postgres)
    yield explained
    explained.store.close()
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("DROP DATABASE explained WITH (FORCE)")


_SPACE = "default"
_ORDERED = {
    "find all": (RecordQuery(namespace=_SPACE), "records_by_age"),
    "find the oldest": (RecordQuery(namespace=_SPACE, order="oldest"), "records_by_age"),
    "find the oldest by a common label": (
        RecordQuery(namespace=_SPACE, labels=("all",), order="oldest"),
        "labels_pkey",
    ),
    "find by age": (RecordQuery(namespace=_SPACE, created_before=time.time() - 9), "records_by_age"),
    "find by text": (RecordQuery(namespace=_SPACE, text="words"), "records_by_age"),
    "find by a common label": (RecordQuery(namespace=_SPACE, labels=("all",)), "labels_pkey"),
    "find by a common label and age": (
        RecordQuery(namespace=_SPACE, labels=("all",), created_before=time.time() - 9),
        "labels_pkey",
    ),
}


@pytest.mark.parametrize("name", _ORDERED)
def test_pages_come_in_the_order_of_an_index(explained: Explained, name: str) -> None:
    query, index = _ORDERED[name]
    first = explained.store.find(query, limit=50)
    assert len(first.keys) == 50
    for cursor in (None, first.cursor):
        plans = explained.plans(lambda store, at=cursor: store.find(query, limit=50, cursor=at))  # type: ignore[misc]
        assert re.search(rf"Index (Only )?Scan .*{index}", plans), plans
        read = [float(rows) * int(loops) for rows, loops in _READ.findall(plans)]
        assert 51 <= max(read) < 60, plans


_BY_INDEX: dict[str, Callable[[Store], object]] = {
    "get": lambda store: store.get(["k17"]),
    "get many": lambda store: store.get([f"k{n}" for n in range(100)]),
    "find by a rare label": lambda store: store.find(RecordQuery(namespace=_SPACE, labels=("rare3",)), limit=1000),
    "find by two labels": lambda store: store.find(RecordQuery(namespace=_SPACE, labels=("all", "rare3")), limit=1000),
    "find by any label": lambda store: store.find(
        RecordQuery(namespace=_SPACE, any_label=("rare3", "all")), limit=1000
    ),
    "find by both": lambda store: store.find(
        RecordQuery(namespace=_SPACE, labels=("all",), any_label=("rare3", "rare4")), limit=1000
    ),
    "eviction_candidates": lambda store: store.eviction_candidates(_SPACE, 100),
    "find by gain": lambda store: store.find(RecordQuery(namespace=_SPACE, order="gained"), limit=100),
    "find by gain and a rare label": lambda store: store.find(
        RecordQuery(namespace=_SPACE, labels=("rare3",), order="gained"), limit=100
    ),
    "find by gain and a common label": lambda store: store.find(
        RecordQuery(namespace=_SPACE, labels=("all",), order="gained"), limit=100
    ),
    "hits": lambda store: store.hits([f"k{n}" for n in range(100)]),
    "sweep": lambda store: store.sweep(),
    "put anew": lambda store: store.put([_record(_RECORDS + 1, time.time())]),
    "put over": lambda store: store.put([_record(n, time.time()) for n in range(20)]),
    "delete": lambda store: store.delete([f"k{n}" for n in range(100, 200)]),
    "add_gains": lambda store: store.add_gains({f"k{n}": Gain(1, 1.0) for n in range(20)}),
    "versions": lambda store: store.versions(_SPACE, ["kb"]),
    "get with versions": lambda store: store.get_with_versions(["k17"], _SPACE),
    "counters": lambda store: list(store.counters("2025-10", "2025-11")),
    "increment": lambda store: store.increment([CounterRow("2025", "s", {"n": 1.0})]),
    "move_counters": lambda store: store.move_counters(
        [CounterMove(CounterRow(f"2025-{n}", "s", {"n": 1.0}), "day", "s") for n in range(20)]
    ),
}


@pytest.mark.parametrize("name", _BY_INDEX)
def test_no_operation_reads_a_whole_table(explained: Explained, name: str) -> None:
    plans = explained.plans(_BY_INDEX[name])
    assert "Index" in plans or "Insert on" in plans
    assert not re.search(r"Seq Scan on (\w+\.)?(records|labels|versions|counters)\b", plans), plans


def test_bodies_and_all_versions_come_by_one_statement(explained: Explained) -> None:
    explained.store.bump("few", ["kb"])
    seen = []
    plans = explained.plans(lambda store: seen.append(store.get_with_versions(["k17"], "few")))
    assert seen == [([b"body"], 1, {"kb": 1})]
    alone = explained.plans(lambda store: store.get(["k17"]))
    assert plans.count("Query Text") == alone.count("Query Text")


@pytest.mark.parametrize(
    "query",
    [
        RecordQuery(namespace=_SPACE, labels=("all", "rare7")),
        RecordQuery(namespace=_SPACE, labels=("rare7", "all")),
        RecordQuery(namespace=_SPACE, labels=("all",), any_label=("rare7",)),
        RecordQuery(namespace=_SPACE, labels=("rare7",), any_label=("all", "rare8")),
    ],
)
def test_the_rarest_label_leads(explained: Explained, query: RecordQuery) -> None:
    assert len(explained.store.find(query, limit=1000).keys) == 10
    plans = explained.plans(lambda store: store.find(query, limit=1000))
    (read,) = re.findall(r"records_pkey on records r .*actual time=\S+ rows=\S+ loops=(\d+)", plans)
    assert int(read) <= 10, plans


def test_changing_one_record_costs_the_same_however_old_the_session(explained: Explained) -> None:
    # A trigger's plan may be one that the session made when the tables were still empty.
    explained.store.put([_record(5, time.time())])
    plans = explained.plans(lambda store: store.put([_record(5, time.time())]))
    assert "records_changed" in plans
    assert "labels_pkey" in plans
    assert not re.search(r"(Hash|Merge) Join", plans), plans


def _record(n: int, now: float) -> Record:
    return Record(
        key=f"k{n}",
        namespace=_SPACE,
        body=b"body",
        created=now - n,
        expires=now + 3600,
        labels=("all", f"rare{n % 2000}"),
        worth=n % 100,
        text="some words",
    )
