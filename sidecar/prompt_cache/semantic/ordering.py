"""Which reorderings keep what is said."""

from collections.abc import Sequence

from .languages.base import Words
from .tokens import Token

_PHRASE_HEADS = frozenset(("place", "time", "link", "date"))
_THINGS = frozenset(("word", "name"))
_SMALL = frozenset(("comparison", "quantity", "modality", "negation", "question"))


def reordered(here: Sequence[Token], there: Sequence[Token], words: Words) -> str:
    """What stands elsewhere, in words; empty where the order is the same, or says the same."""
    ours, theirs = [token.key for token in here], [token.key for token in there]
    if ours == theirs:
        return ""
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start] == theirs[start]:
        start += 1
    end_here, end_there = len(ours), len(theirs)
    while end_here > start and end_there > start and ours[end_here - 1] == theirs[end_there - 1]:
        end_here -= 1
        end_there -= 1
    middle, other = here[start:end_here], there[start:end_there]
    free = words.free and not (start and here[start - 1].kind in _THINGS)
    if _swapped(middle, other, words, free=free):
        return ""
    return f"{_shown(middle)} here, {_shown(other)} there"


def _swapped(middle: Sequence[Token], other: Sequence[Token], words: Words, *, free: bool) -> bool:
    """Whether the two are the same two parts, one after the other, of a kind that may change places.

    `free`: a phrase and a thing may, where no thing stands before them that the phrase may belong to.
    A verb and a thing may not: users who invite are not invited, a stress test tests no stress.
    """
    if len(middle) != len(other):
        return False
    ours, theirs = [token.key for token in middle], [token.key for token in other]
    for cut in range(1, len(ours)):
        if ours[cut:] + ours[:cut] == theirs:
            left, right = middle[:cut], middle[cut:]
            if _phrase(left) and _phrase(right) and "place" in (left[0].kind, right[0].kind):
                return True
            if any(_temporal(one, words) and not _timed(two, words) for one, two in ((left, right), (right, left))):
                return True
            if free and any(_phrase(one) and _things(two) for one, two in ((left, right), (right, left))):
                return True
    return False


def _phrase(tokens: Sequence[Token]) -> bool:
    """Whether a preposition begins it, with nothing behind that binds it to what is around."""
    return (
        tokens[0].kind in _PHRASE_HEADS
        and not any(token.kind in _SMALL for token in tokens)
        and tokens[-1].kind not in _PHRASE_HEADS - {"date"}
    )


def _temporal(tokens: Sequence[Token], words: Words) -> bool:
    """Whether it says when or how often, as a phrase of its own: per year, on Monday, after 30 days."""
    head, *rest = tokens
    return head.kind in _PHRASE_HEADS and bool(rest) and all(_timed([token], words) for token in rest)


def _timed(tokens: Sequence[Token], words: Words) -> bool:
    return any(token.kind in ("date", "number") or token.plain in words.units for token in tokens)


def _things(tokens: Sequence[Token]) -> bool:
    return all(token.kind in _THINGS for token in tokens)


def _shown(tokens: Sequence[Token]) -> str:
    return "‘" + " ".join(token.shown for token in tokens) + "’"
