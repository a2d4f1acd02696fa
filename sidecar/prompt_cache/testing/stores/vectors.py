"""Vectors: who is near, and for how long."""

import random
import struct
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import sqrt

import pytest

from ...stores.base import Bounds, Gain, RecordQuery, Store, VectorRecord, VectorStore
from .harness import WEIRD, Harness, record
from .sharing import PROCESSES, in_processes, wait_for_all

DIMENSION = 24
EXACT = 1e-3

Numbers = Sequence[float]


def unit(numbers: Numbers) -> bytes:
    """A vector of length one, as it is kept."""
    length = sqrt(sum(number * number for number in numbers))
    return struct.pack(f"<{len(numbers)}f", *(number / length for number in numbers))


def some(seed: int, count: int, dimension: int = DIMENSION) -> list[bytes]:
    """Vectors that lie about at random."""
    chance = random.Random(seed)
    return [unit([chance.gauss(0, 1) for _ in range(dimension)]) for _ in range(count)]


def beside(vector: bytes, seed: int, distance: float) -> bytes:
    """One that lies a little beside another."""
    chance = random.Random(seed)
    numbers = struct.unpack(f"<{len(vector) // 4}f", vector)
    return unit([number + chance.gauss(0, distance) / sqrt(len(numbers)) for number in numbers])


def cosine(one: bytes, other: bytes) -> float:
    size = len(one) // 4
    pairs = zip(struct.unpack(f"<{size}f", one), struct.unpack(f"<{size}f", other), strict=True)
    return float(sum(a * b for a, b in pairs))


def turned(cosine: float, dimension: int = 8) -> bytes:
    """One whose cosine to the first axis is known."""
    return unit([cosine, sqrt(max(1 - cosine * cosine, 0.0)), *[0.0] * (dimension - 2)])


AXIS = turned(1.0)
AXIS_OF_MANY = turned(1.0, DIMENSION)


def keep(store: Store, vectors: dict[str, bytes], *, space: str = "space", ttl: float | None = 60.0) -> None:
    """Put a record and its vector for each key."""
    store.put([record(key, ttl=ttl) for key in vectors])
    searchable(store).put_vectors(
        [VectorRecord(key=key, namespace="default", space=space, vector=vector) for key, vector in vectors.items()]
    )


def near(
    store: Store, vector: bytes = AXIS, *, space: str = "space", limit: int = 8, least: float = -1.0
) -> dict[str, float]:
    """What is found, in its order."""
    (neighbours,) = searchable(store).nearest([(space, vector)], limit=limit, least=least)
    assert len(neighbours) <= limit
    assert len({each.key for each in neighbours}) == len(neighbours)
    found = [each.similarity for each in neighbours]
    assert found == sorted(found, reverse=True)
    assert all(similarity >= least for similarity in found)
    return {each.key: each.similarity for each in neighbours}


def searchable(store: Store) -> VectorStore:
    """The same store, which has to have vectors."""
    assert isinstance(store, VectorStore)
    return store


