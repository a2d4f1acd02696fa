"""Adding up what was asked, served and saved, per hour, namespace, model, workflow and node."""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from ..stores.base import CounterRow, Gain, Store, StoreUnavailable
from . import buckets
from .retention import forget, lookups, roll_up
from .semantic import Semantic, semantic_of
from .series import OTHER, Dimensions, Places

__all__ = ["Dimensions", "Group", "GroupBy", "Saved", "Statistics", "Totals"]

GroupBy = Literal["hour", "day", "namespace", "model", "workflow", "node"]

GROUPS = 1000
"""The most names that a report groups by; the rest is one group."""
_TIDY_EVERY = 3600.0

_Sums = dict[str, float]


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
    semantic: Semantic = msgspec.field(default_factory=Semantic)


class Group(Totals):
    """The totals of one hour, day, namespace, model, workflow or node."""

    group: str = ""


class Statistics:
    """Sums in memory, handed to the store in batches, so that a hit never waits for a write.

    `retention` is how many seconds the store keeps them, None is for ever.
    """

    def __init__(self, store: Store, clock: Callable[[], float], retention: float | None = None) -> None:
        self._store = store
        self._clock = clock
        self._retention = retention
        self._lock = threading.Lock()
        self._places = Places()
        self._sums: dict[tuple[int, Dimensions], _Sums] = {}
        self._gains: dict[str, tuple[int, float]] = {}

    def count(self, series: Dimensions, **sums: float) -> None:
        """Add to the sums of this hour."""
        hour = int(self._clock()) // buckets.HOUR
        with self._lock:
            row = self._sums.get((hour, series))
            if row is None:
                row = self._sums.setdefault((hour, self._places.place(series, hour)), {})
            _add(row, sums)

    def add_gain(self, key: str, worth: float) -> None:
        """Note that an entry was served once more, and what that was worth."""
        with self._lock:
            hits, gained = self._gains.get(key, (0, 0.0))
            self._gains[key] = (hits + 1, gained + worth)

    def flush(self) -> None:
        """Hand over what has been added up; what the store does not take is kept for the next time."""
        with self._lock:
            sums, self._sums = self._sums, {}
            gains, self._gains = self._gains, {}
        try:
            if sums:
                self._store.increment(_rows(sums))
        except StoreUnavailable:
            with self._lock:
                for place, row in sums.items():
                    _add(self._sums.setdefault(place, {}), row)
                for key, (hits, worth) in gains.items():
                    more, gained = self._gains.get(key, (0, 0.0))
                    self._gains[key] = (hits + more, worth + gained)
            return
        try:
            if gains:
                self._store.add_gains({key: Gain(*gain) for key, gain in gains.items()})
        except StoreUnavailable:
            return  # some may have arrived: of an entry, rather a second of its hits is lost than one counted twice

    def report(
        self,
        allowed: Callable[[str], bool],
        *,
        since: float | None = None,
        until: float | None = None,
        group_by: GroupBy | None = None,
    ) -> tuple[Totals, list[Group]]:
        """Totals, and one group per value of `group_by`, over whole hours (seconds since the epoch, until excluded).

        Of what is rolled up, over whole days.
        """
        self.flush()
        total: _Sums = {}
        groups: dict[str, _Sums] = {}
        # The days first: what moves from an hour to its day meanwhile is missed once, not counted twice.
        for span in (buckets.days(since, until), buckets.hours(since, until)):
            for bucket, series, sums in self._found(span, allowed):
                _add(total, sums)
                if group_by:
                    _add(groups.setdefault(_group(group_by, bucket, series), {}), sums)
        most = len(groups) if group_by in ("hour", "day") else GROUPS
        return _filled(Totals(), total), _groups(groups, most)

    def totals(self, allowed: Callable[[str], bool], most: int) -> list[Group]:
        """Of all time, by namespace: so many with the most lookups, and the rest as one."""
        self.flush()
        groups: dict[str, _Sums] = {}
        for _, series, sums in self._found((buckets.TOTAL, f"{buckets.TOTAL}~"), allowed):
            _add(groups.setdefault(series.named("namespace"), {}), sums)
        return _groups(groups, most)

    def tidy(self) -> None:
        """Roll up and forget what is old, unless another process on this store did so within the hour."""
        if not self._store.acquire("!statistics", secrets.token_hex(8), _TIDY_EVERY):
            roll_up(self._store, self._clock(), self._retention)

    def forget(self, allowed: Callable[[str], bool]) -> None:
        """Forget all sums of the namespaces that are allowed."""
        self.flush()
        forget(self._store, allowed)

    def _found(
        self, span: tuple[str, str], allowed: Callable[[str], bool]
    ) -> Iterator[tuple[str, Dimensions, Mapping[str, float]]]:
        for row in self._store.counters(*span):
            series = Dimensions.of(row.series)
            if allowed(series.namespace):
                yield row.bucket, series, row.sums


def _rows(sums: Mapping[tuple[int, Dimensions], _Sums]) -> list[CounterRow]:
    """As a store takes them, with what they add to the totals: both arrive, or neither."""
    rows = [
        CounterRow(buckets.hour_of(hour * buckets.HOUR), series.series, row) for (hour, series), row in sums.items()
    ]
    totals: dict[Dimensions, _Sums] = {}
    for (_, series), row in sums.items():
        _add(totals.setdefault(series.total, {}), row)
    return rows + [CounterRow(buckets.TOTAL, series.series, row) for series, row in totals.items()]


def _group(group_by: GroupBy, bucket: str, series: Dimensions) -> str:
    if group_by == "hour":
        return buckets.shown(bucket)
    if group_by == "day":
        return buckets.shown(buckets.day_around(bucket))
    return series.named(group_by)


def _groups(groups: dict[str, _Sums], most: int) -> list[Group]:
    """In the order of their names; beyond so many, those with the fewest lookups are one."""
    if len(groups) > most:
        ranked = sorted(groups, key=lambda name: (name != OTHER, lookups(groups[name])), reverse=True)
        for name in ranked[most:]:
            sums = groups.pop(name)
            _add(groups.setdefault(OTHER, {}), sums)
    return [_filled(Group(group=name), groups[name]) for name in sorted(groups)]


_T = TypeVar("_T", bound=Totals)


def _filled(totals: _T, sums: Mapping[str, float]) -> _T:
    for name in ("hits", "misses", "stale", "stored", "refused"):
        setattr(totals, name, int(sums.get(name, 0)))
    totals.lookups = int(lookups(sums))
    totals.hit_rate = totals.hits / totals.lookups if totals.lookups else None
    saved = totals.saved
    saved.cost_usd = sums.get("cost_usd", 0.0)
    saved.seconds = sums.get("seconds", 0.0)
    for name in ("input_tokens", "output_tokens", "unpriced_hits"):
        setattr(saved, name, int(sums.get(name, 0)))
    totals.semantic = semantic_of(sums)
    return totals


def _add(sums: _Sums, more: Mapping[str, float]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0.0) + value
