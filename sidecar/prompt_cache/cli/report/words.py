"""The sentences of a report, the same in a text and on a page."""

from babel import Locale

from ...http.dashboard.reader import Reader
from ...savings.forecast import Forecast, Range
from .figures import Figures

_NAMED = 5
"""Models without a price that are named."""


def reader_of(figures: Figures) -> Reader:
    """Shows numbers and money in English, whoever reads it."""
    return Reader(Locale("en", "US"), "en", None, figures.currency)


def span(figures: Figures) -> str:
    """When, and where."""
    reader = reader_of(figures)
    where = "" if figures.namespaces is None else f", in {', '.join(figures.namespaces)}"
    return f"{reader.date(figures.since)} to {reader.date(figures.until)} (UTC){where}"


def money(figures: Figures, usd: float, unpriced: int) -> str:
    """A sum, of which `unpriced` parts are not known: where that is all of it, it is no zero."""
    return "unknown" if unpriced and not usd else reader_of(figures).money(usd)


def comparison(figures: Figures) -> str:
    """What it would have been without the cache; empty where nothing is known of money."""
    reader, without = reader_of(figures), figures.without_cache_usd
    if not without:
        return ""
    share = figures.totals.saved.cost_usd / without
    return f"Without the cache it would have been {reader.money(without)}: {reader.percent(share)} of that was saved."


def apart(figures: Figures) -> list[str]:
    """What the big numbers do not tell."""
    reader, spent, told = reader_of(figures), figures.totals.spent, []
    parts = {"the verifier": spent.verifier_usd, "embeddings": spent.embedding_usd}
    if others := [f"{reader.money(usd)} went to {what}" for what, usd in parts.items() if usd]:
        told.append(f"Of what was spent, {' and '.join(others)}.")
    if spent.prefix_saved_usd:
        told.append(
            f"The providers' own prefix caches took {reader.money(spent.prefix_saved_usd)} off; "
            "that is not in the savings."
        )
    if spent.estimated_calls:
        told.append(
            f"{reader.number(spent.estimated_calls)} of {reader.number(spent.calls)} calls "
            "did not say what they used; that is estimated."
        )
    return told


def missing_prices(figures: Figures) -> str:
    """Which models have no price, and how to give them one; empty where all have one."""
    if not figures.unpriced:
        return ""
    reader = reader_of(figures)
    named = ", ".join(
        f"{each.model} ({reader.number(each.calls)} calls, {reader.number(each.hits)} hits)"
        for each in figures.unpriced[:_NAMED]
    )
    more = len(figures.unpriced) - _NAMED
    return (
        f"Not in the sums, since their price is unknown: {named}{f' and {more} more' if more > 0 else ''}. "
        "Set `prices` to give them one; GET /v1/prices has the lines for it."
    )


def outlook(found: Forecast | None, figures: Figures) -> str:
    """What this month will cost."""
    if found is None:
        return "A forecast of the month needs three whole days that were measured."
    reader = reader_of(figures)

    def told(range_: Range) -> str:
        return f"{reader.money(range_.expected)} ({reader.money(range_.low)} to {reader.money(range_.high)})"

    return (
        f"Forecast for {found.month}: {told(found.with_cache)} with the cache, {told(found.without_cache)} without it, "
        f"from {found.days_measured} days that were measured."
    )
