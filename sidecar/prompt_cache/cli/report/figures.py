"""The numbers of a report, all of them read from the store in one go."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from ...core.cache import PromptCache
from ...savings.currency import Currency
from ...savings.forecast import Forecast, forecast
from ...savings.grouping import GroupBy
from ...savings.measured import measured_days
from ...savings.seen import SeenModel, seen_models, unpriced
from ...savings.totals import Group, Totals

_TIMES = frozenset(("hour", "day"))
ROWS = 10
"""Groups that are shown one by one, where they are not apart in time."""


class Table(Struct, frozen=True):
    """The groups of some dimensions: in the order of time, or else those that saved most first."""

    dimensions: tuple[GroupBy, ...]
    groups: list[Group]

    @property
    def shown(self) -> list[Group]:
        """Those that are shown one by one."""
        return self.groups[:ROWS] if _TIMES.isdisjoint(self.dimensions) else self.groups

    @property
    def title(self) -> str:
        return "By " + " and ".join(self.dimensions)


class Figures(Struct, frozen=True, kw_only=True):
    """Money in US dollars."""

    since: datetime
    until: datetime
    namespaces: list[str] | None
    """None is all of them."""
    totals: Totals
    tables: list[Table]
    days: list[Group]
    """Each day of the span on which something was asked, in their order."""
    forecast: Forecast | None
    unpriced: list[SeenModel]
    currency: Currency

    @property
    def without_cache_usd(self) -> float:
        """What would have been spent."""
        return self.totals.spent.cost_usd + self.totals.saved.cost_usd


def gathered(
    cache: PromptCache,
    *,
    since: float,
    until: float,
    now: float,
    namespaces: Sequence[str] | None,
    groupings: Sequence[tuple[GroupBy, ...]],
) -> Figures:
    """Of a span, and of the month that `now` is in; in seconds since the epoch. Raises StoreUnavailable."""
    statistics, allowed = cache.statistics, _within(namespaces)
    totals, (days, models, *grouped) = statistics.reports(
        allowed, (("day",), ("model",), *groupings), since=since, until=until
    )
    measured, so_far = measured_days(statistics, allowed, now, {})
    return Figures(
        since=datetime.fromtimestamp(since, UTC),
        until=datetime.fromtimestamp(until, UTC),
        namespaces=None if namespaces is None else list(namespaces),
        totals=totals,
        tables=[_table(*each) for each in zip(groupings, grouped, strict=True)],
        days=days,
        forecast=forecast(measured, so_far, now),
        unpriced=unpriced(seen_models(models, cache.prices)),
        currency=cache.currency,
    )


def _within(namespaces: Sequence[str] | None) -> Callable[[str], bool]:
    return lambda name: namespaces is None or name in namespaces


def _table(dimensions: tuple[GroupBy, ...], groups: list[Group]) -> Table:
    times = [dimension for dimension in dimensions if dimension in _TIMES]

    def rank(group: Group) -> tuple[list[str], float, float, int, str]:
        return [group.by[time] for time in times], *_worth(group)

    return Table(dimensions, sorted((each for each in groups if not each.is_idle), key=rank))


def _worth(group: Group) -> tuple[float, float, int, str]:
    return -group.saved.cost_usd, -group.spent.cost_usd, -group.lookups, group.group
