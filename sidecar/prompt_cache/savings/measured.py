"""The days of which it is known what they cost."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from .forecast import DAYS, Day
from .grouping import Name
from .statistics import Statistics
from .totals import Totals


def measured_days(
    statistics: Statistics, allowed: Callable[[str], bool], now: float, where: Mapping[Name, str]
) -> tuple[list[Day], Day]:
    """The whole days up to yesterday that can be forecast from, and what this month has cost so far.

    The first day that anything was counted on, of the last four weeks, is left out: it had begun before. From then on a
    day without traffic is a day like any other. Raises StoreUnavailable.
    """
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    earliest = min(month, today - timedelta(days=DAYS + 1))
    _, groups = statistics.report(allowed, since=earliest.timestamp(), group_by=("day",), where=where)
    found = {group.by["day"]: _cost(group) for group in groups}
    dates = [f"{earliest + timedelta(days=at):%Y-%m-%d}" for at in range((today - earliest).days + 1)]
    days = [found.get(each, Day(0.0, 0.0)) for each in dates]
    begun = next((at for at, each in enumerate(dates) if each in found), len(dates))
    this_month = days[(month - earliest).days :]
    so_far = Day(sum(day.spent for day in this_month), sum(day.without for day in this_month))
    return days[begun + 1 : -1][-DAYS:], so_far


def _cost(totals: Totals) -> Day:
    """Neither a verifier nor an embedder would be asked without the cache."""
    spent = totals.spent
    return Day(spent.cost_usd, spent.cost_usd - spent.verifier_usd - spent.embedding_usd + totals.saved.cost_usd)
