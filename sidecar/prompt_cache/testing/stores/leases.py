"""Leases: one holder at a time, until it gives back or its time is over."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ...stores.base import Store
from .harness import WEIRD, Harness, record, watch

THREADS = 50


class Leases(Harness):
    def test_one_holds_a_lease(self, store: Store) -> None:
        assert store.acquire("k", "first", 30.0) == 0.0
        assert 28.0 < store.acquire("k", "second", 60.0) <= 30.0
        assert store.acquire("other", "second", 30.0) == 0.0

    def test_only_the_holder_gives_a_lease_back(self, store: Store) -> None:
        store.acquire("k", "first", 30.0)
        assert not store.release("k", "second")
        assert not store.release("nothing", "first")
        assert store.acquire("k", "second", 30.0) > 0.0
        assert store.release("k", "first")
        assert not store.release("k", "first")
        assert store.acquire("k", "second", 30.0) == 0.0
        assert not store.release("k", "first")

    def test_the_holder_may_keep_it_for_longer(self, store: Store) -> None:
        assert store.acquire("k", "first", 0.4) == 0.0
        assert store.acquire("k", "first", 30.0) == 0.0
        assert store.acquire("k", "second", 30.0) > 28.0
        assert store.release("k", "first")

    def test_a_lease_ends_when_it_says(self, store: Store) -> None:
        assert store.acquire("k", "first", 0.4) == 0.0
        end = time.time() + 0.4
        watch(lambda: store.acquire("k", "second", 30.0) > 0.0, end, slack=0.1)
        assert not store.release("k", "first")
        assert store.release("k", "second")

    def test_an_ended_lease_is_nobodys(self, store: Store) -> None:
        store.acquire("k", "first", 0.1)
        time.sleep(0.2)
        assert not store.release("k", "first")
        store.sweep()
        assert store.acquire("k", "second", 1.0) == 0.0

    @pytest.mark.parametrize("name", WEIRD)
    def test_any_name_can_be_leased(self, store: Store, name: str) -> None:
        assert store.acquire(name, "token", 30.0) == 0.0
        assert store.acquire(name, "other", 30.0) > 0.0
        assert store.acquire(name + "x", "other", 30.0) == 0.0
        assert store.release(name, "token")

    def test_a_lease_is_no_record(self, store: Store) -> None:
        store.acquire("k", "token", 30.0)
        assert store.get(["k"]) == [None]
        assert store.sizes() == {}
        store.put([record("k")])
        store.delete(["k"])
        assert store.acquire("k", "other", 30.0) > 0.0

    def test_one_of_many_threads_wins(self, store: Store) -> None:
        gate = Barrier(THREADS)

        def run(token: str) -> list[int]:
            gate.wait()
            return [n for n in range(5) if store.acquire(f"k{n}", token, 60.0) == 0.0]

        with ThreadPoolExecutor(THREADS) as pool:
            won = [key for keys in pool.map(run, map(str, range(THREADS))) for key in keys]
        assert sorted(won) == list(range(5))
