"""No word stands here whose opposite, or whose rival, stands there."""

from ..aligning import Difference
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    opposites = difference.language.words.opposites
    return told(*difference.take_pairs(lambda token: opposites.get(token.base, ())))
