"""Sums over time, gaps filled: what a chart draws."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from ...savings.statistics import Group
from .selection import Selection

HOUR, DAY = 3600, 86400


class Span(NamedTuple):
    """From when to when, in which steps; seconds since the epoch."""

    since: float
    until: float
    unit: Literal["hour", "day"]

    @property
    def step(self) -> int:
        return HOUR if self.unit == "hour" else DAY

    @property
    def length(self) -> float:
        return self.until - self.since


class Column(NamedTuple):
    """An hour or a day; money in US dollars."""

    time: int
    saved: float = 0.0
    spent: float = 0.0
    hits: int = 0
    misses: int = 0


def span(selection: Selection, now: float) -> Span:
    """Whole days of UTC: today by the hour, more by the day."""
    since = selection.since(now)
    return Span(since, since + selection.days * DAY, "hour" if selection.period == "today" else "day")


def columns(shown: Span, groups: Iterable[Group]) -> list[Column]:
    """One for each step, whether or not anything happened in it."""
    found = {_time(group.by[shown.unit]): group for group in groups}
    steps = range(int(shown.since), int(shown.until), shown.step)
    return [_column(time, found[time]) if time in found else Column(time) for time in steps]


def _column(time: int, group: Group) -> Column:
    return Column(time, group.saved.cost_usd, group.spent.cost_usd, group.hits, group.lookups - group.hits)


def _time(name: str) -> int:
    """Of an hour or a day as a report names it."""
    form = "%Y-%m-%dT%HZ" if "T" in name else "%Y-%m-%d"
    return int(datetime.strptime(name, form).replace(tzinfo=UTC).timestamp())
