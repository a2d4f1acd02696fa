"""Sums of statistics that arrive at a store: brought up to what arrives, never added to what is there already."""

from ..savings.buckets import HOURS_KEPT, begun, hours
from ..stores.base import CounterRow, CounterStore

_AT_ONCE = 500
_NOISE = 1e-9
"""The share of a sum by which two that were added up in another order may differ."""

_Sums = dict[str, float]
_Place = tuple[str, str]


class Arriving:
    """Compares each stretch of time with the same one; hours that nobody keeps any more are left behind."""

    def __init__(self, store: CounterStore, now: float) -> None:
        self._store = store
        self._past = hours(0, begun(now - HOURS_KEPT))
        self._held: dict[_Place, _Sums] = {(row.bucket, row.series): row.sums for row in store.counters("", "~")}
        self._missing: list[CounterRow] = []

    def take(self, row: CounterRow) -> bool:
        """Whether something of it was missing; the same row may come again."""
        first, last = self._past
        if first <= row.bucket < last:
            return False
        held = self._held.setdefault((row.bucket, row.series), {})
        missing: _Sums = {}
        for name, value in row.sums.items():
            more = value - held.get(name, 0.0)
            if more > _NOISE * value:
                missing[name], held[name] = more, value
        if missing:
            self._missing.append(CounterRow(row.bucket, row.series, missing))
        if len(self._missing) >= _AT_ONCE:
            self.settle()
        return bool(missing)

    def settle(self) -> None:
        """Store what still waits."""
        missing, self._missing = self._missing, []
        if missing:
            self._store.increment(missing)
