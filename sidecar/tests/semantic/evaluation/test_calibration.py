"""Which threshold is found, and what may be promised of it."""

import pytest

from prompt_cache.semantic.evaluation.calibration import calibrate
from prompt_cache.semantic.evaluation.pairs import Pair
from prompt_cache.semantic.evaluation.rates import most

from .made import judged, no_guards, pair


def negatives(*counts: tuple[int, float]) -> list[Pair]:
    return [pair(similarity, False, line=at) for count, similarity in counts for at in range(count)]


POSITIVES = [pair(0.955, True), pair(0.855, True), pair(0.755, True), pair(0.655, True)]


def test_threshold__is_the_one_with_most_hits_that_keeps_to_the_error() -> None:
    found = calibrate(judged(*POSITIVES, *negatives((400, 0.35), (20, 0.705))), 0.01)
    assert (found.threshold, found.promised, found.missing) == (0.75, True, 0)
    assert (found.counts.served_positives, found.counts.served_negatives) == (3, 0)
    assert found.most_wrong == most(0, 420)


def test_threshold__is_no_lower_than_hits_need() -> None:
    assert calibrate(judged(*POSITIVES, *negatives((400, 0.2))), 0.01).threshold == 0.65


def test_guards__let_the_threshold_be_lower() -> None:
    refused = [pair(0.97, False, numbers=False, line=at) for at in range(400)]
    assert calibrate(judged(*POSITIVES, *refused), 0.01).threshold == 0.65
    assert calibrate(judged(*POSITIVES, *refused, guards=no_guards), 0.01).threshold is not None
    assert calibrate(judged(*POSITIVES, *refused, guards=no_guards), 0.01).counts.served_positives == 0


def test_too_few_pairs__promise_nothing_and_say_how_many_are_missing() -> None:
    found = calibrate(judged(*POSITIVES, *negatives((100, 0.35))), 0.01)
    assert (found.threshold, found.promised, found.missing) == (0.65, False, 199)
    assert found.most_wrong == pytest.approx(0.0295, abs=1e-3)


def test_one_wrong_among_few__takes_more() -> None:
    found = calibrate(judged(*POSITIVES, *negatives((99, 0.35), (1, 0.995))), 0.01)
    assert (found.promised, found.counts.served_negatives, found.missing) == (False, 1, 373)


def test_wrong_at_every_threshold__finds_none() -> None:
    found = calibrate(judged(*POSITIVES, *negatives((10, 0.35), (10, 0.995))), 0.01)
    assert (found.threshold, found.promised, found.missing) == (None, False, None)


def test_no_pairs_that_differ__promise_nothing() -> None:
    found = calibrate(judged(*POSITIVES), 0.01)
    assert (found.promised, found.missing, found.most_wrong) == (False, 299, 1.0)
