"""Whether one word is another one misspelled."""

from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein
from wordfreq import get_frequency_list

from .detecting import frequencies
from .languages.base import Language
from .languages.romance import unaccented
from .tokens import Token

_SHORTEST = 5
"""Letters; in shorter words one letter makes another word too easily."""
_RAREST = 700
"""Down to this frequency, in hundredths of powers of ten below 1, it is a word: what is rarer is mostly an error."""
_VOWELS = frozenset("aeiouy")


@lru_cache(4)
def _words(code: str) -> frozenset[str]:
    """The rarer words of a language, which `frequencies` does not have; some 10 MB."""
    bins = get_frequency_list(code, "large")
    get_frequency_list.cache_clear()
    common = frequencies(code)
    return frozenset(word for words in bins[: _RAREST + 1] for word in words if word not in common)


def misspelled(here: Token, there: Token, language: Language) -> bool:
    """One of the two is no word that anybody uses, and but a letter away from the other, which is one. Another start,
    another end or another consonant makes another word: `préparer`, `préparera`; `courrier`, `coursier`."""
    if here.kind != "word" or there.kind != "word":
        return False
    one, other = here.plain, there.plain
    if min(len(one), len(other)) < _SHORTEST or abs(len(one) - len(other)) > 1:
        return False
    if one[:1] != other[:1] or unaccented(one[-2:]) != unaccented(other[-2:]):
        return False
    common = frequencies(language.code)
    if (one in common) == (other in common) or DamerauLevenshtein.distance(one, other, score_cutoff=1) > 1:
        return False
    return not _consonants_differ(one, other) and (one if other in common else other) not in _words(language.code)


def _consonants_differ(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    changed = [(a, b) for a, b in zip(unaccented(one), unaccented(other), strict=True) if a != b]
    return len(changed) == 1 and not _VOWELS.issuperset(changed[0])
