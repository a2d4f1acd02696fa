"""Addresses on the web and of mail are the same."""

from ..aligning import Difference
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    return told(*difference.take(lambda token: token.kind == "address"))
