"""The store that keeps nothing."""

import pytest

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.policy import NotStored
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.stores import CounterMove, CounterRow, Gain, RecordQuery, open_store
from prompt_cache.testing.stores.harness import record


def test_nothing_is_kept() -> None:
    store = open_store("null://")
    store.ping()
    store.put([record("k", labels=("x",))])
    store.increment([CounterRow("2025", "s", {"n": 1})])
    store.add_gains({"k": Gain(1, 1.0)})
    assert store.get(["k", "l"]) == [None, None]
    assert store.delete(["k"]) == 0
    assert store.clear("default") == 0
    assert store.find(RecordQuery(namespace="default"), limit=9).keys == []
    assert store.sizes() == {}
    assert store.eviction_candidates("default", 9) == []
    store.move_counters([CounterMove(CounterRow("2025", "s", {"n": 1}), "day", "s")])
    assert list(store.counters("", "~")) == []
    assert store.sweep() == 0
    store.close()
    store.close()


def test_every_lease_is_granted() -> None:
    store = open_store("null://")
    assert [store.acquire("k", token, 60.0) for token in ("a", "b")] == [0.0, 0.0]
    assert store.release("k", "a")


def test_every_lookup_is_a_miss() -> None:
    cache = PromptCache(open_store("null://"))
    for _ in range(2):
        assert cache.lookup(Lookup(request=Request(prompt="one"), lease=60.0)).status == "miss"


def test_every_store_says_that_caching_is_off() -> None:
    cache = PromptCache(open_store("null://"))
    missed = cache.lookup(Lookup(request=Request(prompt="one")))
    for new_entry in (NewEntry(key=missed.key, response=b"1"), NewEntry(request=Request(prompt="one"), response=b"1")):
        stored = cache.store(new_entry)
        assert (stored.key, stored.stored, stored.reason) == (missed.key, False, NotStored.CACHING_OFF)


@pytest.mark.parametrize("url", ["null://x", "null:///", "null:"])
def test_it_takes_nothing(url: str) -> None:
    with pytest.raises(ValueError, match="null"):
        open_store(url)
