"""What becomes of old sums: hours become days, days are forgotten, and neither is more than can be looked through.

Sums only ever move, one by one and each whole, to where they are counted from then on. So whatever breaks off, and
however many do the same at the same time, nothing is lost and nothing counted twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from ..stores.base import CounterMove, CounterRow, CounterStore
from .buckets import DAY, TOTAL, day_around, days, hours
from .series import SERIES, UNNAMED, Dimensions, Places

HOURS_KEPT = 30 * DAY
"""Seconds after which the sums of hours become sums of their day."""
_AT_ONCE = 500


def lookups(sums: Mapping[str, float]) -> float:
    """How many lookups there were, by what came of them."""
    return sum(sums.get(name, 0.0) for name in ("hits", "misses", "stale"))


def roll_up(store: CounterStore, now: float, retention: float | None) -> None:
    """Forget what is older than the retention, make days of old hours, and keep the totals to so many namespaces."""
    if retention is not None and retention < now:
        for since, until in (hours(until=_begun(now - retention)), days(until=_begun(now - retention))):
            _move(store, (CounterMove(row) for row in store.counters(since, until)))
    old: dict[str, list[CounterRow]] = {}
    for row in store.counters(*hours(until=_begun(now - HOURS_KEPT))):
        old.setdefault(day_around(row.bucket), []).append(row)
    for day, rows in old.items():
        _move(store, _into(day, rows, store.counters(day, f"{day}~")))
    totals = sorted(store.counters(TOTAL, f"{TOTAL}~"), key=lambda row: lookups(row.sums), reverse=True)
    rest = UNNAMED.total.series
    _move(store, (CounterMove(row, TOTAL, rest) for row in totals[SERIES:] if row.series != rest))


def forget(store: CounterStore, allowed: Callable[[str], bool]) -> None:
    """Forget all sums of the namespaces that are allowed."""
    rows = store.counters("", TOTAL)  # whoever watches the totals has seen them: they never fall
    _move(store, (CounterMove(row) for row in rows if allowed(Dimensions.of(row.series).namespace)))


def _into(day: str, rows: Iterable[CounterRow], present: Iterable[CounterRow]) -> Iterator[CounterMove]:
    """Those with the most lookups first, as long as a day has places."""
    places = Places(Dimensions.of(row.series) for row in present)
    for row in sorted(rows, key=lambda row: lookups(row.sums), reverse=True):
        yield CounterMove(row, day, places.place(Dimensions.of(row.series)).series)


def _move(store: CounterStore, moves: Iterable[CounterMove]) -> None:
    rest = iter(moves)
    while some := list(islice(rest, _AT_ONCE)):
        store.move_counters(some)


def _begun(time: float) -> float:
    """When the day of a time began: days go as a whole."""
    return time // DAY * DAY
