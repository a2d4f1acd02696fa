"""No word stands here whose opposite, or whose rival, stands there."""

from ..aligning import Difference
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    opposites = difference.language.words.antonyms
    pairs = difference.take_pairs(lambda here, there: (here.base, there.base) in opposites)
    return told([pair[0] for pair in pairs], [pair[1] for pair in pairs])
