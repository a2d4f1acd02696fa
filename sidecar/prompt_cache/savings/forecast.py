"""What a month will cost with and without the cache, from the days that were measured, and how sure that is.

It supposes that the days to come are like the last four weeks. What they cost in all is a sum of days, so the interval
is that of a sum: the scatter of the days to come, and how well so few days tell the mean (Student's t). Where one day
resembles the day before, days tell less than they seem to, and the interval is wider.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from msgspec import Struct

CONFIDENCE = 0.9
"""How often what it will have cost is within the interval."""
LEAST_DAYS = 3
DAYS = 28
"""The last days that are looked at: four of each weekday."""
_WEEKS = 14
"""The days from which on weekdays may be told apart."""
_T = (
    *(6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761),
    *(1.753, 1.746, 1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703),
)
"""Student's t for that confidence, both sides, by degrees of freedom from one on."""
_MOST_ALIKE = 0.9


class Day(NamedTuple):
    """Dollars of a day."""

    spent: float
    without: float
    """What would have been spent without the cache."""


class Range(Struct, frozen=True):
    """Where the true value is, in US dollars."""

    low: float
    expected: float
    high: float


class Forecast(Struct, frozen=True):
    """What a month will have cost."""

    month: str
    days_measured: int
    spent_so_far: float
    with_cache: Range
    without_cache: Range


def forecast(days: Sequence[Day], so_far: Day, now: float) -> Forecast | None:
    """Of this month, by the days before today in their order, none left out; None where they are too few.

    `so_far` is of the days of this month, as far as it has gone by (seconds since the epoch; months are those of UTC).
    """
    days = days[-DAYS:]
    if len(days) < LEAST_DAYS:
        return None
    today = datetime.fromtimestamp(now, UTC)
    first = today.date() - timedelta(days=len(days))
    ahead = _ahead(today)
    with_cache, without_cache = (
        _range([each[at] for each in days], first.weekday(), ahead, so_far[at]) for at in range(len(Day._fields))
    )
    return Forecast(f"{today:%Y-%m}", len(days), so_far.spent, with_cache, without_cache)


def _ahead(today: datetime) -> list[float]:
    """How many days of each weekday are left of the month, from Monday on; of today, what is left of it."""
    left = [0.0] * 7
    left[today.weekday()] = 1 - (today - today.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(days=1)
    day: date = today.date() + timedelta(days=1)
    while day.month == today.month:
        left[day.weekday()] += 1
        day += timedelta(days=1)
    return left


def _range(values: Sequence[float], first: int, ahead: Sequence[float], so_far: float) -> Range:
    """`first` is the weekday of the first value."""
    weeks = [[value for at, value in enumerate(values) if (first + at) % 7 == weekday] for weekday in range(7)]
    groups, left = ([list(values)], [sum(ahead)])
    if len(values) >= _WEEKS and _missed(weeks) < _missed(groups):
        groups, left = weeks, list(ahead)
    means = [sum(group) / len(group) for group in groups]
    expected = sum(mean * days for mean, days in zip(means, left, strict=True))
    residuals = [value - means[(first + at) % len(groups)] for at, value in enumerate(values)]
    freedom = len(values) - len(groups)
    scatter = sum(each * each for each in residuals) / freedom
    weight = sum(left) + sum(each * each / len(group) for each, group in zip(left, groups, strict=True))
    spread = _T[freedom - 1] * sqrt(scatter * weight * _alike(residuals))
    # Of a weekday that was never measured nobody knows whether it is like the others, or a Sunday.
    spread += sum(values) / len(values) * sum(days for days, week in zip(ahead, weeks, strict=True) if not week)
    return Range(so_far + max(0.0, expected - spread), so_far + expected, so_far + expected + spread)


def _missed(groups: Sequence[Sequence[float]]) -> float:
    """By how much (squared) days would have been missed, each foretold by the others of its group."""
    return sum(
        ((value - sum(group) / len(group)) * len(group) / (len(group) - 1)) ** 2 for group in groups for value in group
    )


def _alike(residuals: Sequence[float]) -> float:
    """By how much more sums of days scatter than the days do, because a day is like the one before."""
    whole = sum(each * each for each in residuals)
    if not whole:
        return 1.0
    seen = sum(one * next_ for one, next_ in pairwise(residuals)) / whole
    alike = seen + (1 + 4 * seen) / len(residuals)  # which few days make too low (Marriott and Pope)
    alike = max(0.0, min(alike, _MOST_ALIKE))
    return (1 + alike) / (1 - alike)
