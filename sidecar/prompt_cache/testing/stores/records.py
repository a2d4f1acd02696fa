"""Putting, getting, deleting."""

import pytest

from ...stores.base import Gain, NamespaceSize, Store
from .harness import WEIRD, Harness, found, record


class Records(Harness):
    def test_a_new_store_is_empty_and_answers(self, store: Store) -> None:
        store.ping()
        assert store.sizes() == {}
        assert found(store) == []
        assert store.get(["a", "b"]) == [None, None]

    def test_bodies_come_back_in_the_order_of_the_keys(self, store: Store) -> None:
        store.put([record(f"k{n}", b"%d" % n) for n in range(5)])
        assert store.get(["k3", "nothing", "k0", "k3"]) == [b"3", None, b"0", b"3"]

    def test_nothing_asked_nothing_done(self, store: Store) -> None:
        store.put([])
        store.add_gains({})
        store.increment([])
        assert store.get([]) == []
        assert store.delete([]) == 0
        assert store.versions("default", ()) == (0, {})

    def test_thousands_in_one_call(self, store: Store) -> None:
        keys = [f"k{n}" for n in range(2500)]
        store.put([record(key, key.encode(), labels=("all",)) for key in keys])
        assert store.get(keys) == [key.encode() for key in keys]
        assert store.sizes()["default"].entries == 2500
        assert store.delete(keys) == 2500
        assert store.get(keys) == [None] * 2500

    @pytest.mark.parametrize("body", [b"", b"\x00\xff\n\r", "ünï 🙂".encode(), bytes(range(256)) * 20_480])
    def test_bodies_are_kept_byte_for_byte(self, store: Store, body: bytes) -> None:
        store.put([record("k", body)])
        assert store.get(["k"]) == [body]
        assert store.sizes() == {"default": NamespaceSize(1, len(body))}

    def test_the_later_of_two_puts_stays(self, store: Store) -> None:
        store.put([record("k", b"first")])
        store.put([record("k", b"second")])
        assert store.get(["k"]) == [b"second"]

    def test_the_later_of_two_in_one_put_stays(self, store: Store) -> None:
        store.put([record("k", b"first", labels=("old",)), record("k", b"second one", labels=("new",))])
        assert store.get(["k"]) == [b"second one"]
        assert store.sizes() == {"default": NamespaceSize(1, 10)}
        assert found(store) == ["k"]
        assert store.delete(["k"]) == 1
        assert store.sizes() == {}

    def test_delete_says_how_many_there_were(self, store: Store) -> None:
        store.put([record("a"), record("b"), record("c")])
        assert store.delete(["a", "a", "b", "nothing"]) == 2
        assert store.get(["a", "b", "c"]) == [None, None, b"body"]
        assert store.delete(["a"]) == 0

    @pytest.mark.parametrize("name", WEIRD)
    def test_any_name_is_a_key(self, store: Store, name: str) -> None:
        store.put([record(name, b"mine"), record(name + "x", b"other")])
        assert store.get([name]) == [b"mine"]
        store.add_gains({name: Gain(1, 1.0)})
        assert sorted(found(store)) == sorted([name, name + "x"])
        assert store.delete([name]) == 1
        assert store.get([name, name + "x"]) == [None, b"other"]

    def test_keys_differ_by_case(self, store: Store) -> None:
        store.put([record("k", b"small"), record("K", b"capital")])
        assert store.get(["k", "K"]) == [b"small", b"capital"]

    def test_clear_forgets_one_namespace(self, store: Store) -> None:
        store.put([record(f"a{n}", namespace="a") for n in range(1200)] + [record("b", namespace="b")])
        assert store.clear("a") == 1200
        assert store.sizes() == {"b": NamespaceSize(1, 4)}
        assert store.get(["a0", "a1199", "b"]) == [None, None, b"body"]
        assert store.clear("a") == 0

    def test_a_record_can_move_to_another_namespace(self, store: Store) -> None:
        store.put([record("k", b"12345", namespace="a", labels=("x",))])
        store.put([record("k", b"123", namespace="b", labels=("x",))])
        assert store.sizes() == {"b": NamespaceSize(1, 3)}
        assert store.clear("a") == 0
        assert store.get(["k"]) == [b"123"]

    def test_closing_twice_is_closing(self, url: str) -> None:
        store = self.open(url)
        store.put([record("k")])
        store.close()
        store.close()