class Vectors(Harness):
    def test_vectors_can_be_searched(self, store: Store) -> None:
        searchable(store).check_vectors()
        assert near(store) == {}
        assert searchable(store).nearest([], limit=8, least=0.0) == []
        assert searchable(store).nearest([("a", AXIS), ("b", AXIS)], limit=8, least=0.0) == [[], []]

    @pytest.mark.parametrize("count", [3, 120, 700])
    def test_the_closest_are_found_as_if_all_were_compared(self, store: Store, count: int) -> None:
        vectors = {f"k{n}": vector for n, vector in enumerate(some(1, count))}
        vectors |= {f"twin{n}": beside(vectors["k1"], n, 0.01) for n in range(5)}
        keep(store, vectors)
        for n, wanted in enumerate([*some(2, 8), vectors["k1"], beside(vectors["k2"], 3, 0.02)]):
            for limit in (1, 3, 8):
                _agree(near(store, wanted, limit=limit), wanted, vectors, limit=limit, least=-1.0)
                _agree(near(store, wanted, limit=limit, least=0.3), wanted, vectors, limit=limit, least=0.3)
            assert n < 8 or near(store, wanted, limit=1) != {}

    def test_near_duplicates_are_told_apart(self, store: Store) -> None:
        first = some(5, 1, 384)[0]
        vectors = {f"k{n}": vector for n, vector in enumerate(some(6, 200, 384))}
        vectors |= {"same": first, "almost": beside(first, 1, 0.01), "near": beside(first, 2, 0.2)}
        keep(store, vectors)
        found = near(store, first, limit=3)
        assert list(found) == ["same", "almost", "near"]
        assert found == {key: pytest.approx(cosine(first, vectors[key]), abs=EXACT) for key in found}
        assert found["same"] == pytest.approx(1.0, abs=EXACT)

    def test_similarity_is_the_cosine_from_one_to_minus_one(self, store: Store) -> None:
        expected = {f"k{n}": cosine for n, cosine in enumerate((1.0, 0.95, 0.5, 0.1, 0.0, -0.3, -0.9, -1.0))}
        keep(store, {key: turned(cosine) for key, cosine in expected.items()})
        found = near(store, limit=9)
        assert list(found) == list(expected)
        assert found == pytest.approx(expected, abs=EXACT)
        assert list(near(store, least=0.4)) == ["k0", "k1", "k2"]
        assert list(near(store, limit=2)) == ["k0", "k1"]
        assert near(store, unit([0.0, 0.0, 1.0, *[0.0] * 5]), least=0.5) == {}

    def test_of_equals_as_many_as_are_wanted(self, store: Store) -> None:
        keep(store, {f"k{n}": turned(0.8) for n in range(20)} | {"closer": turned(0.9)})
        found = near(store, limit=6)
        assert next(iter(found)) == "closer"
        assert len(found) == 6
        assert len(near(store, limit=50)) == 21

    def test_of_equals_those_that_live(self, store: Store) -> None:
        keep(store, {f"k{n}": turned(0.8) for n in range(300)})
        near(store)
        alive = {f"k{n}" for n in range(0, 300, 37)}
        store.delete([f"k{n}" for n in range(300) if f"k{n}" not in alive])
        assert near(store, limit=len(alive)).keys() == near(store, limit=50).keys() == alive

    def test_spaces_are_apart(self, store: Store) -> None:
        spaces = [f"space{n}" for n in range(30)]
        for n, space in enumerate(spaces):
            keep(store, {f"{space}-{m}": turned(n / 30) for m in range(3)}, space=space)
        for n, space in enumerate(spaces):
            assert near(store, space=space) == {f"{space}-{m}": pytest.approx(n / 30, abs=EXACT) for m in range(3)}
        assert near(store, space="space") == near(store, space="space3 ") == near(store, space="SPACE3") == {}

    @pytest.mark.parametrize("name", WEIRD)
    def test_any_name_is_a_space_and_a_key(self, store: Store, name: str) -> None:
        store.put([record(name, namespace=name)])
        vectors = [VectorRecord(key=name, namespace=name, space=name, vector=AXIS)]
        searchable(store).put_vectors(vectors)
        assert list(near(store, space=name)) == [name]
        assert near(store, space=name + "x") == {}
        searchable(store).delete_vectors([name])
        assert near(store, space=name) == {}

    def test_spaces_have_their_own_dimensions(self, store: Store) -> None:
        for size in (2, 7, 384, 1536, 3072):
            keep(store, {f"k{size}": turned(0.7, size)}, space=f"of {size}")
        for size in (2, 7, 384, 1536, 3072):
            assert near(store, turned(1.0, size), space=f"of {size}") == {f"k{size}": pytest.approx(0.7, abs=EXACT)}

    def test_another_dimension_is_never_compared(self, store: Store) -> None:
        keep(store, {"k": turned(1.0, 8)})
        assert near(store, turned(1.0, 16)) == {}
        assert list(near(store, turned(1.0, 8))) == ["k"]

    def test_many_are_asked_for_at_once(self, store: Store) -> None:
        keep(store, {f"a{n}": vector for n, vector in enumerate(some(3, 60))}, space="a")
        keep(store, {f"b{n}": vector for n, vector in enumerate(some(4, 40))}, space="b")
        wanted = [(space, vector) for vector in some(7, 50) for space in ("a", "nothing", "b")]
        together = searchable(store).nearest(wanted, limit=4, least=0.0)
        assert len(together) == len(wanted)
        for (space, vector), neighbours in zip(wanted, together, strict=True):
            alone = near(store, vector, space=space, limit=4, least=0.0)
            assert {each.key: each.similarity for each in neighbours} == pytest.approx(alone, abs=EXACT)
            assert (not neighbours) == (space == "nothing")

    def test_a_vector_takes_the_place_of_the_one_before(self, store: Store) -> None:
        keep(store, {"k": turned(0.2), "l": turned(0.5)})
        _put_vector(store, "k", turned(0.9))
        assert near(store) == pytest.approx({"k": 0.9, "l": 0.5}, abs=EXACT)
        _put_vector(store, "k", turned(0.1), space="elsewhere")
        assert list(near(store)) == ["l"]
        assert list(near(store, space="elsewhere")) == ["k"]

    def test_a_vector_of_nothing_is_passed_over(self, store: Store) -> None:
        store.put([record("there")])
        vectors = [
            VectorRecord(key=key, namespace="default", space="space", vector=AXIS) for key in ("gone", "there", "never")
        ]
        searchable(store).put_vectors(vectors)
        searchable(store).put_vectors([])
        assert list(near(store)) == ["there"]
        store.put([record("gone")])
        assert list(near(store)) == ["there"]

    def test_it_goes_with_its_record(self, store: Store) -> None:
        keys = ["deleted", "replaced", "unplaced", "kept"]
        keep(store, dict.fromkeys(keys, AXIS))
        assert sorted(near(store)) == sorted(keys)
        store.delete(["deleted"])
        assert "deleted" not in near(store)
        store.put([record("replaced", b"anew")])
        assert "replaced" not in near(store)
        searchable(store).delete_vectors(["unplaced", "unknown"])
        assert list(near(store)) == ["kept"]
        assert store.get(["replaced", "unplaced"]) == [b"anew", b"body"]
        store.put([record("deleted")])
        assert list(near(store)) == ["kept"], "it comes back without the vector that it had"
        _put_vector(store, "replaced", AXIS)
        assert sorted(near(store)) == ["kept", "replaced"]

    def test_it_stays_when_a_record_gains_worth(self, store: Store) -> None:
        keep(store, {"k": AXIS})
        store.add_gains({"k": Gain(1, 1.0)})
        assert list(near(store)) == ["k"]

    def test_it_goes_with_a_namespace(self, store: Store) -> None:
        for namespace in ("a", "ab", "a:b"):
            store.put([record(f"{namespace}-{n}", namespace=namespace) for n in range(300)])
            searchable(store).put_vectors([
                VectorRecord(key=f"{namespace}-{n}", namespace=namespace, space="shared", vector=turned(n / 300))
                for n in range(300)
            ])  # fmt: skip
        assert store.clear("a") == 300
        found = near(store, space="shared", limit=900)
        assert {key.rpartition("-")[0] for key in found} == {"ab", "a:b"}
        assert len(found) == 600

    def test_it_goes_when_its_record_is_evicted(self, store: Store) -> None:
        keep(store, {f"k{n}": turned(n / 40) for n in range(40)})
        store.evict("default", Bounds(max_entries=20), store.sizes()["default"])
        left = {key for keys in store.find_all(RecordQuery(namespace="default")) for key in keys}
        assert set(near(store, limit=40)) == left
        assert len(left) <= 20

    def test_what_has_ended_takes_nobodys_place(self, store: Store) -> None:
        keep(store, {f"short{n}": turned(1 - n / 1000) for n in range(200)}, ttl=0.4)
        keep(store, {f"long{n}": turned(0.5 - n / 1000) for n in range(5)})
        end = time.time() + 1.2
        while any(store.get([f"short{n}" for n in range(200)])):
            assert time.time() < end
            time.sleep(0.02)
        assert list(near(store, limit=4)) == [f"long{n}" for n in range(4)]
        assert near(store, limit=4, least=0.6) == {}
        store.sweep()
        assert list(near(store, limit=300)) == [f"long{n}" for n in range(5)]

    def test_what_was_deleted_takes_nobodys_place(self, store: Store) -> None:
        keep(store, {f"gone{n}": turned(1 - n / 1000) for n in range(400)})
        keep(store, {f"kept{n}": turned(0.5 - n / 1000) for n in range(5)})
        near(store, limit=4)
        store.delete([f"gone{n}" for n in range(400)])
        for _ in range(2):
            assert list(near(store, limit=4)) == [f"kept{n}" for n in range(4)]
            store.sweep()
        keep(store, {f"late{n}": turned(0.9 - n / 1000) for n in range(3)})
        assert list(near(store, limit=4)) == ["late0", "late1", "late2", "kept0"]

    def test_what_comes_is_found_at_once(self, store: Store) -> None:
        chance = random.Random(8)
        held: dict[str, bytes] = {}
        for n, vector in enumerate(some(9, 400)):
            keep(store, {f"k{n}": vector})
            held[f"k{n}"] = vector
            if n % 3 == 2:
                gone = chance.choice(list(held))
                store.delete([gone])
                del held[gone]
            if n % 10 == 9:
                wanted = chance.choice(list(held.values()))
                _agree(near(store, wanted, limit=5), wanted, held, limit=5, least=-1.0)

    def test_threads_search_while_others_write(self, store: Store) -> None:
        keep(store, {f"k{n}": vector for n, vector in enumerate(some(11, 200))})

        def write(thread: int) -> None:
            for n in range(15):
                keep(store, {f"{thread}-{n}": some(thread * 100 + n, 1)[0]})
                store.delete([f"{thread}-{n - 3}"])

        def search(thread: int) -> None:
            for n, vector in enumerate(some(11, 15)):
                found = near(store, vector, limit=3)
                assert next(iter(found)) == f"k{n}", thread
                assert found[f"k{n}"] == pytest.approx(1.0, abs=EXACT)

        with ThreadPoolExecutor(6) as pool:
            done = [pool.submit(work, n) for n in range(3) for work in (write, search)]
            for each in done:
                each.result(60)
        expected = {f"{thread}-{n}" for thread in range(3) for n in (12, 13, 14)} | {f"k{n}" for n in range(200)}
        assert set(near(store, some(1, 1)[0], limit=500)) == expected


