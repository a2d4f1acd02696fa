"""A report for a terminal."""

from collections.abc import Sequence

from ...savings.totals import Group
from .figures import Figures, Table
from .words import apart, comparison, missing_prices, money, outlook, reader_of, span

_WIDEST = 40
_HEAD = ("saved", "spent", "hits", "hit rate", "time saved")


def text_of(figures: Figures) -> str:
    """Lines of plain text."""
    reader, totals = reader_of(figures), figures.totals
    saved, spent = reader.money(totals.saved.cost_usd), reader.money(totals.spent.cost_usd)
    wide = max(len(saved), len(spent))
    lines = [
        f"Prompt Cache, {span(figures)}",
        "",
        f"  saved  {saved:>{wide}}   {reader.number(totals.hits)} hits of {reader.number(totals.lookups)} lookups"
        f" ({reader.percent(totals.hit_rate)}), {reader.duration(totals.saved.seconds)} of waiting",
        f"  spent  {spent:>{wide}}   {reader.number(totals.spent.calls)} calls",
    ]
    lines += [f"  {line}" for line in (comparison(figures), *apart(figures)) if line]
    for table in figures.tables:
        lines += ["", *_table(table, figures)]
    lines += ["", outlook(figures.forecast, figures)]
    if missing := missing_prices(figures):
        lines += ["", missing]
    return "\n".join(map(printable, lines)) + "\n"


def printable(text: str) -> str:
    """Names come from callers: what would move the cursor or colour a terminal is left out."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def cells_of(group: Group, figures: Figures) -> tuple[str, ...]:
    """What is told of a group, in the order of the head."""
    reader = reader_of(figures)
    return (
        money(figures, group.saved.cost_usd, group.saved.unpriced_hits),
        money(figures, group.spent.cost_usd, group.spent.unpriced_calls + group.spent.unpriced_other_calls),
        reader.number(group.hits),
        reader.percent(group.hit_rate),
        reader.duration(group.saved.seconds),
    )


def name_of(group: Group, table: Table) -> str:
    """A group's names; what was not named says so."""
    return " / ".join(group.by.get(dimension) or "(not named)" for dimension in table.dimensions)


def _table(table: Table, figures: Figures) -> list[str]:
    shown = table.shown
    if not shown:
        return [table.title, "  nothing was asked"]
    names = [printable(name_of(group, table)) for group in shown]
    names = [name if len(name) <= _WIDEST else f"{name[: _WIDEST - 1]}…" for name in names]
    rows = [
        (table.title, *_HEAD),
        *((name, *cells_of(group, figures)) for name, group in zip(names, shown, strict=True)),
    ]
    lines = _aligned(rows)
    if more := len(table.groups) - len(shown):
        lines.append(f"  and {more} more")
    return lines


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The names on the left, the numbers on the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    head, *others = rows
    widths[0] += 2
    return [
        f"{indent}{row[0]:<{widths[0] - len(indent)}}"
        + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for indent, row in (("", head), *(("  ", row) for row in others))
    ]
