"""A pair is judged as the cache would answer it: the earlier turns exactly, then similarity, then guards."""

from collections.abc import Sequence
from typing import Any

import pytest

from prompt_cache.semantic.embedders.base import Embedded, EmbedderUnavailable
from prompt_cache.semantic.evaluation import judging
from prompt_cache.semantic.evaluation.judging import Judged
from prompt_cache.semantic.evaluation.pairs import Pair, Side
from prompt_cache.semantic.partition import Unplaced

from .made import Angles, judged, no_guards, nobody, pair, read


def one(a: Side, b: Side) -> Judged:
    (found,) = judged(Pair(1, a, b, True))
    return found


def talk(*texts: str) -> list[dict[str, Any]]:
    return [{"role": role, "content": text} for role, text in zip(["user", "assistant"] * 3, texts, strict=False)]


def test_close_pair__is_served_from_its_similarity_on() -> None:
    found = one("~0.8 ask", "ask")
    assert found.similarity == pytest.approx(0.8, abs=1e-6)
    assert [found.served(threshold) for threshold in (0.79, 0.81)] == [True, False]


def test_guard__refuses_whatever_the_similarity_and_is_named() -> None:
    (found,) = judged(pair(0.99, False, numbers=False))
    assert (found.guard, found.served(0.5), found.served(0.5, guarded=False)) == ("numbers", False, True)


def test_one_question_to_the_cache__is_served_at_any_threshold() -> None:
    found = one("What  is it? ", "What is it?")
    assert (found.exact, found.served(1.0)) == (True, True)


def test_earlier_turns__must_be_the_very_same() -> None:
    same = one(talk("A cat.", "Yes?", "~0.9 how old"), talk("A cat.", "Yes?", "how old"))
    other = one(talk("A cat.", "Yes?", "~0.9 how old"), talk("A dog.", "Yes?", "how old"))
    assert (same.served(0.6), other.served(0.6)) == (True, False)
    assert other.why_not == "what was said before differs"


def test_system_prompt_of_one__is_no_match() -> None:
    alone = [{"role": "user", "content": "how old"}]
    assert not one([{"role": "system", "content": "Rhyme."}, *alone], alone).served(0.0, guarded=False)


@pytest.mark.parametrize(
    ("a", "why"),
    [
        ("long " * 401, "longer than 2,000 characters"),
        (talk("1", "2", "3", "4", "5"), "more than 4 messages"),
        (talk("1", "2"), "not the user's"),
    ],
)
def test_what_is_never_compared__says_why(a: Side, why: str) -> None:
    found = one(a, "ask")
    assert why in str(found.why_not)
    assert not found.served(0.0, guarded=False)


def test_texts__are_embedded_once_in_batches() -> None:
    embedder = Angles()
    pairs = [Pair(at, f"ask {at}", "the same", True) for at in range(100)]
    assert len(judged(*pairs, embedder=embedder)) == 100
    assert [len(texts) for texts in embedder.asked] == [32, 32, 32, 5]


def test_what_cannot_be_asked__is_named_by_its_line() -> None:
    with pytest.raises(ValueError, match="line 7: `b`"):
        judging.judge([Pair(7, "x", "y", True)], _refuses_y, Angles(), no_guards, watch=nobody)


def _refuses_y(side: Side) -> judging.Read:
    if side == "y":
        raise ValueError("no")
    return judging.Read("k", Unplaced("?"))


class Failing(Angles):
    """Away at these calls."""

    def __init__(self, *away: int) -> None:
        super().__init__()
        self.away = away

    def embed(self, texts: Sequence[str]) -> Embedded:
        embedded = super().embed(texts)
        if len(self.asked) in self.away:
            raise EmbedderUnavailable("away")
        return embedded


def failing(*away: int) -> tuple[list[float], int]:
    """(How long was waited, how many were judged) of 50 texts, where the embedder is away at these calls."""
    waited: list[float] = []
    pairs = [Pair(at, f"ask {at}", "the same", True) for at in range(49)]
    found = judging.judge(pairs, read, Failing(*away), no_guards, watch=nobody, sleep=waited.append)
    return waited, len(found)


def test_embedder_that_fails_once__is_asked_again() -> None:
    assert failing(2) == ([6.0], 49)
    assert failing(2, 3, 4) == ([6.0, 15.0, 30.0], 49)


@pytest.mark.parametrize("away", [(1,), (2, 3, 4, 5)], ids=["never answered", "stays away"])
def test_embedder_that_is_away__is_said(away: tuple[int, ...]) -> None:
    with pytest.raises(EmbedderUnavailable):
        failing(*away)
