"""Savings by workflow, node, model or namespace: sorted on the server, each row a link that filters all else."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from msgspec import Struct

from ...savings.series import OTHER
from ...savings.statistics import Group
from .pages import Visit
from .selection import Dimension

By = Literal["name", "hits", "rate", "saved", "spent"]
BY: tuple[By, ...] = get_args(By)
_ROWS = 8
"""So many are shown at first."""
_VALUES: Mapping[By, Callable[[Group], float | str]] = {
    "name": lambda group: group.group.casefold(),
    "hits": lambda group: group.hits,
    "rate": lambda group: group.hit_rate or 0.0,
    "saved": lambda group: group.saved.cost_usd,
    "spent": lambda group: group.spent.cost_usd,
}


class Sorting(NamedTuple):
    """By which column, and in which order: `-saved` in the URL is the most saved first."""

    by: By = "saved"
    descending: bool = True

    @classmethod
    def of(cls, text: str | None) -> "Sorting":
        name = (text or "").removeprefix("-")
        by = next((each for each in BY if each == name), None)
        return cls(by, (text or "").startswith("-")) if by else cls()

    def turned(self, by: By) -> str:
        """What a click on the head of a column asks for: names from A on, numbers from the largest."""
        descending = not self.descending if by == self.by else by != "name"
        return f"-{by}" if descending else by

    def state(self, by: By) -> str | None:
        """The column's `aria-sort`."""
        return None if by != self.by else "descending" if self.descending else "ascending"


class Row(Struct, frozen=True):
    """A name with its sums, and where all else is filtered by it."""

    group: Group
    link: str | None
    share: float
    """Of what the first in the table saved, from 0 to 1."""


class Table(Struct, frozen=True):
    """The rows that are shown, and the link to `more`."""

    dimension: Dimension
    rows: Sequence[Row]
    more: int
    link: str


def table(visit: Visit, dimension: Dimension, groups: Sequence[Group], sorting: Sorting, *, whole: bool) -> Table:
    value = _VALUES[sorting.by]
    groups = [each for each in groups if not each.is_idle]
    ranked = sorted(groups, key=lambda group: (value(group), group.lookups), reverse=sorting.descending)
    shown = ranked if whole else ranked[:_ROWS]
    most = max((group.saved.cost_usd for group in groups), default=0.0)
    rows = [
        Row(
            group,
            None if group.group == OTHER else visit.selection.link("/", **{dimension: group.group}),
            group.saved.cost_usd / most if most > 0 else 0.0,
        )
        for group in shown
    ]
    link = visit.selection.link("/", sort=visit.arguments.get("sort"), all=dimension)
    return Table(dimension, rows, len(ranked) - len(shown), f"{link}#by-{dimension}")
