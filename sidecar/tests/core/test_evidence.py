"""What so many pairs prove."""

import random
from fractions import Fraction
from math import comb

import pytest

from prompt_cache.core.learning.evidence import BAND, band_of, still_needed, upper_bound


@pytest.mark.parametrize(
    ("wrong", "total", "bound"),
    [(0, 1, 0.95), (0, 299, 0.009969), (1, 100, 0.046559), (3, 3, 1.0), (0, 0, 1.0)],
)
def test_upper_bound__is_that_of_clopper_and_pearson(wrong: int, total: int, bound: float) -> None:
    assert upper_bound(wrong, total) == pytest.approx(bound, abs=2e-6)


def test_upper_bound__leaves_five_percent() -> None:
    """By its definition, in exact arithmetic."""
    for wrong, total in ((0, 7), (2, 40), (9, 120)):
        share = Fraction(upper_bound(wrong, total)).limit_denominator(10**9)
        at_most = sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(wrong + 1))
        assert float(at_most) == pytest.approx(0.05, abs=1e-5)


def test_upper_bound__is_wrong_about_what_it_promises_in_at_most_five_percent() -> None:
    """The honesty that it is chosen for, where few are wrong and few were counted."""
    drawn = random.Random(13)
    for share, total in ((0.01, 150), (0.02, 300), (0.005, 700)):
        broken = sum(upper_bound(sum(drawn.random() < share for _ in range(total)), total) < share for _ in range(1000))
        assert broken / 1000 <= 0.065


def test_still_needed__is_the_first_number_that_proves_it() -> None:
    assert still_needed(0, 0, 0.01) == 299
    assert still_needed(0, 298, 0.01) == 1
    for wrong, total, most in ((1, 20, 0.05), (3, 100, 0.02)):
        more = still_needed(wrong, total, most)
        assert more is not None
        assert upper_bound(wrong, total + more) <= most < upper_bound(wrong, total + more - 1)
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
