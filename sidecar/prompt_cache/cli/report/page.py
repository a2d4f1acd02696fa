"""A report as one page to mail: tables and colours that mail programs know, no script, and nothing from elsewhere."""

from datetime import timedelta
from typing import NamedTuple

from jinja2 import Environment, PackageLoader

from .figures import Figures
from .text import cells_of, name_of, printable
from .words import apart, comparison, missing_prices, outlook, reader_of, span

_COLUMNS = 31
"""Bars of the chart: of a longer span each is several days."""
_HIGHEST = 96
"""Pixels of the highest bar."""


class Bar(NamedTuple):
    """A day, or several: two heights in pixels, and what they say."""

    saved: int
    spent: int
    said: str


def page_of(figures: Figures) -> str:
    """HTML, in which each name is a text, whatever it holds."""
    environment = Environment(loader=PackageLoader("prompt_cache.cli.report", "."), autoescape=True)
    reader, totals = reader_of(figures), figures.totals
    bars = _bars(figures)
    return environment.get_template("report.html").render(
        span=span(figures),
        saved=reader.money(totals.saved.cost_usd),
        spent=reader.money(totals.spent.cost_usd),
        hit_rate=reader.percent(totals.hit_rate),
        waiting=reader.duration(totals.saved.seconds),
        hits=f"{reader.number(totals.hits)} hits of {reader.number(totals.lookups)} lookups",
        calls=f"{reader.number(totals.spent.calls)} calls",
        notes=[line for line in (comparison(figures), *apart(figures)) if line],
        bars=bars,
        first=reader.date(figures.since),
        last=reader.date(figures.until),
        tables=[
            {
                "title": table.title,
                "rows": [(printable(name_of(group, table)), *cells_of(group, figures)) for group in table.shown],
                "more": len(table.groups) - len(table.shown),
            }
            for table in figures.tables
        ],
        outlook=outlook(figures.forecast, figures),
        missing=printable(missing_prices(figures)),
        highest=_HIGHEST,
    )


def _bars(figures: Figures) -> list[Bar]:
    reader, known = reader_of(figures), {day.group: day for day in figures.days}
    first, last = figures.since.date(), figures.until.date()
    days = [str(first + timedelta(days=at)) for at in range((last - first).days + 1)] if known else []
    together = -(-len(days) // _COLUMNS) or 1
    sums = []
    for at in range(0, len(days), together):
        part = days[at : at + together]
        groups = [known[day] for day in part if day in known]
        saved, spent = sum(each.saved.cost_usd for each in groups), sum(each.spent.cost_usd for each in groups)
        sums.append((" to ".join(dict.fromkeys((part[0], part[-1]))), saved, spent))
    highest = max((money for _, *both in sums for money in both), default=0.0)

    def height(money: float) -> int:
        return 0 if not highest or money <= 0 else max(1, round(_HIGHEST * money / highest))

    return [
        Bar(height(saved), height(spent), f"{when}: {reader.money(saved)} saved, {reader.money(spent)} spent")
        for when, saved, spent in sums
    ]
