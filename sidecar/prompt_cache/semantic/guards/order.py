"""The same words in the same roles."""

from ..aligning import Difference
from ..ordering import reordered


def saw(difference: Difference) -> str:
    """What stands elsewhere; empty where the order is the same, or says the same."""
    return reordered(*difference.sequences(), difference.language.words)