class VectorSharing(Harness):
    def test_vectors_are_seen_and_go_at_once(self, url: str, store: Store) -> None:
        other = self.open(url)
        for count in (1, 150, 300):  # in each handle from the beginning, however the engine keeps so many
            keep(store, {f"{count}-{n}": vector for n, vector in enumerate(some(count, count))})
            near(store)
            for n in range(12):
                here, there = (store, other)[:: 1 if n % 2 else -1]
                keep(here, {f"k{n}": AXIS_OF_MANY})
                assert near(there, AXIS_OF_MANY, limit=1) == {f"k{n}": pytest.approx(1.0, abs=EXACT)}
                there.delete([f"k{n}"])
                assert f"k{n}" not in near(here, AXIS_OF_MANY, limit=3)
        other.close()

    def test_vectors_outlive_the_handles(self, url: str) -> None:
        vectors = {f"k{n}": vector for n, vector in enumerate(some(21, 300))}
        first = self.open(url)
        keep(first, vectors)
        before = [near(first, vector) for vector in some(22, 5)]
        first.delete(["k7"])
        first.close()
        second = self.open(url)
        assert [near(second, vector) for vector in some(22, 5) if "k7" not in near(second, vector)]
        for vector, found in zip(some(22, 5), before, strict=True):
            if "k7" not in found:
                assert near(second, vector) == pytest.approx(found, abs=EXACT)
        assert near(second, vectors["k7"], limit=1).keys() != {"k7"}
        second.close()

    def test_processes_that_write_and_search_together_lose_nothing(self, url: str, store: Store) -> None:
        keep(store, {f"k{n}": vector for n, vector in enumerate(some(31, 250))})
        found = in_processes(_search_and_write, self.open, url)
        assert found == [[20]] * PROCESSES
        left = near(store, some(31, 1)[0], limit=900)
        assert left.keys() == {f"k{n}" for n in range(250)} | {
            f"{process}-{n}" for process in range(PROCESSES) for n in range(20) if n % 4
        }


