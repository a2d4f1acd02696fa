"""Whether one word is another one misspelled."""

from itertools import pairwise

from rapidfuzz.distance import DamerauLevenshtein

from .detecting import frequencies
from .languages.base import Language
from .tokens import Token

_SHORTEST = 5
"""Letters; in shorter words one letter makes another word too easily."""

_ROWS = ("qwertzuiop", "qwertyuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "yxcvbnm", "zxcvbnm", "wxcvbn")
_BESIDE = frozenset(frozenset(pair) for row in _ROWS for pair in pairwise(row))
"""Keys that stand side by side on a keyboard of ours."""


def misspelled(here: Token, there: Token, language: Language) -> bool:
    """One of the two is no word that anybody uses, and but a letter away from the other, which is one."""
    if here.kind != "word" or there.kind != "word":
        return False
    one, other = here.plain, there.plain
    if min(len(one), len(other)) < _SHORTEST or abs(len(one) - len(other)) > 1 or one[:1] != other[:1]:
        return False
    known = frequencies(language.code)
    if (one in known) == (other in known):
        return False
    if DamerauLevenshtein.distance(one, other, score_cutoff=1) > 1:
        return False
    return len(one) != len(other) or sorted(one) == sorted(other) or _slipped(one, other)


def _slipped(one: str, other: str) -> bool:
    """Whether a key beside the right one was struck, and not in the ending, where a letter makes a payer a payee."""
    at = next(at for at, (left, right) in enumerate(zip(one, other, strict=True)) if left != right)
    return at < len(one) - 2 and frozenset((one[at], other[at])) in _BESIDE
