"""Nothing is left over that no other guard speaks of."""

from ..aligning import Difference
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    if not difference.asked.tokens and not difference.stored.tokens:
        return "neither asks for anything"
    return told(*difference.take(lambda _: True))
