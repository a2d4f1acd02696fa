"""Both say no to the same."""

from ..aligning import Difference
from ..tokens import Token
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    opposites = difference.language.words.antonyms

    def opposed(here: Token, there: Token) -> bool:
        return "negation" in (here.kind, there.kind) and (here.base, there.base) in opposites

    pairs = difference.take_pairs(opposed)
    here, there = difference.take(lambda token: token.kind == "negation")
    return told([*(pair[0] for pair in pairs), *here], [*(pair[1] for pair in pairs), *there])
