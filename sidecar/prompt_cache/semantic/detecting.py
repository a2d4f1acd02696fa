"""In which language a text is."""

from collections.abc import Sequence
from functools import lru_cache
from math import log

from wordfreq import get_frequency_dict

from .languages import LANGUAGES
from .languages.base import Language

_OTHERS = ("it", "pt", "nl")
"""Close relatives of ours, so that their texts are taken for what they are."""
_UNKNOWN = 1e-8


@lru_cache(16)
def frequencies(code: str) -> dict[str, float]:
    """How often a word stands in texts of this language, as a share of all words."""
    return get_frequency_dict(code, "small")


def folded(word: str) -> str:
    """The word as the frequencies have it."""
    return word.replace("ß", "ss")


def detect(words: Sequence[str]) -> Language | None:
    """The language of these words in lower case; None where it is none of ours, or cannot be told."""
    if not words:
        return None
    words = [folded(word) for word in words[:60]]
    best = max((*(language.code for language in LANGUAGES), *_OTHERS), key=lambda code: _likelihood(words, code))
    known = frequencies(best)
    if sum(word in known for word in words) * 2 < len(words):
        return None
    return next((language for language in LANGUAGES if language.code == best), None)


def _likelihood(words: Sequence[str], code: str) -> float:
    known = frequencies(code)
    return sum(log(known.get(word, 0.0) or _UNKNOWN) for word in words)
