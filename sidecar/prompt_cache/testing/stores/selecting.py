"""Finding by namespace, label, age and text, page by page."""

import time

import pytest
from msgspec.structs import replace

from ...stores.base import Gain, NamespaceSize, RecordQuery, Store
from .harness import WEIRD, Harness, found, record

NAMESPACES = ("a", "a.b", "ab", "a-b", "A", "a_b", "axb", "!a")
"""Names that are prefixes of each other, differ by case, or look like each other's patterns."""


class Selecting(Harness):
    def test_newest_first(self, store: Store) -> None:
        now = time.time()
        for n in (3, 1, 4, 0, 2):
            store.put([record(f"k{n}", created=now - n)])
        for limit in (1, 2, 5, 100):
            assert found(store, limit=limit) == ["k0", "k1", "k2", "k3", "k4"]

    @pytest.mark.parametrize("limit", [1, 2, 7, 100])
    def test_oldest_first_is_the_reverse(self, store: Store, limit: int) -> None:
        now = round(time.time(), 3)
        for n in (3, 1, 4, 0, 2):
            same_time = [record(f"{name}{n}", created=now - n, labels=(name,), text=name) for name in "axb"]
            store.put([*same_time, record(f"other{n}", namespace="other", created=now - n)])
        for query in (
            RecordQuery(namespace="default"),
            RecordQuery(namespace="default", labels=("x",)),
            RecordQuery(namespace="default", any_label=("b", "a")),
            RecordQuery(namespace="default", created_before=now - 1),
            RecordQuery(namespace="default", any_label=("a", "x"), created_before=now - 1),
            RecordQuery(namespace="default", text="B"),
        ):
            newest = found(store, query, limit=limit)
            oldest = found(store, replace(query, order="oldest"), limit=limit)
            assert oldest == newest[::-1], query
            assert oldest[0].endswith("4"), query

    def test_what_is_put_while_paging_oldest_first_comes_at_the_end(self, store: Store) -> None:
        now = time.time()
        store.put([record(f"k{n}", created=now - 10 + n) for n in range(5)])
        query = RecordQuery(namespace="default", order="oldest")
        page = store.find(query, limit=3)
        store.put([record("late", created=now), record("early", created=now - 99)])
        store.delete(["k2", "k3"])
        rest = store.find(query, limit=9, cursor=page.cursor)
        assert (page.keys, rest.keys) == (["k0", "k1", "k2"], ["k4", "late"])

    def test_by_all_of_the_labels(self, store: Store) -> None:
        _fill(store)
        assert _found(store, labels=("red",)) == {"r", "rg", "rgb"}
        assert _found(store, labels=("red", "green")) == {"rg", "rgb"}
        assert _found(store, labels=("green", "red", "blue")) == {"rgb"}
        assert _found(store, labels=("red", "nothing")) == set()

    def test_by_any_of_the_labels(self, store: Store) -> None:
        _fill(store)
        assert _found(store, any_label=("red",)) == {"r", "rg", "rgb"}
        assert _found(store, any_label=("green", "blue")) == {"g", "b", "rg", "rgb"}
        assert _found(store, any_label=("nothing", "blue")) == {"b", "rgb"}
        assert _found(store, any_label=("nothing", "never")) == set()

    def test_by_age(self, store: Store) -> None:
        now = round(time.time(), 3)
        store.put([record(f"k{n}", created=now - n) for n in range(4)])
        assert _found(store, created_before=now - 1) == {"k2", "k3"}
        assert _found(store, created_before=now - 0.999) == {"k1", "k2", "k3"}
        assert _found(store, created_before=now - 9) == set()

    def test_by_text_whatever_the_case(self, store: Store) -> None:
        texts = {"de": "Größter ÄRGER in Zürich", "en": "What IS it?\nTell me", "sql": "100% of a_b\\c", "none": None}
        store.put([record(key, text=text) for key, text in texts.items()])
        assert _found(store, text="ärger") == {"de"}
        assert _found(store, text="ZÜRICH") == {"de"}
        assert _found(store, text="is it?\ntell") == {"en"}
        assert _found(store, text="00% o") == {"sql"}
        assert _found(store, text="a_b\\C") == {"sql"}
        for pattern in ("%", "_", "*", ".", "a.b", "1%f", "[a-z]"):
            expected = {key for key, text in texts.items() if text and pattern in text.lower()}
            assert _found(store, text=pattern) == expected, pattern
        assert _found(store, text="nothing") == set()

    def test_text_may_hold_any_character(self, store: Store) -> None:
        store.put([record("k", text="before\x00between\x1bafter 🙂")])
        assert _found(store, text="before") == {"k"}
        assert _found(store, text="AFTER 🙂") == {"k"}

    def test_all_conditions_hold_together(self, store: Store) -> None:
        now = time.time()
        for place, namespace in enumerate(("default", "other")):
            for n in range(32):
                labels = tuple(name for bit, name in enumerate(("all", "x", "y")) if n >> bit & 1)
                text = "yes" if n & 8 else "no"
                created = now - (100 if n & 16 else 0)
                store.put([record(f"{place}-{n}", namespace=namespace, labels=labels, text=text, created=created)])
        query = RecordQuery(
            namespace="default", labels=("all",), any_label=("x", "y"), created_before=now - 50, text="YES"
        )
        expected = {f"0-{n}" for n in range(32) if n & 1 and n & 6 and n & 8 and n & 16}
        assert set(found(store, query, limit=1)) == expected
        assert len(found(store, query)) == len(expected)

    def test_a_label_twice_is_once(self, store: Store) -> None:
        store.put([record("k", labels=("x", "x", "y"))])
        assert found(store, RecordQuery(namespace="default", labels=("x",))) == ["k"]
        assert found(store, RecordQuery(namespace="default", any_label=("x", "y"))) == ["k"]
        assert found(store, RecordQuery(namespace="default", labels=("x", "x"))) == ["k"]

    @pytest.mark.parametrize("name", WEIRD)
    def test_any_name_is_a_label(self, store: Store, name: str) -> None:
        store.put([record("mine", labels=(name,)), record("other", labels=(name + "x", name[:-1] or "y"))])
        assert _found(store, labels=(name,)) == {"mine"}
        assert _found(store, any_label=(name, "z")) == {"mine"}

    def test_labels_follow_an_overwrite(self, store: Store) -> None:
        store.put([record("k", labels=("old", "both"), text="old words", created=time.time() - 100)])
        store.put([record("k", labels=("new", "both"), text="new words")])
        assert _found(store, labels=("old",)) == set()
        assert _found(store, any_label=("old", "older")) == set()
        assert _found(store, labels=("new",)) == {"k"}
        assert found(store, RecordQuery(namespace="default", labels=("both",))) == ["k"]
        assert _found(store, text="old") == set()
        assert _found(store, created_before=time.time() - 50) == set()

    def test_labels_follow_a_delete(self, store: Store) -> None:
        store.put([record("k", labels=("x",)), record("stays", labels=("x",))])
        store.delete(["k"])
        assert _found(store, labels=("x",)) == {"stays"}
        store.put([record("k")])
        assert _found(store, labels=("x",)) == {"stays"}

    def test_namespaces_are_apart(self, store: Store) -> None:
        for name in NAMESPACES:
            store.put([record(f"{name}/{n}", namespace=name, labels=("x", "y"), text="words") for n in range(3)])
        for name in NAMESPACES:
            expected = {f"{name}/{n}" for n in range(3)}
            assert _found(store, name) == expected
            assert _found(store, name, labels=("x",)) == expected
            assert _found(store, name, labels=("x", "y")) == expected
            assert _found(store, name, any_label=("x", "z")) == expected
            assert _found(store, name, created_before=time.time() + 9) == expected
            assert _found(store, name, text="words") == expected
            assert {key for key, _ in store.eviction_candidates(name, 100)} == expected

    @pytest.mark.parametrize("name", NAMESPACES)
    def test_what_is_done_to_one_namespace_leaves_the_others(self, store: Store, name: str) -> None:
        keys = {space: [f"{space}/{n}" for n in range(3)] for space in NAMESPACES}
        for space in NAMESPACES:
            store.put([record(key, namespace=space, labels=("x",)) for key in keys[space]])
            store.bump(space, ["kb"])
        store.put([record(keys[name][0], b"longer body", namespace=name, labels=("y",))])
        store.delete(keys[name][1:2])
        store.add_gains({keys[name][0]: Gain(1, 5.0)})
        store.bump(name, ["kb", "other"])
        store.clear(name)
        for space in NAMESPACES:
            if space != name:
                assert store.get(keys[space]) == [b"body"] * 3
                assert _found(store, space, labels=("x",)) == set(keys[space])
                assert store.sizes()[space] == NamespaceSize(3, 12)
                assert store.versions(space, ["kb", "other"]) == (1, {"kb": 1})
        assert name not in store.sizes()

    def test_what_is_put_while_paging_neither_repeats_nor_hides(self, store: Store) -> None:
        now = time.time()
        for query in (
            RecordQuery(namespace="default"),
            RecordQuery(namespace="default", labels=("x",)),
            RecordQuery(namespace="default", any_label=("x", "y")),
            RecordQuery(namespace="default", any_label=("x", "y"), order="oldest"),
        ):
            stay = [f"stay{n}" for n in range(40)]
            store.put([record(key, created=now - 1000 - n // 4, labels=("x",)) for n, key in enumerate(stay)])
            seen: list[str] = []
            cursor, turn = None, 0
            while True:
                page = store.find(query, limit=7, cursor=cursor)
                seen += page.keys
                turn += 1
                store.put([record(f"new{turn}-{n}", labels=("x",)) for n in range(5)])
                store.put([record(f"old{turn}-{n}", labels=("x",), created=now - 5000 - turn) for n in range(2)])
                store.delete([f"new{turn}-0", f"old{turn - 1}-1"])
                cursor = page.cursor
                if cursor is None or turn > 100:
                    break
            assert [key for key in seen if key in set(stay)] != []
            assert sorted(key for key in seen if key.startswith("stay")) == sorted(stay)
            assert len(set(seen)) == len(seen)
            store.clear("default")

    def test_all_that_is_selected_can_be_deleted_on_the_way(self, store: Store) -> None:
        store.put([record(f"k{n}", labels=("x",) if n % 2 else ()) for n in range(2400)])
        query = RecordQuery(namespace="default", labels=("x",))
        assert sum(store.delete(keys) for keys in store.find_all(query)) == 1200
        assert store.sizes()["default"].entries == 1200

    @pytest.mark.parametrize("cursor", ["", "nonsense", "x/1", "nan/1", "/", "-", "🙂", "1.5", "'; --"])
    @pytest.mark.parametrize("labels", [(), ("x",)])
    def test_a_cursor_of_no_listing_is_refused(self, store: Store, cursor: str, labels: tuple[str, ...]) -> None:
        store.put([record("k", labels=("x",))])
        with pytest.raises(ValueError):
            store.find(RecordQuery(namespace="default", labels=labels), limit=1, cursor=cursor)


def _fill(store: Store) -> None:
    combinations = {"r": ("red",), "g": ("green",), "b": ("blue",), "rg": ("red", "green"), "none": ()}
    store.put([record(key, labels=labels) for key, labels in combinations.items()])
    store.put([record("rgb", labels=("blue", "red", "green"))])


def _found(
    store: Store,
    namespace: str = "default",
    *,
    labels: tuple[str, ...] = (),
    any_label: tuple[str, ...] = (),
    created_before: float | None = None,
    text: str | None = None,
) -> set[str]:
    query = RecordQuery(
        namespace=namespace, labels=labels, any_label=any_label, created_before=created_before, text=text
    )
    keys = found(store, query)
    assert len(set(keys)) == len(keys)
    return set(keys)
