"""What each record was good for: counted, read, and listed by it."""

import time

import pytest

from ...stores.base import Gain, RecordQuery, Store
from .harness import WEIRD, Harness, found, record


class Gaining(Harness):
    def test_hits_add_up(self, store: Store) -> None:
        store.put([record("a", worth=1.0), record("b"), record("c", namespace="other")])
        assert store.hits(["a", "b", "nothing"]) == [0, 0, 0]
        store.add_gains({"a": Gain(2, 2.0), "b": Gain(1, 0.0), "nothing": Gain(5, 5.0)})
        store.add_gains({"a": Gain(1, 1.0), "c": Gain(7, 0.5)})
        assert store.hits(["c", "a", "nothing", "b", "a"]) == [7, 3, 0, 1, 3]
        assert store.hits([]) == []

    def test_hits_of_many(self, store: Store) -> None:
        keys = [f"k{n}" for n in range(1200)]
        store.put([record(key) for key in keys])
        store.add_gains({key: Gain(at, 0.1) for at, key in enumerate(keys) if at})
        assert store.hits(keys) == list(range(1200))

    @pytest.mark.parametrize("name", WEIRD)
    def test_any_key_and_namespace_gains(self, store: Store, name: str) -> None:
        store.put([record(name, namespace=name)])
        store.add_gains({name: Gain(3, 0.5)})
        assert store.hits([name]) == [3]
        assert found(store, RecordQuery(namespace=name, order="gained")) == [name]

    def test_an_overwrite_begins_anew(self, store: Store) -> None:
        store.put([record("k"), record("gone")])
        store.add_gains({"k": Gain(3, 3.0), "gone": Gain(1, 1.0)})
        store.put([record("k")])
        store.delete(["gone"])
        store.put([record("gone")])
        assert store.hits(["k", "gone"]) == [0, 0]
        assert found(store, RecordQuery(namespace="default", order="gained")) == []
        assert set(found(store, RecordQuery(namespace="default", unserved=True))) == {"k", "gone"}

    @pytest.mark.parametrize("limit", [1, 2, 100])
    def test_what_gained_most_first(self, store: Store, limit: int) -> None:
        store.put([record(f"k{n}", worth=float(9 - n), created=time.time() - n) for n in range(6)])
        store.put([record("other", namespace="other")])
        store.add_gains({"k3": Gain(1, 0.25), "k1": Gain(9, 0.5), "k4": Gain(2, 4.0), "other": Gain(1, 9.0)})
        store.add_gains({"k3": Gain(1, 0.5)})
        assert found(store, RecordQuery(namespace="default", order="gained"), limit=limit) == ["k4", "k3", "k1"]

    def test_those_that_gained_the_same_are_all_listed(self, store: Store) -> None:
        keys = {f"k{n:03}" for n in range(150)}
        store.put([record(key) for key in sorted(keys)])
        store.add_gains(dict.fromkeys(keys, Gain(1, 0.0)))
        for limit in (7, 1000):
            listed = found(store, RecordQuery(namespace="default", order="gained"), limit=limit)
            assert (set(listed), len(listed)) == (keys, 150)

    def test_never_served(self, store: Store) -> None:
        now = time.time()
        store.put([record(f"k{n}", created=now - n, labels=("even",) * (n % 2 == 0)) for n in range(6)])
        store.add_gains({"k1": Gain(1, 0.0), "k2": Gain(1, 1.0)})
        assert found(store, RecordQuery(namespace="default", unserved=True), limit=2) == ["k0", "k3", "k4", "k5"]
        oldest = RecordQuery(namespace="default", unserved=True, labels=("even",), order="oldest")
        assert found(store, oldest, limit=1) == ["k4", "k0"]

    def test_gain_goes_with_all_other_conditions(self, store: Store) -> None:
        now = round(time.time(), 3)
        for n in range(32):
            labels = tuple(name for bit, name in enumerate(("all", "x", "y")) if n >> bit & 1)
            created = now - (100 if n & 16 else 0)
            store.put([record(f"k{n}", labels=labels, text="yes" if n & 8 else "no", created=created)])
        store.add_gains({f"k{n}": Gain(1, float(n)) for n in range(32)})
        chosen = RecordQuery(
            namespace="default",
            labels=("all",),
            any_label=("x", "y"),
            created_before=now - 50,
            text="YES",
            order="gained",
        )
        assert found(store, chosen, limit=1) == ["k31", "k29", "k27"]

    def test_what_has_ended_is_not_listed(self, store: Store) -> None:
        store.put([record("short", ttl=0.4), record("long")])
        store.add_gains({"short": Gain(1, 5.0), "long": Gain(1, 1.0)})
        time.sleep(0.5)
        assert found(store, RecordQuery(namespace="default", order="gained")) == ["long"]
