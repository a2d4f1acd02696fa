"""docs/money.md against the numbers that there are."""

import re

import pytest
from msgspec import Struct

from prompt_cache.savings.prices import PriceOverride
from prompt_cache.savings.totals import Saved, Spent, Totals

from .pages import ROOT, section, tables

MONEY = (ROOT / "docs/money.md").read_text(encoding="utf-8")
NUMBERS = section(MONEY, "Every number")


def told(begins: str) -> set[str]:
    """The names in the table below the line that begins so."""
    part = NUMBERS[NUMBERS.index(begins) :].partition("\n\n")[2]
    rows = tables(part.partition("\n\n")[0])
    return {name for row in rows[1:] for name in re.findall(r"`(\w+)`", row[0])}


@pytest.mark.parametrize(
    ("begins", "numbers", "elsewhere"),
    [("Of the lookups", Totals, {"saved", "spent"}), ("`saved`, by hits", Saved, set()), ("`spent`, by", Spent, set())],
)
def test_money__tells_every_number_and_no_other(begins: str, numbers: type[Struct], elsewhere: set[str]) -> None:
    assert told(begins) == set(numbers.__struct_fields__) - elsewhere


def test_money__tells_each_part_of_a_price() -> None:
    prices = MONEY.partition("## Prices")[2].partition("\n## ")[0]
    assert [name for name in PriceOverride.__struct_fields__ if name not in prices] == []
