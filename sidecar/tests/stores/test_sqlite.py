"""The store in one SQLite file."""

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from prompt_cache.stores import (
    CounterMove,
    CounterRow,
    Gain,
    NamespaceSize,
    RecordQuery,
    Store,
    StoreBusy,
    StoreFull,
    StoreUnavailable,
    open_store,
)
from prompt_cache.stores.base import Order
from prompt_cache.stores.sqlite import database, selecting
from prompt_cache.stores.sqlite.store import SqliteStore
from prompt_cache.testing.stores import SharedStoreConformance, SharedVectorConformance
from prompt_cache.testing.stores.harness import found, record
from prompt_cache.testing.stores.vectors import AXIS, keep, near, searchable


class TestSqlite(SharedStoreConformance, SharedVectorConformance):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/cache.db"


LABELS = RecordQuery(namespace="n", labels=("a", "b"))
TAGS = RecordQuery(namespace="n", any_label=("a", "b"))


def _many_nearest(store: Store) -> dict[str, float]:
    keep(store, {f"k{n}": AXIS for n in range(200)})
    return near(store)


WORK: dict[str, Callable[[Store], object]] = {
    "get one": lambda store: store.get(["k"]),
    "get many": lambda store: store.get(["k", "l"]),
    "put": lambda store: store.put([record("k", labels=("a", "b"))]),
    "delete": lambda store: store.delete(["k", "l"]),
    "list": lambda store: store.find(RecordQuery(namespace="n"), limit=9),
    "list oldest": lambda store: store.find(RecordQuery(namespace="n", order="oldest"), limit=9, cursor="1.0/1"),
    "list on": lambda store: store.find(RecordQuery(namespace="n"), limit=9, cursor="1.0/1"),
    "list older": lambda store: store.find(RecordQuery(namespace="n", created_before=5.0), limit=9, cursor="1.0/1"),
    "find by labels": lambda store: store.find(LABELS, limit=9, cursor="1.0/1"),
    "find by any label": lambda store: store.find(TAGS, limit=9, cursor="1.0/1"),
    "find by all": lambda store: store.find(
        RecordQuery(namespace="n", labels=("a",), any_label=("b", "c"), created_before=9.0), limit=9
    ),
    "eviction_candidates": lambda store: store.eviction_candidates("n", 9),
    "add_gains": lambda store: store.add_gains({"k": Gain(1, 1.0)}),
    "clear": lambda store: store.clear("n"),
    "bump": lambda store: store.bump("n", ["kb"]),
    "versions": lambda store: store.versions("n", ["kb", "prompt"]),
    "get with versions": lambda store: (store.bump("n", ["kb"]), store.get_with_versions(["k"], "n")),
    "acquire": lambda store: store.acquire("k", "t", 1.0),
    "release": lambda store: store.release("k", "t"),
    "increment": lambda store: store.increment([CounterRow("2025", "s", {"n": 1})]),
    "counters": lambda store: list(store.counters("a", "b")),
    "move_counters": lambda store: store.move_counters([CounterMove(CounterRow("2025", "s", {"n": 1}), "day", "s")]),
    "sweep": lambda store: store.sweep(),
    "put vectors": lambda store: keep(store, {"k": AXIS, "l": AXIS}),
    "nearest": lambda store: _many_nearest(store),
    "sweep vectors": lambda store: (_many_nearest(store), store.sweep()),
    "delete vectors": lambda store: searchable(store).delete_vectors(["k", "l"]),
}


_SMALL = ("SCAN CONSTANT ROW", "SCAN usage", "SCAN identity", "SCAN (subquery", "LIST SUBQUERY")


@pytest.mark.parametrize("work", WORK)
def test_nothing_scans_what_grows(tmp_path: Path, work: str) -> None:
    store = SqliteStore(tmp_path / "cache.db")
    connection = store._database.connection
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    WORK[work](store)
    connection.set_trace_callback(None)
    looking = [sql for sql in statements if sql.startswith(("SELECT", "DELETE", "UPDATE", "INSERT"))]
    assert looking
    for sql in looking:
        for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}"):
            small = step.startswith(
                ("SCAN CONSTANT ROW", "SCAN usage", "SCAN identity", "SCAN (subquery", "LIST SUBQUERY")
            )
            assert small or not step.startswith(("SCAN", "USE TEMP B-TREE")), f"{step}: {sql}"


