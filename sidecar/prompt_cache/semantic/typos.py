"""Whether one word is another one misspelled."""

from rapidfuzz.distance import DamerauLevenshtein

from .detecting import frequencies
from .languages.base import Language
from .tokens import Token

_SHORTEST = 5
"""Letters; in shorter words one letter makes another word too easily."""


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
    return DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1
