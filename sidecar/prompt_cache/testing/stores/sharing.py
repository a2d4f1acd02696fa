"""Two handles, and several processes, on the same data."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import TypeVar

import pytest

from ...stores.base import CounterRow, Gain, NamespaceSize, RecordQuery, Store
from .harness import Harness, found, record

PROCESSES = 4
_THREADS_EACH = 13

_T = TypeVar("_T")
_gate: Barrier | None = None


class Sharing(Harness):
    @pytest.fixture
    def other(self, url: str, store: Store) -> Iterator[Store]:  # noqa: ARG002 - opened after the first
        """A second handle, as a second worker has it."""
        other = self.open(url)
        yield other
        other.close()

    def test_it_says_that_it_is_shared(self, store: Store) -> None:
        assert store.shared

    def test_records_are_seen_at_once(self, store: Store, other: Store) -> None:
        for n in range(20):
            store.put([record("k", b"%d" % n, labels=(f"l{n}",))])
            assert other.get(["k"]) == [b"%d" % n]
            assert found(other, RecordQuery(namespace="default", labels=(f"l{n}",))) == ["k"]
            assert other.delete(["k"]) == 1
            assert store.get(["k"]) == [None]
            assert store.sizes() == {}

    def test_versions_leases_and_counters_are_seen_at_once(self, store: Store, other: Store) -> None:
        for n in range(1, 20):
            assert (store, other)[n % 2].bump("default", ["kb"]) == n
            assert (other, store)[n % 2].versions("default", ["kb"]) == (n, {"kb": n})
        assert store.acquire("k", "token", 30.0) == 0.0
        assert other.acquire("k", "other", 30.0) > 0.0
        assert other.release("k", "token")
        assert store.acquire("k", "third", 30.0) == 0.0
        store.increment([CounterRow("2025", "s", {"n": 1})])
        other.increment([CounterRow("2025", "s", {"n": 2})])
        assert [row.sums for row in store.counters("", "~")] == [{"n": 3}]

    def test_what_is_stored_outlives_the_handles(self, url: str) -> None:
        first = self.open(url)
        first.put([record("k", b"12345", labels=("x",), text="words", worth=2.0), record("l", ttl=None)])
        first.bump("default", ["kb"])
        first.increment([CounterRow("2025", "s", {"n": 1})])
        first.close()
        second = self.open(url)
        assert second.get(["k", "l"]) == [b"12345", b"body"]
        assert second.sizes() == {"default": NamespaceSize(2, 14)}
        assert found(second, RecordQuery(namespace="default", labels=("x",), text="WORDS")) == ["k"]
        assert second.versions("default", ["kb"]) == (1, {"kb": 1})
        assert len(list(second.counters("", "~"))) == 1
        second.close()

    def test_a_listing_goes_on_in_another_handle(self, store: Store, other: Store) -> None:
        now = time.time()
        store.put([record(f"k{n}", created=now - n) for n in range(6)])
        page = store.find(RecordQuery(namespace="default"), limit=3)
        assert page.cursor is not None
        rest = other.find(RecordQuery(namespace="default"), limit=5, cursor=page.cursor)
        assert page.keys + rest.keys == [f"k{n}" for n in range(6)]

    def test_readers_never_see_half_of_a_record(self, store: Store, other: Store) -> None:
        bodies = [bytes([letter]) * 300_000 for letter in b"abcd"]
        store.put([record("k", bodies[0])])
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(lambda: [store.put([record("k", bodies[n % 4])]) for n in range(40)])
            while not writing.done():
                assert other.get(["k"])[0] in bodies
            writing.result()
        assert store.sizes() == {"default": NamespaceSize(1, 300_000)}

    def test_one_of_many_processes_and_threads_wins(self, url: str, store: Store) -> None:
        won = in_processes(_race, self.open, url)
        assert sorted(key for keys in won for key in keys) == sorted(f"k{n}" for n in range(20))
        assert all(store.acquire(f"k{n}", "late", 1.0) > 0.0 for n in range(20))

    def test_processes_can_begin_a_store_together(self, url: str) -> None:
        won = in_processes(_race, self.open, url)
        assert sum(map(len, won)) == 20

    def test_processes_writing_together_lose_nothing(self, url: str, store: Store) -> None:
        bumps = in_processes(_write, self.open, url)
        assert sorted(number for numbers in bumps for number in numbers) == list(range(1, PROCESSES * 20 + 1))
        assert store.versions("default", ["kb"]) == (PROCESSES * 20, {"kb": PROCESSES * 20})
        assert [row.sums for row in store.counters("", "~")] == [{"n": PROCESSES * 20, "m": PROCESSES * 10}]
        keys = found(store, limit=50)
        assert len(keys) == len(set(keys)) == PROCESSES * 20 + 5
        bodies = store.get(keys)
        assert store.sizes() == {"default": NamespaceSize(len(keys), sum(len(body or b"") for body in bodies))}
        assert None not in bodies
        assert len(found(store, RecordQuery(namespace="default", labels=("both",)), limit=50)) == len(keys)


def in_processes(
    work: Callable[[Callable[[str], Store], str, int], list[_T]], open_: Callable[[str], Store], url: str
) -> list[list[_T]]:
    """What it returns in each of some processes, told (how to open a store, its URL, the number of the process)."""
    context = get_context("spawn")
    gate = context.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=_begin, initargs=(gate,)) as pool:
        return [each.result(60) for each in [pool.submit(work, open_, url, n) for n in range(PROCESSES)]]


def _begin(gate: Barrier) -> None:
    global _gate
    _gate = gate


def wait_for_all() -> None:
    """Go on when all the processes are here."""
    assert _gate is not None
    _gate.wait(30)


def _race(open_: Callable[[str], Store], url: str, number: int) -> list[str]:
    wait_for_all()
    store = open_(url)

    def run(thread: int) -> list[str]:
        token = f"{number}-{thread}"
        return [f"k{n}" for n in range(20) if store.acquire(f"k{n}", token, 120.0) == 0.0]

    with ThreadPoolExecutor(_THREADS_EACH) as pool:
        won = [key for keys in pool.map(run, range(_THREADS_EACH)) for key in keys]
    store.close()
    return won


def _write(open_: Callable[[str], Store], url: str, number: int) -> list[int]:
    store = open_(url)
    wait_for_all()
    bumps = []
    for n in range(20):
        own = record(f"{number}-{n}", bytes(100 + n), labels=("both", f"of{number}"))
        store.put([own, record(f"all-{n % 5}", bytes(number * 100 + n), labels=("both", f"of{number}"))])
        store.increment([CounterRow("2025", "s", {"n": 1, "m": 0.5})])
        bumps.append(store.bump("default", ["kb"]))
        store.add_gains({f"all-{n % 5}": Gain(1, 0.1)})
    store.close()
    return bumps
