"""Quoted text, code, and what was pasted behind a colon are the same to the letter."""

from ..aligning import Difference
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    return told(*difference.take(lambda token: token.kind == "quote"))
