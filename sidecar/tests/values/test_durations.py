"""Durations as people write them."""

import contextlib
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.values.durations import LONGEST, PATTERN, STATED, Duration, seconds


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0),
        (90, 90),
        (1.5, 1.5),
        ("90s", 90),
        ("15m", 900),
        ("24h", 86400),
        ("7d", 604800),
        ("2w", 1209600),
        ("250ms", 0.25),
        ("1.5h", 5400),
        ("0s", 0),
        ("0.000001s", 0.000001),
        (LONGEST, LONGEST),
    ],
)
def test_seconds__of(value: float | str, expected: float) -> None:
    assert seconds(value) == pytest.approx(expected)
    assert msgspec.convert(value, Duration) == value


@pytest.mark.parametrize(
    "value", ["", "h", "24", "24 h", " 24h", "24H", "-1s", "+1s", "1e3s", "1,5h", "1h30m", "24h\n", "٣s", "1.s", ".5s"]
)
def test_seconds__refuses_text_that_is_none(value: str) -> None:
    with pytest.raises(ValueError, match="is not a duration: use seconds, or a number with ms, s, m, h, d or w"):
        seconds(value)


@pytest.mark.parametrize("value", [-0.1, LONGEST * 1.01, "5300w", float("nan"), float("inf"), float("-inf")])
def test_seconds__refuses_what_is_out_of_range(value: float | str) -> None:
    with pytest.raises(ValueError, match="between 0 and 100 years"):
        seconds(value)


@given(st.from_regex(PATTERN))
def test_seconds__understands_nothing_beyond_the_contract(value: str) -> None:
    assert msgspec.convert(value, Duration) == value
    with contextlib.suppress(ValueError):
        assert 0 <= seconds(value) <= LONGEST


@given(st.from_regex(STATED, fullmatch=True))
def test_seconds__takes_all_that_the_contract_states(value: str) -> None:
    assert msgspec.convert(value, Duration) == value
    assert 0 <= seconds(value) <= LONGEST


@pytest.mark.parametrize("value", ["36500d", "5200w", "876000h", "51000000m", "999999999s", "1.5h", "250ms"])
def test_stated__has_what_people_write_up_to_a_hundred_years(value: str) -> None:
    assert re.search(STATED, value)
