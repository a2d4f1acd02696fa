"""Adding up what was asked, served and saved, per hour, namespace, model, workflow and node."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from ..stores.base import CounterRow, Store, StoreUnavailable

GroupBy = Literal["hour", "day", "namespace", "model", "workflow", "node"]


class Dimensions(NamedTuple):
    """What a number is kept apart by."""

    namespace: str
    model: str
    workflow: str
    node: str


class Saved(Struct):
    """What hits saved; money is the sum over hits whose price is known, the others are `unpriced_hits`."""

    cost_usd: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    unpriced_hits: int = 0


class Totals(Struct):
    """Counts of lookups by outcome and of answers by fate, with what the hits saved."""

    lookups: int = 0
    hits: int = 0
    misses: int = 0
    stale: int = 0
    hit_rate: float | None = None
    """Hits per lookup, None when there was none."""
    stored: int = 0
    refused: int = 0
    saved: Saved = msgspec.field(default_factory=Saved)


class Group(Totals):
    """The totals of one hour, day, namespace, model, workflow or node."""

    group: str = ""


class Statistics:
    """Sums in memory, handed to the store in batches, so that a hit never waits for a write."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._sums: dict[tuple[int, Dimensions], dict[str, float]] = {}
        self._worth: dict[str, float] = {}

    def count(self, series: Dimensions, **sums: float) -> None:
        """Add to the sums of this hour."""
        hour = int(self._clock()) // 3600
        with self._lock:
            row = self._sums.setdefault((hour, series), {})
            for name, value in sums.items():
                row[name] = row.get(name, 0.0) + value

    def add_worth(self, key: str, worth: float) -> None:
        """Note that an entry has proved its worth once more."""
        with self._lock:
            self._worth[key] = self._worth.get(key, 0.0) + worth

    def flush(self) -> None:
        """Hand over what has been added up; what the store does not take is kept for the next time."""
        with self._lock:
            sums, self._sums = self._sums, {}
            worth, self._worth = self._worth, {}
        try:
            if sums:
                rows = [
                    CounterRow(_bucket(hour), msgspec.json.encode(series).decode(), row)
                    for (hour, series), row in sums.items()
                ]
                self._store.increment(rows)
        except StoreUnavailable:
            with self._lock:
                for place, row in sums.items():
                    kept = self._sums.setdefault(place, {})
                    for name, value in row.items():
                        kept[name] = kept.get(name, 0.0) + value
            return
        try:
            if worth:
                self._store.add_worth(worth)
        except StoreUnavailable:
            return  # worth only ranks entries for eviction: losing a second of it is no loss

    def report(
        self,
        allowed: Callable[[str], bool],
        *,
        since: float | None = None,
        until: float | None = None,
        group_by: GroupBy | None = None,
    ) -> tuple[Totals, list[Group]]:
        """Totals, and one group per value of `group_by`, over whole hours (seconds since the epoch, until excluded)."""
        self.flush()
        total, groups = Totals(), dict[str, Group]()
        first = "" if since is None else _bucket(int(since) // 3600)
        last = "~" if until is None else _bucket(-(-int(until) // 3600))
        for bucket, series, sums in self._rows(first, last):
            if not allowed(series.namespace):
                continue
            _add(total, sums)
            if group_by:
                name = _group(group_by, bucket, series)
                _add(groups.setdefault(name, Group(group=name)), sums)
        return total, [groups[name] for name in sorted(groups)]

    def _rows(self, first: str, last: str) -> Iterator[tuple[str, Dimensions, dict[str, float]]]:
        for row in self._store.counters(first, last):
            yield row.bucket, Dimensions(*msgspec.json.decode(row.series)), row.sums


def _bucket(hour: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)).strftime("%Y-%m-%dT%HZ")


def _group(group_by: GroupBy, bucket: str, series: Dimensions) -> str:
    if group_by == "hour":
        return bucket
    if group_by == "day":
        return bucket[:10]
    return str(getattr(series, group_by))


def _add(totals: Totals, sums: dict[str, float]) -> None:
    for name in ("hits", "misses", "stale", "stored", "refused"):
        setattr(totals, name, getattr(totals, name) + int(sums.get(name, 0)))
    totals.lookups = totals.hits + totals.misses + totals.stale
    totals.hit_rate = totals.hits / totals.lookups if totals.lookups else None
    saved = totals.saved
    saved.cost_usd += sums.get("cost_usd", 0.0)
    saved.seconds += sums.get("seconds", 0.0)
    for name in ("input_tokens", "output_tokens", "unpriced_hits"):
        setattr(saved, name, getattr(saved, name) + int(sums.get(name, 0)))
