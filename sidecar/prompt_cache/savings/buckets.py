"""The stretches of time that sums are kept for, by the names they have in a store: hours, later days, and all time."""

from datetime import UTC, datetime, timedelta

HOUR = 3600
DAY = 86400
TOTAL = "total"
"""Sums of all time by namespace: they outlive hours and days, for a counter must never fall."""
BUDGETS = "budget:"
"""What the buckets of budgets begin with, which are no statistics: a calendar's period, and in it a sum by budget."""
_DAY = "day:"
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


def hours(since: float | None = None, until: float | None = None) -> tuple[str, str]:
    """From where to where the hours are that a span of time touches."""
    return "0" if since is None else hour_of(since), ":" if until is None else hour_of(_up(until, HOUR))


def days(since: float | None = None, until: float | None = None) -> tuple[str, str]:
    """From where to where the days are that a span of time touches."""
    return _DAY if since is None else day_of(since), f"{_DAY}~" if until is None else day_of(_up(until, DAY))


def shown(bucket: str) -> str:
    """An hour or a day as people read it."""
    return bucket.removeprefix(_DAY)


def _up(time: float, unit: int) -> float:
    return -(-int(time) // unit) * unit