@pytest.mark.parametrize("scheme", ["sqlite", "file", "memory"])
def test_all_versions_come_with_a_body(tmp_path: Path, scheme: str) -> None:
    store = open_store("memory://" if scheme == "memory" else f"{scheme}:///{tmp_path}/cache")
    store.put([record("k")])
    store.bump("default", ["kb", "prompt"])
    assert store.get_with_versions(["k"], "default") == ([b"body"], 1, {"kb": 1, "prompt": 1})


def test_threads_that_end_leave_no_connection(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "cache.db")
    for _ in range(20):
        thread = threading.Thread(target=store.get, args=(["k"],))
        thread.start()
        thread.join()
    assert len(store._database._connections) == 1


@pytest.mark.parametrize("scheme", ["sqlite", "file"])
def test_nobody_else_can_read_what_is_kept(tmp_path: Path, scheme: str) -> None:
    folder = tmp_path / "new" / "data"
    store = open_store(f"sqlite:///{folder}/cache.db" if scheme == "sqlite" else f"file://{folder}")
    store.put([record("k")])
    made = list(folder.rglob("*"))
    assert {path.suffix for path in made if path.is_file()} >= {".db", ".db-wal", ".db-shm"}
    assert [path for path in (folder, *made) if path.stat().st_mode & 0o077] == []


def test_a_file_that_others_may_read_on_purpose_is_left_so(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    path.touch(0o640)
    path.chmod(0o640)
    SqliteStore(path).put([record("k")])
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("url", "answers"),
    [
        ("sqlite:///{}/c.db", 1),
        ("sqlite:///{}/c.db?durability=full", 2),
        ("sqlite:///{}/c.db?durability=normal", 1),
        ("file://{}", 2),
        ("file://{}?durability=normal", 1),
    ],
)
def test_what_must_not_be_lost_is_on_the_disk_when_it_is_acknowledged(tmp_path: Path, url: str, answers: int) -> None:
    store = open_store(url.format(tmp_path))
    assert isinstance(store, SqliteStore)
    connection = store._database.connection

    def level(work: Callable[[], object]) -> set[int]:
        """How much SQLite waits for the disk at each commit: 1 is NORMAL, 2 is FULL."""
        levels: set[int] = set()
        last = [connection.execute("PRAGMA synchronous").fetchone()[0]]

        def trace(sql: str) -> None:
            if sql.startswith("PRAGMA synchronous = "):
                last.append({"NORMAL": 1, "FULL": 2}[sql.rpartition(" ")[2]])
            elif sql == "COMMIT":
                levels.add(last[-1])

        connection.set_trace_callback(trace)
        work()
        connection.set_trace_callback(None)
        return levels

    assert level(lambda: store.put([record("k")])) == {answers}
    assert level(lambda: store.delete(["k"])) == {answers}
    assert level(lambda: store.bump("default", ["kb"])) == {answers}
    assert level(lambda: store.put([record("m", namespace="!misses")])) == {1}
    assert level(lambda: store.acquire("k", "token", 1.0)) == {1}
    assert level(lambda: store.increment([CounterRow("2025", "s", {"n": 1})])) == {1}
    assert level(lambda: store.clear("default")) == {answers}


def test_room_is_given_back_to_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    store = SqliteStore(path)
    store.put([record(f"k{n}", bytes(10_000), ttl=-1.0) for n in range(400)])
    store.close()
    full = path.stat().st_size
    store = SqliteStore(path)
    store.sweep()
    store.close()
    assert path.stat().st_size < full / 3


