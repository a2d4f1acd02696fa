"""The stretches of time that sums are kept for, by the names they have in a store: hours, days, and all time."""

from datetime import UTC, datetime, timedelta
from math import inf

HOUR = 3600
DAY = 86400
HOURS_KEPT = 30 * DAY
"""Seconds for which hours are kept as well as days."""
TOTAL = "total"
"""Sums of all time by namespace: they outlive hours and days, for a counter must never fall."""
BUDGETS = "budget:"
"""What the buckets of budgets begin with, which are no statistics: a calendar's period, and in it a sum by budget."""
_DAY = "day:"
Span = tuple[str, str]
"""The first name, and the one after the last."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hour_of(time: float) -> str:
    """The hour that begins at or before a time."""
    return (_EPOCH + timedelta(hours=int(time) // HOUR)).strftime("%Y-%m-%dT%HZ")


def day_of(time: float) -> str:
    """The day that begins at or before a time."""
    return f"{_DAY}{hour_of(time)[:10]}"


def day_around(bucket: str) -> str:
    """The day that an hour is in, or a day itself; the period of a budget is no part of a day."""
    return bucket if bucket.startswith((_DAY, BUDGETS)) else f"{_DAY}{bucket[:10]}"


def hours(since: float, until: float) -> Span:
    """From where to where the hours are that begin within a span of time."""
    return hour_of(since), ":" if until == inf else hour_of(until)


def days(since: float, until: float) -> Span:
    """From where to where the days are that begin within a span of time."""
    return day_of(since), f"{_DAY}~" if until == inf else day_of(until)


def spans(since: float | None, until: float | None, now: float, *, hourly: bool) -> list[Span]:
    """Where the sums of a span of time are, each once: in whole days, and in the hours before and after.

    `hourly` is in hours, as far as they are kept. Of what is older a span is of whole days.
    """
    kept = begun(now - HOURS_KEPT)
    first = 0.0 if since is None else begun(since, HOUR)
    last = inf if until is None else _up(until, HOUR)
    if last > now:
        last = inf
    first = begun(first) if first < kept else first
    last = _up(last) if last < kept else last
    here, there = (first, min(last, kept)) if hourly else (_up(first), begun(last))
    if here >= there:
        return [hours(first, last)] if first < last else []
    found = [(first, here, hours), (here, there, days), (there, last, hours)]
    return [span(start, end) for start, end, span in found if start < end]


def shown(bucket: str) -> str:
    """An hour or a day as people read it."""
    return bucket.removeprefix(_DAY)


def begun(time: float, unit: int = DAY) -> float:
    """When the day (or hour) of a time began."""
    return time // unit * unit if time < inf else inf


def _up(time: float, unit: int = DAY) -> float:
    return -(-time // unit) * unit if time < inf else inf
