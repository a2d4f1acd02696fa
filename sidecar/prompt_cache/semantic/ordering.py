"""Which reorderings keep what is said."""

from collections.abc import Sequence

from .languages.base import Words
from .tokens import Token

_PHRASE_HEADS = frozenset(("place", "time", "link", "date"))
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
    if _swapped(middle, other, words, alone=len(middle) == len(here)):
        return ""
    return f"{_shown(middle)} here, {_shown(other)} there"


def _swapped(middle: Sequence[Token], other: Sequence[Token], words: Words, *, alone: bool) -> bool:
    """Whether the two are the same two parts, one after the other, of a kind that may change places.

    `alone`: nothing else is said, so that a verb is one and the rest its object: `password reset`, `reset password`.
    Beside anything else an order is a thing, and users who invite are not invited.
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
            if words.free and any(_phrase(one) and _things(two) for one, two in ((left, right), (right, left))):
                return True
            if alone and any(_deed(*parts, words) for parts in ((left, right), (right, left))):
                return True
    return False


def _deed(verb: Sequence[Token], thing: Sequence[Token], words: Words) -> bool:
    if len(verb) != 1 or verb[0].key not in words.actions:
        return False
    return all(token.kind == "word" and token.key not in words.actions for token in thing)


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
    return all(token.kind in ("word", "name") for token in tokens)


def _shown(tokens: Sequence[Token]) -> str:
    return "‘" + " ".join(token.shown for token in tokens) + "’"
