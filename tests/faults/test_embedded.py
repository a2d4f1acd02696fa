"""SQLite and files, hurt: writers killed in the middle, disks full, bytes changed behind their back."""

import os
import random
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import pytest

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.policy import MissReason
from prompt_cache.core.store import NewEntry
from prompt_cache.savings.retention import tidy
from prompt_cache.savings.statistics import Statistics
from prompt_cache.stores import CounterRow, NamespaceSize, RecordQuery, StoreUnavailable, open_store
from stack import Sidecar

from .embedded_workers import KEYS, ask, body, fill_up, record, tidy_statistics, whole, write_for_ever
from .load import post

SPAWN = get_context("spawn")


@pytest.fixture(params=["sqlite", "file"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store/cache.db" if request.param == "sqlite" else f"file://{tmp_path}/store"


@pytest.fixture
def database(url: str, tmp_path: Path) -> Path:
    """The SQLite file of the store."""
    return tmp_path / "store" / ("cache.db" if url.startswith("sqlite") else "index.db")


def test_writers_killed_in_the_middle_leave_whole_records_only(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    for turn in range(6):
        started = tmp_path / f"started-{turn}"
        writers = [SPAWN.Process(target=write_for_ever, args=(url, started)) for _ in range(2)]
        for writer in writers:
            writer.start()
        _wait_for(started)
        time.sleep(random.uniform(0.0, 0.3))
        for writer in writers:
            assert writer.is_alive()
            writer.kill()
            writer.join(20)

        store = open_store(url)
        store.sweep()
        keys = [f"k{n}" for n in range(KEYS)]
        bodies = [data for data in store.get(keys) if data is not None]
        assert all(whole(data) for data in bodies)
        # What expires between the two calls still counts: only lasting records are left after this wait and sweep.
        time.sleep(0.06)
        store.sweep()
        bodies = [data for data in store.get(keys) if data is not None]
        assert bodies
        assert store.sizes() == {"default": NamespaceSize(len(bodies), sum(map(len, bodies)))}
        found = store.find(RecordQuery(namespace="default", labels=("all",)), limit=KEYS).keys
        assert len(found) == len(bodies)
        store.put([record("after", body(1000))])
        assert whole(store.get(["after"])[0] or b"")
        store.delete(["after"])

        if url.startswith("file"):
            for path in _bodies(folder):
                os.utime(path, (time.time() - 3600,) * 2)
            for _ in range(256):
                store.sweep()
            assert len(_bodies(folder)) == len(bodies)
        store.close()


def test_tidying_killed_in_the_middle_neither_loses_nor_doubles_sums(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    hours = [f"2020-01-{day:02}T{hour:02}Z" for day in range(1, 31) for hour in range(24)]
    series = [f'["n{n}","m","w","n"]' for n in range(20)]
    store.increment([CounterRow(hour, each, {"hits": 1, "misses": 2}) for hour in hours for each in series])
    days = [f"day:2020-01-{day:02}" for day in range(1, 31)]
    store.increment([CounterRow(day, each, {"hits": 24, "misses": 48}) for day in days for each in series])
    crowd = [f'["n","m","w","n{n}"]' for n in range(2000)]
    store.increment([CounterRow(days[n % 2], each, {"misses": 1}) for n in range(4) for each in crowd])
    counted = Statistics(store, time.time).report(lambda _: True, group_by=("day",))
    for turn in range(6):
        started = tmp_path / f"started-{turn}"
        process = SPAWN.Process(target=tidy_statistics, args=(url, started))
        process.start()
        _wait_for(started)
        process.join(random.uniform(0.0, 0.1))
        process.kill()
        process.join(20)
        assert Statistics(store, time.time).report(lambda _: True, group_by=("day",)) == counted
    tidy(store, time.time(), None)
    assert Statistics(store, time.time).report(lambda _: True, group_by=("day",)) == counted
    crowded = len(list(store.counters("", "~"))) - 28 * 20
    assert crowded in range(2 * 1000, 2 * 1001 + 1)  # what all others did has a row too: the last, or one of them
    store.close()


@pytest.mark.parametrize("size", [1_000, 300_000])
def test_a_full_disk_refuses_answers_and_serves_those_it_has(url: str, tmp_path: Path, size: int) -> None:
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        pool.submit(fill_up, url, tmp_path / "store", size).result(120)


@pytest.mark.parametrize(
    "content", [b"this is no database at all", b"SQLite format 3\x00" + bytes(4000), b"\x00" * 8192]
)
def test_a_file_that_is_no_database_is_said_in_words(url: str, database: Path, content: bytes) -> None:
    database.parent.mkdir()
    database.write_bytes(content)
    with pytest.raises(StoreUnavailable, match=r"is damaged.*restore it, or move it away") as told:
        open_store(url)
    assert str(database) in str(told.value)
    assert database.read_bytes() == content


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_database_gives_right_answers_or_says_so(url: str, database: Path, seed: int) -> None:
    cache = PromptCache(open_store(url))
    prompts = [f"question {n} " + "word " * 100 for n in range(60)]
    for prompt in prompts:
        cache.store(NewEntry(key=ask(cache, prompt).key, response=_answer(prompt)))
    cache.close()

    chance = random.Random(seed)
    data = bytearray(database.read_bytes())
    for _ in range(4):
        at = chance.randrange(100, len(data) - 600)
        data[at : at + 500] = chance.randbytes(500)
    database.write_bytes(data)

    try:
        store = open_store(url)
    except StoreUnavailable:
        return
    cache = PromptCache(store)
    for prompt in prompts:
        try:
            outcome = ask(cache, prompt)
        except StoreUnavailable:
            continue
        assert outcome.status in ("hit", "miss")
        if outcome.status == "hit":
            assert bytes(outcome.response) == _answer(prompt)  # type: ignore[arg-type]
    for work in (store.sweep, store.sizes, lambda: store.clear("default"), store.ping):
        with suppress(StoreUnavailable):
            work()


def test_a_database_taken_away_is_said_and_begun_anew_by_all_workers(url: str, database: Path, tmp_path: Path) -> None:
    with Sidecar(tmp_path, env={"PROMPT_CACHE_STORE": url, "PROMPT_CACHE_WORKERS": "2"}) as sidecar:
        before = {"prompt": "one", "response": "before"}
        assert post(sidecar.url, "/v1/store", before).status == 201
        database.unlink()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: post(sidecar.url, "/v1/lookup", {"prompt": "one"}), range(80)))
        told = [answer for answer in answers if answer.status != 200]
        assert 1 <= len(told) <= 2, "each worker says it once"
        assert {answer.status for answer in told} == {503}
        assert {answer.body["status"] for answer in answers if answer.status == 200} == {"miss"}
        assert "was taken away while it was in use" in sidecar.log.read_text()
        assert post(sidecar.url, "/v1/store", {"prompt": "one", "response": "after"}).status == 201
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: post(sidecar.url, "/v1/lookup", {"prompt": "one"}), range(80)))
        told = [answer for answer in answers if answer.status != 200]
        assert len(told) <= 1, "a worker that nobody had asked before"
        assert {answer.body["response"] for answer in answers if answer.status == 200} == {"after"}


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x20
    path.write_bytes(data)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("hurt", [_flip, _truncate, _empty, Path.unlink])
