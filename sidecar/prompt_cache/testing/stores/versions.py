"""Versions: numbers that only ever grow."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ...stores.base import MANY_NAMES, Store
from .harness import WEIRD, Harness, record


class Versions(Harness):
    def test_versions_begin_at_nothing(self, store: Store) -> None:
        assert store.versions("default", ["kb", "prompt"]) == (0, {})

    def test_a_bump_advances_the_generation_and_the_names(self, store: Store) -> None:
        assert store.bump("default", ["kb"]) == 1
        assert store.bump("default", ["prompt", "kb"]) == 2
        assert store.bump("default", ["prompt"]) == 3
        assert store.versions("default", ["kb", "prompt", "never"]) == (3, {"kb": 2, "prompt": 3})
        assert store.versions("default", ["kb"]) == (3, {"kb": 2})

    def test_a_bump_of_no_name_advances_the_generation_alone(self, store: Store) -> None:
        assert [store.bump("default", names) for names in ([], ["kb"], [], [])] == [1, 2, 3, 4]
        assert store.versions("default", ["kb"]) == (4, {"kb": 2})
        assert store.get_with_versions([], "default")[1] == 4

    def test_many_names_at_once(self, store: Store) -> None:
        names = [f"name{n}" for n in range(1500)]
        assert store.bump("default", names) == 1
        assert store.versions("default", names) == (1, dict.fromkeys(names, 1))

    @pytest.mark.parametrize("name", WEIRD)
    def test_any_name_is_a_version(self, store: Store, name: str) -> None:
        store.bump("default", [name])
        assert store.versions("default", [name, name + "x"]) == (1, {name: 1})

    def test_versions_of_namespaces_are_apart(self, store: Store) -> None:
        store.bump("a", ["kb"])
        store.bump("a", ["kb"])
        store.bump("a.b", ["kb"])
        assert store.versions("a", ["kb"]) == (2, {"kb": 2})
        assert store.versions("a.b", ["kb"]) == (1, {"kb": 1})
        assert store.versions("ab", ["kb"]) == (0, {})

    def test_bodies_come_with_the_versions(self, store: Store) -> None:
        assert store.get_with_versions(["a", "b"], "default") == ([None, None], 0, {})
        assert store.get_with_versions([], "default") == ([], 0, {})
        store.put([record("a", b"mine"), record("ended", ttl=-1.0), record("else", namespace="other")])
        store.bump("default", ["kb", WEIRD[0]])
        store.bump("default", ["kb"])
        store.bump("other", ["else"])
        bodies, generation, versions = store.get_with_versions(["else", "ended", "a", "nothing", "a"], "default")
        assert bodies == [b"body", None, b"mine", None, b"mine"]
        assert generation == 2
        assert versions in (None, {"kb": 2, WEIRD[0]: 1})
        assert store.get_with_versions(["a"], "other")[:2] == ([b"mine"], 1)

    def test_a_body_comes_with_one_version(self, store: Store) -> None:
        store.put([record("a", b"mine"), record("ended", ttl=-1.0)])
        assert store.get_with_version("a", "default", WEIRD[0]) == (b"mine", 0)
        store.bump("default", ["kb"])
        store.bump("default", [WEIRD[0]])
        store.bump("other", [WEIRD[0]])
        assert store.get_with_version("a", "default", WEIRD[0]) == (b"mine", 2)
        assert store.get_with_version("ended", "default", "kb") == (None, 0)
        assert store.get_with_version("nothing", "default", "kb") == (None, 0)

    def test_no_part_of_the_versions_passes_for_all(self, store: Store) -> None:
        names = [f"name{n}" for n in range(MANY_NAMES)]
        store.bump("default", names)
        assert store.get_with_versions(["k"], "default")[2] in (None, dict.fromkeys(names, 1))
        for number, more in enumerate((["one more"], [f"more{n}" for n in range(3000)], []), 2):
            store.bump("default", more)
            assert store.get_with_versions(["k"], "default") == ([None], number, None)

    def test_many_bodies_come_with_the_versions(self, store: Store) -> None:
        keys = [f"k{n}" for n in range(1200)]
        store.put([record(key, key.encode()) for key in keys[::2]])
        store.bump("default", ["kb"])
        bodies, generation, _ = store.get_with_versions(keys, "default")
        assert bodies == store.get(keys)
        assert generation == 1

    def test_versions_outlive_the_records(self, store: Store) -> None:
        store.put([record("k")])
        store.bump("default", ["kb"])
        store.clear("default")
        store.sweep()
        assert store.versions("default", ["kb"]) == (1, {"kb": 1})

    def test_no_two_bumps_give_the_same_number(self, store: Store) -> None:
        with ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(lambda n: store.bump("default", [f"name{n % 3}"]), range(48)))
        assert sorted(numbers) == list(range(1, 49))
        assert store.versions("default", ["name0"])[0] == 48
