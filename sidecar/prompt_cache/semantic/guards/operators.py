"""Small words that change what is asked are the same: all or any, must or can, before or after, you or they."""

from ..aligning import Difference
from ..languages.base import OPERATORS
from ..tokens import PAST
from .telling import told

_SMALL = frozenset(OPERATORS) - {"negation", "date"}


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    here, there = difference.take_pairs(lambda token: (token.base,))
    more_here, more_there = difference.take(lambda token: token.kind in _SMALL or token.key.endswith(PAST))
    return told([*here, *more_here], [*there, *more_there])
