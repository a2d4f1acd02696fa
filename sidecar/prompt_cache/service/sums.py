"""Sums of statistics that arrive at a store: brought up to what arrives, never added to what is there already."""

from collections.abc import Mapping

from ..savings.buckets import day_around
from ..stores.base import CounterRow, CounterStore

_AT_ONCE = 500
_NOISE = 1e-9
"""The share of a sum by which two that were added up in another order may differ."""

_Sums = dict[str, float]
_Place = tuple[str, str]


class Arriving:
    """Compares hour with hour; where one side has rolled its hours up, day with day."""

    def __init__(self, store: CounterStore) -> None:
        self._store = store
        self._held: dict[_Place, _Sums] = {}
        self._rolled: set[str] = set()
        for row in store.counters("", "~"):
            day = day_around(row.bucket)
            if row.bucket == day:
                self._rolled.add(day)
            for bucket in {row.bucket, day}:
                _add(self._held.setdefault((bucket, row.series), {}), row.sums)
        self._seen: dict[_Place, _Sums] = {}
        self._arrived: dict[_Place, _Sums] = {}
        self._missing: list[CounterRow] = []

    def take(self, row: CounterRow) -> bool:
        """Whether something of it was missing; the same row may come again."""
        day = day_around(row.bucket)
        bucket = day if day in self._rolled else row.bucket
        held = self._held.get((bucket, row.series), {})
        seen = self._seen.setdefault((row.bucket, row.series), {})
        arrived = self._arrived.setdefault((bucket, row.series), {})
        missing: _Sums = {}
        for name, value in row.sums.items():
            before = arrived.get(name, 0.0)
            after = before + max(0.0, value - seen.get(name, 0.0))
            seen[name], arrived[name] = max(value, seen.get(name, 0.0)), after
            more = after - max(before, held.get(name, 0.0))
            if more > _NOISE * after:
                missing[name] = more
        if missing:
            self._missing.append(CounterRow(bucket, row.series, missing))
        if len(self._missing) >= _AT_ONCE:
            self.settle()
        return bool(missing)

    def settle(self) -> None:
        """Store what still waits."""
        missing, self._missing = self._missing, []
        if missing:
            self._store.increment(missing)


def _add(sums: _Sums, more: Mapping[str, float]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0.0) + value
