"""What the cache saved, and where."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ...savings.forecast import CONFIDENCE, LEAST_DAYS, Forecast, forecast
from ...savings.grouping import GroupBy
from ...savings.measured import measured_days
from .missed_words import reason_of, refusal_of
from .pages import Site, Visit
from .reader import N_
from .selection import Dimension
from .series import Span, columns, span
from .tables import Sorting, table

_TABLES: tuple[Dimension, ...] = ("workflow", "node", "model", "namespace")
_BY: list[tuple[GroupBy, ...]] = [(name,) for name in _TABLES]
_TOO_LITTLE = 0.1
"""What was saved before, as a share of what is saved now: with less of it a comparison says nothing."""


def routes(site: Site) -> None:
    @site.page("/", nav=N_("Overview"))
    def overview(visit: Visit) -> str:
        now = time.time()
        shown = span(visit.selection, now)
        report = site.cache.statistics.reports
        where = visit.selection.where
        total, (times, *groups) = report(visit.may_see, [(shown.unit,), *_BY], since=shown.since, where=where)
        sorting = Sorting.of(visit.arguments.get("sort"))
        whole = visit.arguments.get("all")
        return visit.render(
            "overview.html",
            total=total,
            columns=columns(shown, times),
            step=shown.step,
            budgets=visit.budgets(),
            month=_month(visit, now),
            before=_before(visit, shown, total.saved.cost_usd),
            tables=[
                table(visit, name, found, sorting, whole=whole == name)
                for name, found in zip(_TABLES, groups, strict=True)
                if name not in where
            ],
            sorting=sorting,
            missed=_reasons(visit, total.misses_by_reason, reason_of),
            refused=_reasons(visit, total.refused_by_reason, refusal_of),
            address=visit.address,
            is_new=not total.lookups and not total.spent.calls and not where and visit.is_new(),
        )


class Month(NamedTuple):
    """What this month has cost so far and, where enough days were measured, what it will have cost."""

    days: int
    least: int
    confidence: float
    spent_so_far: float
    forecast: Forecast | None


def _reasons(visit: Visit, counts: Mapping[str, int], worded: Callable[[Visit, str], str]) -> list[tuple[str, int]]:
    """In words, the most frequent first."""
    ranked = sorted(counts.items(), key=lambda each: each[1], reverse=True)
    return [(worded(visit, reason), count) for reason, count in ranked if count]


def _month(visit: Visit, now: float) -> Month:
    days, so_far = measured_days(visit.cache.statistics, visit.caller.may_touch, now, visit.selection.where)
    return Month(len(days), LEAST_DAYS, CONFIDENCE, so_far.spent, forecast(days, so_far, now))


def _before(visit: Visit, shown: Span, now: float) -> float | None:
    """US dollars saved in the same length of time before; None where there is nothing to compare with."""
    if shown.unit == "hour":
        return None  # a day that is not over
    total, _ = visit.cache.statistics.report(
        visit.may_see, since=shown.since - shown.length, until=shown.since, where=visit.selection.where
    )
    return total.saved.cost_usd if total.saved.cost_usd > now * _TOO_LITTLE else None
