"""Whether one word is another one misspelled."""

from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import DamerauLevenshtein
from wordfreq import get_frequency_list

from .detecting import folded, frequencies
from .languages.base import Language
from .languages.romance import unaccented
from .tokens import Token

_SHORTEST = 5
"""Letters; in shorter words one letter makes another word too easily."""
_RAREST = 700
"""Down to this frequency, in hundredths of powers of ten below 1, it is a word: what is rarer is mostly misspelled."""
_VOWELS = frozenset("aeiouy")


@lru_cache(4)
def _words(code: str) -> frozenset[str]:
    """The rarer words of a language, which `frequencies` does not have; some 10 MB."""
    bins = get_frequency_list(code, "large")
    get_frequency_list.cache_clear()
    common = frequencies(code)
    return frozenset(word for words in bins[: _RAREST + 1] for word in words if word not in common)


_ROWS = ("qwertzuiop", "qwertyuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "yxcvbnm", "zxcvbnm", "wxcvbn")
_BESIDE = frozenset(frozenset(pair) for row in _ROWS for pair in pairwise(row))
"""Keys that stand side by side on a keyboard of ours."""


def misspelled(here: Token, there: Token, language: Language) -> bool:
    """One of the two is no word that anybody uses, and but a letter away from the other, which is one. Another start,
    another end or another consonant makes another word, unless a key beside the right one was struck: `courrier`,
    `coursier`.
    """
    if here.kind != "word" or there.kind != "word":
        return False
    one, other = folded(here.plain), folded(there.plain)
    if min(len(one), len(other)) < _SHORTEST or abs(len(one) - len(other)) > 1:
        return False
    if one[:1] != other[:1] or unaccented(one[-2:]) != unaccented(other[-2:]):
        return False
    common = frequencies(language.code)
    if (one in common) == (other in common) or DamerauLevenshtein.distance(one, other, score_cutoff=1) > 1:
        return False
    return _slight(one, other) and (one if other in common else other) not in _words(language.code)


def _slight(one: str, other: str) -> bool:
    if len(one) != len(other) or sorted(one) == sorted(other):
        return True
    changed = [frozenset(pair) for pair in zip(unaccented(one), unaccented(other), strict=True) if pair[0] != pair[1]]
    return all(letters <= _VOWELS or letters in _BESIDE for letters in changed)
