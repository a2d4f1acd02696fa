"""The pairs that semantic matching is measured on: enough of them, of all kinds, and no pair in both halves."""

from collections import Counter

import pytest

from prompt_cache.semantic.evaluation.pairs import Pair, read_pairs

from .halves import HALVES


def _pairs(half: str) -> list[Pair]:
    found = []
    for file in HALVES[half]:
        with file.open("rb") as lines:
            found += read_pairs(lines, file.name)
    return found


EVERY = [pair for half in HALVES for pair in _pairs(half)]


def test_there_are_enough__and_most_need_different_answers() -> None:
    assert len(EVERY) >= 1_200
    assert sum(not pair.same for pair in EVERY) >= 800


@pytest.mark.parametrize("half", HALVES)
def test_each_half__has_all_languages_and_many_swapped_roles(half: str) -> None:
    pairs = _pairs(half)
    assert set(Counter(pair.lang for pair in pairs)) == {"en", "fr", "de", "es"}
    assert sum(pair.kind == "argument-order" for pair in pairs) >= 80
    assert len({pair.kind for pair in pairs if not pair.same}) >= 17


def test_held_back_pairs__are_no_development_pairs() -> None:
    held_back, development = ({frozenset((str(p.a), str(p.b))) for p in _pairs(half)} for half in HALVES)
    assert len(held_back) == len(_pairs("held back"))
    assert not held_back & development
