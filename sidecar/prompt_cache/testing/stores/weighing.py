"""How much there is, and what goes first when it is too much."""

import time

import pytest

from ...stores.base import Bounds, Gain, NamespaceSize, Store
from .harness import Harness, found, record


class Weighing(Harness):
    def test_sizes_are_exact(self, store: Store) -> None:
        store.put([record("a", b"12345"), record("b", b"123", text="four"), record("c", b"1", namespace="other")])
        assert store.sizes() == {"default": NamespaceSize(2, 12), "other": NamespaceSize(1, 1)}
        store.put([record("a", b"1"), record("b", b"1234567")])
        assert store.sizes() == {"default": NamespaceSize(2, 8), "other": NamespaceSize(1, 1)}
        store.delete(["a", "a", "c", "nothing"])
        assert store.sizes() == {"default": NamespaceSize(1, 7)}
        store.delete(["b"])
        assert store.sizes() == {}

    def test_least_worth_per_byte_first(self, store: Store) -> None:
        now = time.time()
        store.put(
            [
                record("dear", b"x" * 10, worth=10.0, created=now - 50),
                record("big", b"x" * 10_000, worth=10.0, created=now),
                record("free", b"x" * 10, worth=0.0, created=now),
                record("older", b"x" * 100, worth=10.0, created=now - 9),
                record("newer", b"x" * 50, worth=5.0, created=now - 5),
                record("other", b"x", namespace="other"),
            ]
        )
        least = [("free", 10), ("big", 10_000), ("older", 100), ("newer", 50), ("dear", 10)]
        assert store.eviction_candidates("default", 100) == least
        assert store.eviction_candidates("default", 2) == least[:2]

    def test_added_worth_makes_a_record_dearer(self, store: Store) -> None:
        store.put([record("a", worth=1.0), record("b", worth=2.0)])
        store.add_gains({"a": Gain(1, 1.5), "nothing": Gain(1, 9.0)})
        assert [key for key, _ in store.eviction_candidates("default", 9)] == ["b", "a"]
        store.add_gains({"b": Gain(1, 0.2)})
        store.add_gains({"b": Gain(1, 0.4)})
        assert [key for key, _ in store.eviction_candidates("default", 9)] == ["a", "b"]
        assert store.get(["nothing"]) == [None]

    def test_added_worth_leaves_the_record_as_it_is(self, store: Store) -> None:
        store.put([record("k", b"as it is", labels=("x",), ttl=0.5)])
        store.add_gains({"k": Gain(1, 3.0)})
        assert store.get(["k"]) == [b"as it is"]
        assert store.sizes() == {"default": NamespaceSize(1, 8)}
        assert found(store) == ["k"]
        time.sleep(0.6)
        assert store.get(["k"]) == [None]

    def test_an_overwrite_brings_its_own_worth(self, store: Store) -> None:
        store.put([record("a", worth=5.0), record("b", worth=2.0)])
        store.add_gains({"a": Gain(1, 5.0)})
        store.put([record("a", worth=1.0)])
        assert [key for key, _ in store.eviction_candidates("default", 9)] == ["a", "b"]

    @pytest.mark.parametrize(
        ("bounds", "left"),
        [(Bounds(max_entries=40), 38), (Bounds(max_bytes=5000), 47), (Bounds(max_entries=10, max_bytes=10**9), 10)],
    )
    def test_evicting_keeps_what_saves_most(self, store: Store, bounds: Bounds, left: int) -> None:
        store.put([record(f"k{n:03}", b"x" * 100, worth=float(n)) for n in range(100)])
        store.put([record("other", namespace="other")])
        assert store.evict("default", bounds, store.sizes()["default"]) == 100 - left
        assert sorted(found(store)) == [f"k{n:03}" for n in range(100 - left, 100)]
        assert store.sizes() == {"default": NamespaceSize(left, left * 100), "other": NamespaceSize(1, 4)}

    def test_evicting_passes_over_what_is_to_be_kept(self, store: Store) -> None:
        store.put([record(f"k{n:04}", worth=float(n)) for n in range(1100)])
        keep = {f"k{n:04}" for n in range(1050)}
        assert store.evict("default", Bounds(max_entries=1060), store.sizes()["default"], keep) == 50
        assert set(found(store, limit=1000)) == keep
        assert store.evict("default", Bounds(max_entries=10), store.sizes()["default"], keep) == 0

    def test_evicting_takes_no_more_than_needed(self, store: Store) -> None:
        store.put([record("k"), record("l")])
        assert store.evict("default", Bounds(max_entries=2, max_bytes=8), store.sizes()["default"]) == 0
        assert store.evict("nothing", Bounds(max_entries=0), NamespaceSize(3, 3)) == 0
        assert store.sizes() == {"default": NamespaceSize(2, 8)}
