"""Nothing is left over that no other guard speaks of, and something was said at all."""

from ..aligning import Difference
from ..tokens import CONTENT
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    left = told(*difference.take(lambda _: True))
    if not left and not any(token.kind in CONTENT for token in difference.asked.tokens):
        return "nothing that says what is asked"
    return left
