"""What the cache saved, and where."""

import time

from ...savings.grouping import GroupBy
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
        shown = span(visit.selection, time.time())
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
            before=_before(visit, shown, total.saved.cost_usd),
            tables=[
                table(visit, name, found, sorting, whole=whole == name)
                for name, found in zip(_TABLES, groups, strict=True)
                if name not in where
            ],
            sorting=sorting,
            address=visit.address,
            is_new=not total.lookups and not total.spent.calls and not where and visit.is_new(),
        )


def _before(visit: Visit, shown: Span, now: float) -> float | None:
    """US dollars saved in the same length of time before; None where there is nothing to compare with."""
    if shown.unit == "hour":
        return None  # a day that is not over
    total, _ = visit.cache.statistics.report(
        visit.may_see, since=shown.since - shown.length, until=shown.since, where=visit.selection.where
    )
    return total.saved.cost_usd if total.saved.cost_usd > now * _TOO_LITTLE else None
