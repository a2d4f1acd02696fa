"""When records end."""

import time

import pytest

from ...stores.base import NamespaceSize, RecordQuery, Store
from .harness import Harness, found, record, watch


class Lifetimes(Harness):
    @pytest.mark.parametrize("ttl", [0.25, 1.0])
    def test_a_record_ends_when_it_says(self, store: Store, ttl: float) -> None:
        short = record("short", ttl=ttl)
        assert short.expires is not None
        store.put([short, record("long"), record("endless", ttl=None)])
        watch(lambda: store.get(["short"]) != [None], short.expires)
        assert store.get(["short", "long", "endless"]) == [None, b"body", b"body"]

    def test_an_ended_record_is_not_found(self, store: Store) -> None:
        store.put([record("short", ttl=0.2, labels=("x",), text="words"), record("long", labels=("x",), text="words")])
        _wait_for_the_end(store, "short")
        assert found(store) == ["long"]
        assert found(store, RecordQuery(namespace="default", labels=("x",))) == ["long"]
        assert found(store, RecordQuery(namespace="default", any_label=("x", "y"))) == ["long"]
        assert found(store, RecordQuery(namespace="default", text="words")) == ["long"]

    def test_an_ended_record_was_not_there_to_delete(self, store: Store) -> None:
        store.put([record("short", ttl=0.2), record("long")])
        _wait_for_the_end(store, "short")
        assert store.delete(["short", "long"]) == 1
        store.sweep()
        assert store.sizes() == {}

    def test_a_record_that_has_ended_already_is_never_there(self, store: Store) -> None:
        store.put([record("k", b"alive")])
        store.put([record("k", b"late", ttl=-1.0)])
        assert store.get(["k"]) == [None]
        assert found(store) == []
        store.sweep()
        assert store.sizes() == {}

    def test_a_later_put_brings_its_own_end(self, store: Store) -> None:
        store.put([record("longer", ttl=0.2), record("shorter"), record("endless", ttl=0.2)])
        shorter = record("shorter", ttl=0.2)
        store.put([record("longer"), shorter, record("endless", ttl=None)])
        _wait_for_the_end(store, "shorter")
        assert store.get(["longer", "shorter", "endless"]) == [b"body", None, b"body"]

    def test_sweeping_frees_what_ended_and_nothing_else(self, store: Store) -> None:
        store.put([record(f"short{n}", ttl=0.2, labels=("x",)) for n in range(1100)])
        store.put([record("long", b"12345", labels=("x",)), record("endless", b"123", ttl=None)])
        store.put([record("other", ttl=0.2, namespace="other")])
        _wait_for_the_end(store, "short1099", "other")
        store.sweep()
        assert store.sizes() == {"default": NamespaceSize(2, 8)}
        assert store.get(["long", "endless"]) == [b"12345", b"123"]
        assert store.sweep() == 0

    def test_a_record_put_anew_outlives_the_sweep(self, store: Store) -> None:
        store.put([record("k", ttl=0.2)])
        _wait_for_the_end(store, "k")
        store.put([record("k", b"anew")])
        store.sweep()
        assert store.get(["k"]) == [b"anew"]
        assert store.sizes() == {"default": NamespaceSize(1, 4)}


def _wait_for_the_end(store: Store, *keys: str) -> None:
    end = time.time() + 1.2
    while store.get(keys) != [None] * len(keys):
        assert time.time() < end, "still there after its time"
        time.sleep(0.02)