def _search_and_write(open_: Callable[[str], Store], url: str, number: int) -> list[int]:
    """How many of its vectors it found again as soon as it had put them."""
    store, found = open_(url), 0
    wait_for_all()
    for n, vector in enumerate(some(1000 + number, 20)):
        keep(store, {f"{number}-{n}": vector})
        found += f"{number}-{n}" in near(store, vector, limit=1)
        if n % 4 == 0:
            store.delete([f"{number}-{n}"])
            found -= f"{number}-{n}" in near(store, vector, limit=1)
    store.close()
    return [found]


def _put_vector(store: Store, key: str, vector: bytes, space: str = "space") -> None:
    searchable(store).put_vectors([VectorRecord(key=key, namespace="default", space=space, vector=vector)])


def _agree(found: dict[str, float], wanted: bytes, held: dict[str, bytes], *, limit: int, least: float) -> None:
    """That it is what comparing all would find; of equals, any."""
    exact = {key: cosine(wanted, vector) for key, vector in held.items()}
    best = sorted((each for each in exact.values() if each >= least), reverse=True)[:limit]
    assert found == {key: pytest.approx(exact[key], abs=EXACT) for key in found}
    assert sorted((exact[key] for key in found), reverse=True) == pytest.approx(best, abs=1e-5)
