"""Groups as a table of comma-separated values (RFC 4180), for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from ...savings.totals import Group, Saved, Spent

CSV = "text/csv"
_COUNTS = ("lookups", "hits", "misses", "stale", "hit_rate", "stored", "refused")
_PARTS = {"saved": Saved.__struct_fields__, "spent": Spent.__struct_fields__}
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a cell begins with that a spreadsheet would calculate; with the signs that are wide in the Far East."""


def csv_of(dimensions: Sequence[str], groups: Iterable[Group]) -> str:
    """A header, and a row for each group: its values, its counts, what was saved and spent."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        (*dimensions, *_COUNTS, *(f"{part}_{field}" for part, fields in _PARTS.items() for field in fields))
    )
    writer.writerows((*(_harmless(group.by[name]) for name in dimensions), *_numbers(group)) for group in groups)
    return text.getvalue()


def _numbers(group: Group) -> Iterator[object]:
    yield from (getattr(group, name) for name in _COUNTS)
    for part, fields in _PARTS.items():
        yield from (getattr(getattr(group, part), field) for field in fields)


def _harmless(name: str) -> str:
    """A name as text, which no spreadsheet takes for a formula: callers invent them."""
    return f"'{name}" if name.lstrip(" ").startswith(_FORMULA) else name
