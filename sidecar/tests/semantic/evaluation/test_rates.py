"""Intervals as the literature has them."""

import pytest

from prompt_cache.semantic.evaluation.rates import most, needed, rate


@pytest.mark.parametrize(
    ("served", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (1, 200, 0.00088, 0.02779)],
)
def test_wilson(served: int, of: int, low: float, high: float) -> None:
    found = rate(served, of)
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)


def test_nothing_counted__rules_nothing_out() -> None:
    assert (rate(0, 0).low, rate(0, 0).high, most(0, 0)) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("wrong", "of", "share"), [(0, 100, 0.02951), (0, 300, 0.00994), (1, 100, 0.04656), (5, 50, 0.19882), (3, 3, 1.0)]
)
def test_most__is_clopper_and_pearsons_upper_bound(wrong: int, of: int, share: float) -> None:
    assert most(wrong, of) == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize(("wrong", "error", "pairs"), [(0, 0.01, 299), (0, 0.05, 59), (1, 0.01, 473), (0, 0.001, 2995)])
def test_needed__is_the_fewest_pairs_that_rule_it_out(wrong: int, error: float, pairs: int) -> None:
    assert needed(wrong, error) == pairs
    assert most(wrong, pairs) <= error < most(wrong, pairs - 1)


def test_many_pairs__are_no_trouble() -> None:
    assert most(400, 10_000) == pytest.approx(0.0434, abs=5e-4)
