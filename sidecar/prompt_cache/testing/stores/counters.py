"""Counters: sums over time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ...stores.base import CounterRow, Store
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


def _counters(store: Store, since: str = "", until: str = "~") -> dict[tuple[str, str], dict[str, float]]:
    rows = list(store.counters(since, until))
    sums = {(row.bucket, row.series): row.sums for row in rows}
    assert len(sums) == len(rows)
    return sums
