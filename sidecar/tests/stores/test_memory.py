"""The store in this process's memory."""

import subprocess
import sys

import pytest

from prompt_cache.stores import Bounds, StoreFull, open_store
from prompt_cache.stores.memory import MemoryStore
from prompt_cache.testing.stores import StoreConformance, VectorConformance
from prompt_cache.testing.stores.harness import found, record


class TestMemory(StoreConformance, VectorConformance):
    @pytest.fixture
    def url(self) -> str:
        return "memory://"


def test_the_whole_store_is_bounded_and_the_dearest_stay() -> None:
    store = open_store("memory://?max_entries=50")
    for n in range(200):
        store.put([record(f"k{n:03}", worth=float(n % 100))])
    assert len(found(store)) == 50
    assert min(int(key[1:]) % 100 for key in found(store) if key != "k199") >= 74


def test_what_is_put_stays_at_first_however_little_it_is_worth() -> None:
    store = open_store("memory://?max_entries=10")
    store.put([record(f"k{n}", worth=9.0) for n in range(10)])
    store.put([record("new", worth=0.0)])
    assert store.get(["new"]) == [b"body"]
    assert len(found(store)) == 10


def test_the_namespace_that_holds_most_makes_room() -> None:
    store = open_store("memory://?max_entries=100")
    store.put([record(f"few{n}", namespace="few", worth=0.0) for n in range(20)])
    store.put([record(f"many{n}", worth=1.0) for n in range(500)])
    assert store.sizes()["few"].entries == 20
    assert store.sizes()["default"].entries == 80


@pytest.mark.parametrize("url", ["memory://?max_entries=200", "memory://?max_bytes=1MB"])
def test_what_is_expendable_takes_no_room_from_what_is_not(url: str) -> None:
    store = open_store(url)
    for n in range(2000):
        store.put([record(f"answer{n}", b"x" * 500, worth=1.0)])
    answers = found(store, limit=1000)
    for n in range(5000):
        store.put([record(f"miss{n}", b"x" * 500, namespace="!misses")])
    assert found(store, limit=1000) == answers
    assert 30 < store.sizes()["!misses"].entries < len(answers)
    assert store.get(["miss4999"]) == [b"x" * 500]
    store.put([record("late", worth=2.0)])
    assert len(found(store, limit=1000)) == len(answers)


def test_what_is_expendable_fills_what_is_free_and_gives_way_to_what_is_not() -> None:
    store = open_store("memory://?max_entries=1000")
    store.put([record(f"miss{n}", namespace="!misses") for n in range(900)])
    assert store.sizes()["!misses"].entries == 900
    store.put([record(f"answer{n}", namespace=f"n{n % 3}", worth=0.0) for n in range(1000)])
    assert sum(size.entries for name, size in store.sizes().items() if name != "!misses") == 1000
    assert store.sizes()["!misses"].entries == 100
    assert store.get(["miss0", "miss899"]) == [None, b"body"]


def test_what_has_ended_goes_first() -> None:
    store = open_store("memory://?max_entries=10")
    store.put([record("ended", ttl=-1.0, worth=9.0)])
    store.put([record(f"k{n}") for n in range(10)])
    assert len(found(store)) == 10


def test_a_record_too_large_for_the_store_is_refused_and_all_else_stays() -> None:
    store = open_store("memory://?max_bytes=1MB")
    store.put([record("k", b"x" * 500_000)])
    with pytest.raises(StoreFull, match="max_bytes"):
        store.put([record("l", b"x" * 2_000_000)])
    assert store.get(["k"]) == [b"x" * 500_000]


def test_its_process_stays_small() -> None:
    """Many times more is put than it may hold: the process grows by no more than the bound and what Python needs."""
    script = """
import resource, time
from prompt_cache.stores import open_store
from prompt_cache.stores.base import Record
store = open_store("memory://?max_bytes=16MB")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for n in range(60_000):
    key, created = f"{n:064x}", time.time()
    labels = (f"tag:{n % 50}", f"tag:own-{n}", "model:gpt-4o")
    store.put([Record(key=key, namespace=f"n{n % 3}", body=bytes(n % 2000), created=created, expires=created + 60 + n,
                      labels=labels, worth=n % 7, text="question " * (n % 30))])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, len(store.sizes()))
"""
    out = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    assert int(out[0]) < 28 * 1024  # kilobytes
    assert out[1] == "3"


@pytest.mark.parametrize("url", ["memory://x", "memory://?max_bytes=much", "memory://?max_bytes=0", "memory://?size=1"])
def test_options_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match="memory"):
        open_store(url)


def test_bounds_of_bytes_and_entries_hold_together() -> None:
    store = MemoryStore(bounds=Bounds(max_entries=10, max_bytes=100_000))
    store.put([record(f"k{n}", b"x" * 30_000) for n in range(20)])
    assert len(found(store)) == 3
    store.put([record(f"small{n}", worth=1.0) for n in range(20)])
    assert len(found(store)) == 10
