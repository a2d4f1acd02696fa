"""Where in a text something stands that may be another each time: dates, times, numbers, ids, addresses, names.

Linear in the length of the text, whatever stands in it: each look reads it once, from left to right.
"""

import re
from functools import lru_cache
from typing import Any

from ...keying import clock
from ...keying.masks import compiled

Slot = tuple[int, int]
"""From where to where in a text."""

_DIGIT = re.compile("[0-9]")
_TOKEN = re.compile(r"\w++(?:[-.@+/:#'\u2019]\w++)*+")
_PART = re.compile(r"[^/:#]++")
_NAME = re.compile(r"[^\W\d_]++(?:[-'\u2019.][^\W\d_]++)*+")


def slots_of(text: str, *, names: bool = False) -> list[Slot]:
    """In the order of the text, none touching another; with `names` also runs of words with a capital."""
    found = _times(text)
    busy = iter([*found, (len(text) + 1, len(text) + 1)])
    start, end = next(busy)
    run: Slot | None = None
    for token in _TOKEN.finditer(text):
        at, upto = token.span()
        while end <= at:
            start, end = next(busy)
        if upto > start:  # in a date or time
            continue
        word = token[0]
        if _DIGIT.search(word) or "@" in word:
            found += _parts(word, at)
        elif names and word[0].isupper() and _NAME.fullmatch(word):
            if run and text[run[1] : at] == " ":
                found.pop()
                at = run[0]
            run = at, upto
            found.append(run)
    return sorted(found)


def blanked(text: str, *, names: bool = False) -> str:
    """A text without what is in its slots."""
    kept, upto = [], 0
    for start, end in slots_of(text, names=names):
        kept.append(text[upto:start])
        upto = end
    return "\0".join([*kept, text[upto:]])


def _parts(word: str, at: int) -> list[Slot]:
    """Of an address or a path the parts with a digit; anything else as a whole."""
    if "@" in word or not ("/" in word or ":" in word or "#" in word):
        return [(at, at + len(word))]
    parts = _PART.finditer(word)
    return [(at + part.start(), at + part.end()) for part in parts if _DIGIT.search(part[0])]


def _times(text: str) -> list[Slot]:
    if not _DIGIT.search(text):
        return []
    return [match.span() for match in _clock().finditer(text)]


@lru_cache(maxsize=1)
def _clock() -> Any:
    return compiled(clock.PATTERN)
