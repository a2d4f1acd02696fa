"""Adding up what was asked, served and saved, per hour, namespace, model, workflow and node."""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

from ..stores.base import CounterRow, Gain, Store, StoreUnavailable
from . import buckets
from .grouping import GroupBy, Grouping, Name
from .retention import forget, tidy
from .series import Dimensions, Places
from .totals import Group, Saved, Served, Spent, Totals, add, filled

__all__ = ["Dimensions", "Group", "GroupBy", "Name", "Saved", "Served", "Spent", "Statistics", "Totals"]

_TIDY_EVERY = 3600.0
_ANY: Mapping[Name, str] = {}

_Sums = dict[str, float]


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
            add(row, sums)

    def add_gain(self, key: str, worth: float, times: int = 1) -> None:
        """Note that an entry was served so many times more, and what each was worth."""
        with self._lock:
            hits, gained = self._gains.get(key, (0, 0.0))
            self._gains[key] = (hits + times, gained + times * worth)

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
                    add(self._sums.setdefault(place, {}), row)
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
        group_by: Sequence[GroupBy] = (),
        where: Mapping[Name, str] = _ANY,
    ) -> tuple[Totals, list[Group]]:
        """Totals, and a group for each combination of values of `group_by`, of the series that have the names `where`.

        Over whole hours (seconds since the epoch, until excluded); of hours that are not kept, over whole days.
        """
        totals, groups = self.reports(allowed, (group_by,), since=since, until=until, where=where)
        return totals, groups[0] if group_by else []

    def reports(
        self,
        allowed: Callable[[str], bool],
        groupings: Sequence[Sequence[GroupBy]],
        *,
        since: float | None = None,
        until: float | None = None,
        where: Mapping[Name, str] = _ANY,
    ) -> tuple[Totals, list[list[Group]]]:
        """The same of several groupings at once: what is stored is read once."""
        self.flush()
        grouped = [Grouping(dimensions) for dimensions in groupings]
        timed = [grouping for grouping in grouped if grouping.timed]
        hourly = any("hour" in dimensions for dimensions in groupings)
        whole: dict[Dimensions, _Sums] = {}
        for span in buckets.spans(since, until, self._clock(), hourly=hourly):
            for bucket, series, sums in self._found(span, allowed, where):
                add(whole.setdefault(series, {}), sums)
                for grouping in timed:
                    grouping.add(bucket, series, sums)
        total: _Sums = {}
        for series, sums in whole.items():
            add(total, sums)
            for grouping in grouped:
                if not grouping.timed:
                    grouping.add("", series, sums)
        return filled(Totals(), total), [grouping.groups() for grouping in grouped]

    def totals(self, allowed: Callable[[str], bool], most: int) -> list[Group]:
        """Of all time, by namespace: so many with the most lookups, and the rest as one."""
        self.flush()
        grouping = Grouping(("namespace",))
        for bucket, series, sums in self._found((buckets.TOTAL, f"{buckets.TOTAL}~"), allowed):
            grouping.add(bucket, series, sums)
        return grouping.groups(most)

    def tidy(self) -> None:
        """Forget what is old, unless another process on this store did so within the hour."""
        if not self._store.acquire("!statistics", secrets.token_hex(8), _TIDY_EVERY):
            tidy(self._store, self._clock(), self._retention)

    def forget(self, allowed: Callable[[str], bool]) -> None:
        """Forget all sums of the namespaces that are allowed."""
        self.flush()
        forget(self._store, allowed)

    def _found(
        self, span: buckets.Span, allowed: Callable[[str], bool], where: Mapping[Name, str] = _ANY
    ) -> Iterator[tuple[str, Dimensions, Mapping[str, float]]]:
        known: dict[str, Dimensions | None] = {}
        for row in self._store.counters(*span):
            try:
                series = known[row.series]
            except KeyError:
                found = Dimensions.of(row.series)
                meant = allowed(found.namespace) and all(found.named(name) == value for name, value in where.items())
                series = known[row.series] = found if meant else None
            if series is not None:
                yield row.bucket, series, row.sums


def _rows(sums: Mapping[tuple[int, Dimensions], _Sums]) -> list[CounterRow]:
    """As a store takes them: of their hours, days, and all time. All arrive, or nothing."""
    rows: dict[tuple[str, Dimensions], _Sums] = {}
    for (hour, series), row in sums.items():
        time = hour * buckets.HOUR
        for bucket, whose in (
            (buckets.hour_of(time), series),
            (buckets.day_of(time), series),
            (buckets.TOTAL, series.total),
        ):
            add(rows.setdefault((bucket, whose), {}), row)
    counted = ((bucket, series, _counted(row)) for (bucket, series), row in rows.items())
    return [CounterRow(bucket, series.series, row) for bucket, series, row in counted if row]


def _counted(sums: _Sums) -> _Sums:
    """Without what is nothing, which need not be stored."""
    return {name: value for name, value in sums.items() if value}
