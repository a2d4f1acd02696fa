"""What so many pairs prove."""

import random
import time
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.core.learning.evidence import BAND, band_of, is_proven, still_needed


@pytest.mark.parametrize(
    ("wrong", "total", "most", "proven"),
    [
        (0, 0, 0.4, False),
        (0, 298, 0.01, False),
        (0, 299, 0.01, True),  # 0.99 ** 299 is 0.0495
        (1, 100, 0.0465, False),
        (1, 100, 0.0466, True),
        (3, 3, 0.49, False),
    ],
)
def test_is_proven__where_the_bound_of_clopper_and_pearson_is(
    wrong: int, total: int, most: float, proven: bool
) -> None:
    assert is_proven(wrong, total, most) is proven


@given(st.integers(0, 12), st.integers(1, 200), st.sampled_from([0.01, 0.05, 0.2, 0.4]))
def test_is_proven__leaves_five_percent(wrong: int, total: int, most: float) -> None:
    """By its definition, in exact arithmetic."""
    share = Fraction(most)
    at_most = sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(wrong + 1))
    assert is_proven(wrong, total, most) is (at_most <= Fraction(1, 20))


def test_is_proven__is_wrong_about_what_it_promises_in_at_most_five_percent() -> None:
    """The honesty that it is chosen for, where few are wrong and few were counted."""
    drawn = random.Random(13)
    for most, total in ((0.01, 300), (0.02, 300), (0.005, 700)):
        promised = sum(
            is_proven(sum(drawn.random() < most * 1.001 for _ in range(total)), total, most) for _ in range(1000)
        )
        assert promised / 1000 <= 0.065


def test_is_proven__takes_no_time_however_many_were_counted() -> None:
    began = time.perf_counter()
    assert is_proven(95_000, 10_000_000, 0.01)
    assert still_needed(400_000, 1_000_000, 0.3) is not None
    assert time.perf_counter() - began < 0.5


def test_still_needed__is_the_first_number_that_proves_it() -> None:
    assert still_needed(0, 0, 0.01) == 299
    assert still_needed(0, 298, 0.01) == 1
    for wrong, total, most in ((1, 20, 0.05), (3, 100, 0.02)):
        more = still_needed(wrong, total, most)
        assert more is not None
        assert [is_proven(wrong, total + more - 1, most), is_proven(wrong, total + more, most)] == [False, True]
    assert still_needed(100_000, 100_000, 1e-6) is None


@pytest.mark.parametrize(
    ("similarity", "band"),
    [
        (0.939, "0.92"),
        (0.94, "0.94"),
        (0.9599, "0.94"),
        (0.96, "0.96"),
        (1.0, "1.00"),
        (1.0001, "1.00"),
        (-0.1, "0.00"),
    ],
)
def test_band__begins_at_its_lower_end(similarity: float, band: str) -> None:
    assert band_of(similarity) == band
    assert BAND == 0.02