def test_a_damaged_file_is_a_reported_miss_and_gone(tmp_path: Path, hurt: Callable[[Path], None]) -> None:
    def hurt_all() -> None:
        for path in _bodies(tmp_path):
            hurt(path)

    _damaged_is_a_miss(f"file://{tmp_path}", hurt_all)
    assert not [path for path in _bodies(tmp_path) if b"answer" in path.read_bytes()]


@pytest.mark.parametrize("change", ["substr(body, 1, length(body) - 1) || x'00'", "substr(body, 1, 20)", "x''"])
def test_a_damaged_row_is_a_reported_miss_and_gone(tmp_path: Path, change: str) -> None:
    def hurt() -> None:
        connection = sqlite3.connect(tmp_path / "cache.db", isolation_level=None)
        connection.execute(f"UPDATE records SET body = CAST({change} AS BLOB)")
        connection.close()

    _damaged_is_a_miss(f"sqlite:///{tmp_path}/cache.db", hurt)


def _damaged_is_a_miss(url: str, hurt: Callable[[], object]) -> None:
    reports: list[tuple[str, str]] = []
    store = open_store(url)
    cache = PromptCache(store, report=lambda event, key: reports.append((event, key)))
    key = ask(cache, "one").key
    cache.store(NewEntry(key=key, response=b'"answer"'))
    assert ask(cache, "one").status == "hit"
    hurt()
    outcome = ask(cache, "one")
    assert (outcome.status, outcome.reason) == ("miss", MissReason.CORRUPT)
    assert ("corrupt_entry", key) in reports
    assert store.get([key]) == [None]
    assert "default" not in cache.sizes()
    cache.store(NewEntry(key=ask(cache, "one").key, response=b'"another"'))
    assert ask(cache, "one").status == "hit"


def _answer(prompt: str) -> bytes:
    return f'"the answer to {prompt}"'.encode()


def _bodies(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("index.db")]


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end, "the writers did not begin"
        time.sleep(0.01)
