"""Counters: sums over time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ...stores.base import CounterMove, CounterRow, Store
from .harness import WEIRD, Harness


class Counters(Harness):
    def test_counters_add_up(self, store: Store) -> None:
        store.increment([CounterRow("2025-01-01T00Z", "s", {"hits": 1, "cost": 0.25})])
        store.increment(
            [CounterRow("2025-01-01T00Z", "s", {"hits": 2}), CounterRow("2025-01-01T00Z", "s", {"cost": 0.5, "new": 1})]
        )
        assert _counters(store) == {("2025-01-01T00Z", "s"): {"hits": 3, "cost": pytest.approx(0.75), "new": 1}}

    def test_buckets_and_series_are_apart(self, store: Store) -> None:
        places = [(f"2025-01-01T{hour:02}Z", series) for hour in range(3) for series in ("s", "s2", "S")]
        store.increment([CounterRow(bucket, series, {"n": at}) for at, (bucket, series) in enumerate(places, 1)])
        assert _counters(store) == {place: {"n": at} for at, place in enumerate(places, 1)}

    def test_from_since_to_before_until(self, store: Store) -> None:
        hours = ["2024-12-31T23Z", "2025-01-01T00Z", "2025-01-01T01Z", "2025-02-01T00Z"]
        store.increment([CounterRow(hour, "s", {"n": 1}) for hour in hours])
        assert {bucket for bucket, _ in _counters(store, hours[1], hours[3])} == set(hours[1:3])
        assert {bucket for bucket, _ in _counters(store, "2025", "2026")} == set(hours[1:])
        assert {bucket for bucket, _ in _counters(store, "", "~")} == set(hours)
        assert _counters(store, hours[2], hours[2]) == {}

    @pytest.mark.parametrize("name", WEIRD)
    def test_any_name_is_a_series(self, store: Store, name: str) -> None:
        store.increment([CounterRow("2025", name, {name: 1.5}), CounterRow("2025", name + "x", {"n": 1})])
        assert _counters(store) == {("2025", name): {name: 1.5}, ("2025", name + "x"): {"n": 1}}

    def test_large_and_small_numbers(self, store: Store) -> None:
        store.increment([CounterRow("2025", "s", {"tokens": 3_000_000_000_000, "cost": 1e-9})])
        store.increment([CounterRow("2025", "s", {"tokens": 1, "cost": 1e-9})])
        assert _counters(store)["2025", "s"] == {"tokens": 3_000_000_000_001, "cost": pytest.approx(2e-9)}

    def test_many_series_in_one_call(self, store: Store) -> None:
        store.increment([CounterRow("2025", f"s{n}", {"n": n, "m": 1}) for n in range(1500)])
        assert len(_counters(store)) == 1500

    def test_counters_of_many_threads_are_right(self, store: Store) -> None:
        def add(n: int) -> None:
            store.increment([CounterRow("2025", f"s{series}", {"n": 1, "m": n}) for series in range(3)])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(add, range(80)))
        assert _counters(store) == {("2025", f"s{series}"): {"n": 80, "m": 3160} for series in range(3)}

    def test_counters_outlive_the_records(self, store: Store) -> None:
        store.increment([CounterRow("2025", "default", {"n": 1})])
        store.clear("default")
        store.sweep()
        assert len(_counters(store)) == 1

    def test_what_is_added_to_is_told(self, store: Store) -> None:
        store.increment([CounterRow("2025", "s", {"n": 1, "m": 7})])
        rows = [CounterRow("2025", "s", {"n": 0.5, "new": 0}), CounterRow("2024", "s", {"n": -2})]
        told = [{"n": 1.5, "new": 0}, {"n": -2}]
        assert [(row.bucket, row.series, row.sums) for row in store.increment_and_get(rows)] == [
            (row.bucket, row.series, sums) for row, sums in zip(rows, told, strict=True)
        ]
        assert _counters(store)["2025", "s"].items() >= {"n": 1.5, "m": 7}.items()
        assert store.increment_and_get([]) == []

    @pytest.mark.parametrize("name", WEIRD)
    def test_what_is_added_to_is_told_by_any_name(self, store: Store, name: str) -> None:
        for n in (1, 2):
            assert store.increment_and_get([CounterRow("2025", name, {name: 1})]) == [
                CounterRow("2025", name, {name: n})
            ]

    def test_whole_numbers_add_up_without_an_error(self, store: Store) -> None:
        store.increment_and_get([CounterRow("2025", "s", {"n": 2**53 - 4, "m": 1})])
        for _ in range(3):
            told = store.increment_and_get([CounterRow("2025", "s", {"n": 1, "m": -1})])
        assert told[0].sums == {"n": 2**53 - 1, "m": -2}

    def test_each_of_many_who_add_is_told_of_those_before(self, store: Store) -> None:
        def add(_: int) -> float:
            return store.increment_and_get([CounterRow("2025", "s", {"n": 1, "m": 0})])[0].sums["n"]

        with ThreadPoolExecutor(8) as pool:
            told = sorted(pool.map(add, range(80)))
        assert all(seen >= place for place, seen in enumerate(told, 1))
        assert told[-1] == 80

    def test_moved_sums_add_up_in_their_new_place(self, store: Store) -> None:
        hours = [
            CounterRow(f"2025-01-01T{hour:02}Z", series, {"n": 1, "m": 0.5}) for hour in range(24) for series in "ab"
        ]
        store.increment([*hours, CounterRow("day", "a", {"n": 100})])
        store.move_counters([CounterMove(row, "day", row.series) for row in hours[:-2]])
        assert _counters(store) == {
            ("day", "a"): {"n": 123, "m": 11.5},
            ("day", "b"): {"n": 23, "m": 11.5},
            (hours[-1].bucket, "a"): {"n": 1, "m": 0.5},
            (hours[-1].bucket, "b"): {"n": 1, "m": 0.5},
        }

    def test_sums_of_many_series_move_to_one(self, store: Store) -> None:
        rows = [CounterRow("2025", f"s{n}", {"n": n}) for n in range(1200)]
        store.increment(rows)
        store.move_counters([CounterMove(row, "2025", "other") for row in rows])
        assert _counters(store) == {("2025", "other"): {"n": sum(range(1200))}}

    def test_what_moves_is_what_is_there_by_then(self, store: Store) -> None:
        store.increment([CounterRow("2025", "s", {"n": 3, "m": 1})])
        seen = CounterRow("2025", "s", {"n": 1, "never": 1})
        moves = [CounterMove(seen, "day", "s"), CounterMove(CounterRow("2025", "nothing", {"n": 1}), "day", "s")]
        for _ in range(2):
            store.move_counters(moves)
        assert _counters(store) == {("2025", "s"): {"m": 1}, ("day", "s"): {"n": 3}}
        store.move_counters([])

    @pytest.mark.parametrize("name", WEIRD)
    def test_sums_that_move_to_nowhere_are_forgotten(self, store: Store, name: str) -> None:
        row = CounterRow("2025", name, {name: 1.5})
        store.increment([row, CounterRow("2026", name, {name: 1})])
        store.move_counters([CounterMove(row)])
        assert _counters(store) == {("2026", name): {name: 1}}

    def test_moving_loses_and_doubles_nothing_of_what_is_added_meanwhile(self, store: Store) -> None:
        row = CounterRow("2025", "s", {"n": 1, "m": 2})

        def work(at: int) -> None:
            if at % 3:
                store.increment([row])
            else:
                store.move_counters([CounterMove(row, "day", "s")])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(240)))
        store.move_counters([CounterMove(row, "day", "s")])
        assert _counters(store) == {("day", "s"): {"n": 160, "m": 320}}


def _counters(store: Store, since: str = "", until: str = "~") -> dict[tuple[str, str], dict[str, float]]:
    rows = list(store.counters(since, until))
    sums = {(row.bucket, row.series): row.sums for row in rows}
    assert len(sums) == len(rows)
    return sums