def test_a_file_of_the_first_version_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cache.db"
    with monkeypatch.context() as then:
        then.setattr(database, "_MIGRATIONS", database._MIGRATIONS[:1])
        store = SqliteStore(path)
        store.put([record("k", labels=("x",), text="words", worth=2.0), record("l", ttl=None)])
        store.bump("default", ["prompt"])
        store.bump("default", ["kb"])
        store.acquire("k", "token", 60.0)
        store._database.connection.execute("INSERT INTO tallies VALUES ('2025', 's', 'n', 3.0)")
        store.close()
    store = SqliteStore(path)
    assert store.get(["k", "l"]) == [b"body", b"body"]
    assert found(store, RecordQuery(namespace="default", labels=("x",), text="WORDS")) == ["k"]
    assert store.sizes() == {"default": NamespaceSize(2, 13)}
    assert store.eviction_candidates("default", 9) == [("l", 4), ("k", 9)]
    assert store.versions("default", ["kb", "prompt"]) == (2, {"kb": 2, "prompt": 1})
    assert store.acquire("k", "other", 60.0) > 0.0
    store.increment([CounterRow("2025", "s", {"n": 1.0})])
    assert list(store.counters("", "~")) == [CounterRow("2025", "s", {"n": 4.0})]
    store.close()


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ValueError, match="newer version"):
        SqliteStore(path)


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        open_store(f"sqlite:///{tmp_path}/file/cache.db")


