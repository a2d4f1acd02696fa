"""What the answer shall look like is the same: its format, its length, its language."""

from ..aligning import Difference
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    return told(*difference.take(lambda token: token.base in difference.language.words.form))
