"""Both say no to the same."""

from ..aligning import Difference
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    words = difference.language.words
    here, there = difference.take_pairs(
        lambda token: [
            key for key in words.opposites.get(token.base, ()) if token.kind == "negation" or words.negates(key)
        ]
    )
    more_here, more_there = difference.take(lambda token: token.kind == "negation")
    return told([*here, *more_here], [*there, *more_there])