def test_a_locked_file_is_said_in_words_and_in_time(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "cache.db", timeout=0.2)
    other = sqlite3.connect(tmp_path / "cache.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match=r"in use by another process for more than 0\.2 s"):
        store.put([record("k")])
    assert store.get(["k"]) == [None]
    other.close()


def test_a_reserve_is_kept_while_the_disk_is_short_and_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = tmp_path / "cache.db-reserve"
    store = SqliteStore(tmp_path / "cache.db")
    for free, there in ((10 * 1024**3, False), (35 * 1024**2, False), (100 * 1024**2, True), (10 * 1024**3, True)):
        monkeypatch.setattr("prompt_cache.stores.sqlite.room.disk_usage", lambda _, at=free: SimpleNamespace(free=at))
        store.put([record("k")])
        assert reserve.exists() is there, free
    assert reserve.stat().st_blocks * 512 >= 8 * 1024**2
    assert reserve.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("scheme", ["sqlite", "file"])
def test_room_for_deleting_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    store = open_store(f"{scheme}:///{tmp_path}/cache")
    store.put([record("k")])
    free = 33 * 1024**2
    monkeypatch.setattr("prompt_cache.stores.sqlite.room.disk_usage", lambda _: SimpleNamespace(free=free))
    store.put([record("small", bytes(1000))])
    with pytest.raises(StoreFull, match="no room left"):
        store.put([record("large", bytes(2_000_000))])
    free = 0
    with pytest.raises(StoreFull, match="no room left"):
        store.put([record("k", b"anew")])
    assert store.get(["k"]) == [b"body"]
    assert store.acquire("k", "token", 60.0) == 0.0
    assert store.delete(["k"]) == 1
    assert store.clear("default") == 1


@pytest.mark.parametrize("work", ["get one", "put", "bump", "acquire", "list", "sweep"])
@pytest.mark.parametrize("leftover", [("-wal", "-shm"), ("-shm",), ()])
def test_a_file_that_was_taken_away_is_said_once_and_begun_anew(
    tmp_path: Path, work: str, leftover: tuple[str, ...]
) -> None:
    path = tmp_path / "cache.db"
    store, other = SqliteStore(path), SqliteStore(path)
    for each in (store, other):
        each.put([record("before")])
    for taken in {"", "-wal", "-shm"} - set(leftover):
        path.with_name(path.name + taken).unlink()
    for each in (store, other):
        with pytest.raises(StoreUnavailable, match="taken away"):
            WORK[work](each)
        assert each.get(["before"]) == [None]
        WORK[work](each)
    store.put([record("after")])
    assert other.get(["after"]) == [b"body"]
    assert SqliteStore(path).get(["after"]) == [b"body"]


def test_a_file_that_was_replaced_is_the_one_that_counts(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    store = SqliteStore(path)
    store.put([record("mine")])
    copied = SqliteStore(tmp_path / "copy.db")
    copied.put([record("restored")])
    copied.close()
    (tmp_path / "copy.db").rename(path)
    for leftover in ("-wal", "-shm"):
        path.with_name(path.name + leftover).unlink()
    with pytest.raises(StoreUnavailable, match="taken away"):
        store.get(["mine"])
    assert store.get(["mine", "restored"]) == [None, b"body"]


def test_threads_begin_anew_together(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    store = SqliteStore(path)
    store.put([record("before")])
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: store.get(["before"]), range(64))) == [[b"body"]] * 64
        path.unlink()
        told = list(pool.map(lambda n: _told(lambda: store.put([record(f"k{n}")])), range(64)))
    assert sum(told) == 1
    assert store.sizes()["default"].entries == 63


def _told(work: Callable[[], object]) -> bool:
    try:
        work()
    except StoreUnavailable:
        return True
    return False


def test_a_cursor_beyond_any_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cursor"):
        SqliteStore(tmp_path / "cache.db").find(RecordQuery(namespace="n"), limit=1, cursor="1.0/99999999999999999999")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite://x.db",
        "sqlite:///x.db?mode=ro",
        "sqlite:///x.db?durability=most",
        "sqlite:///d/",
    ],
)
def test_a_url_without_a_path(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite"):
        open_store(url)


@pytest.mark.parametrize("few", [1, 10_000])
def test_listing_by_gain_goes_by_a_rare_label_or_by_gain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(selecting, "_FEW", few)
    store = open_store(f"sqlite:///{tmp_path}/cache.db")
    store.put([record(f"k{n}", labels=("x", f"part {n % 3}")) for n in range(30)])
    store.add_gains({f"k{n}": Gain(1, float(n)) for n in range(20)})
    for labels, any_label in ((("part 1",), ()), (("x", "part 1"), ()), ((), ("part 1",)), (("x",), ("part 1", "y"))):
        query = RecordQuery(namespace="default", labels=labels, any_label=any_label, order="gained")
        assert found(store, query, limit=2) == [f"k{n}" for n in (19, 16, 13, 10, 7, 4, 1)]
    store.close()


@pytest.mark.parametrize("order", ["newest", "oldest", "gained"])
@pytest.mark.parametrize("labels", [(), ("x",), ("x", "part 1")])
def test_a_search_through_many_texts_ends_its_pages_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Order, labels: tuple[str, ...]
) -> None:
    monkeypatch.setattr(selecting, "_LOOKED_AT", 7)
    store = open_store(f"sqlite:///{tmp_path}/cache.db")
    now = time.time()
    texts = {n: "needle" if n in (4, 31, 40) else "hay" for n in range(60)}
    store.put([record(f"k{n}", labels=("x", f"part {n % 3}"), text=text, created=now + n) for n, text in texts.items()])
    store.add_gains({f"k{n}": Gain(1, float(n)) for n in range(60)})
    for any_label in ((), ("part 1", "part 2")):
        query = RecordQuery(namespace="default", labels=labels, any_label=any_label, text="NEEDLE", order=order)
        fitting = [n for n in (40, 31, 4) if "part 1" not in labels or n % 3 == 1]
        expected = [f"k{n}" for n in fitting]
        assert found(store, query) == (expected[::-1] if order == "oldest" else expected)
        assert [key for keys in store.find_all(query) for key in keys] == found(store, query)
        nothing = store.find(replace(query, text="nothing"), limit=9)
        assert (nothing.keys, nothing.cursor is None) == ([], False)
    store.close()


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("labels", [(), ("x",), ("x", "part 1")])
def test_a_look_for_what_was_never_served_ends_its_pages_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: Order, labels: tuple[str, ...]
) -> None:
    monkeypatch.setattr(selecting, "_LOOKED_AT", 4)
    store = open_store(f"sqlite:///{tmp_path}/cache.db")
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
    store.close()
