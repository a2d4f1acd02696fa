"""What becomes of old sums: hours are forgotten, later days, and neither is more than can be looked through.

Each sum is in its hour, in its day and in the total, so that what is forgotten here is still there. Where there are too
many series, sums move to the rest, one by one and each whole. So whatever breaks off, and however many do the same at
the same time, nothing is lost and nothing counted twice.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from ..stores.base import CounterMove, CounterRow, CounterStore
from .buckets import BUDGETS, DAY, HOUR, HOURS_KEPT, TOTAL, Span, begun, day_around, day_of, days, hour_of, hours
from .series import SERIES, UNNAMED, Dimensions, Places
from .totals import weight

_AT_ONCE = 500
_LATE = 2
"""Hours and days before this one that counts still arrive for."""


def tidy(store: CounterStore, now: float, retention: float | None) -> None:
    """Forget what is older than it is kept for, and keep hours, days and the totals to so many series."""
    if retention is not None and retention < now:
        before = begun(now - retention)
        _move(
            store, (CounterMove(row) for span in (hours(0, before), days(0, before)) for row in store.counters(*span))
        )
    # A day later than reports stop looking at them: one of them may be under way.
    old = list(store.counters(*hours(0, begun(now - HOURS_KEPT) - DAY)))
    recent = [each(now - late * unit) for each, unit in ((hour_of, HOUR), (day_of, DAY)) for late in range(_LATE + 1)]
    for bucket in sorted({day_around(row.bucket) for row in old}.union(recent)):
        _move(store, _beyond(list(store.counters(*_only(bucket)))))
    _move(store, map(CounterMove, old))
    totals = sorted(store.counters(*_only(TOTAL)), key=lambda row: weight(row.sums), reverse=True)
    rest = UNNAMED.total.series
    _move(store, (CounterMove(row, TOTAL, rest) for row in totals[SERIES:] if row.series != rest))


def forget(store: CounterStore, allowed: Callable[[str], bool]) -> None:
    """Forget all sums of the namespaces that are allowed; what was spent of a budget stays spent."""
    rows = store.counters("", TOTAL)  # whoever watches the totals has seen them: they never fall
    found = ((row, Dimensions.known(row.series)) for row in rows if not row.bucket.startswith(BUDGETS))
    _move(store, (CounterMove(row) for row, series in found if series and allowed(series.namespace)))


def _only(bucket: str) -> Span:
    return bucket, f"{bucket}~"


def _beyond(rows: Iterable[CounterRow]) -> Iterator[CounterMove]:
    """Those that matter least, where there are more than there is room for."""
    places = Places()
    for row in sorted(rows, key=lambda row: weight(row.sums), reverse=True):
        series = Dimensions.of(row.series)
        if (place := places.place(series)) != series:
            yield CounterMove(row, row.bucket, place.series)


def _move(store: CounterStore, moves: Iterable[CounterMove]) -> None:
    rest = iter(moves)
    while some := list(islice(rest, _AT_ONCE)):
        store.move_counters(some)
