"""Quoted text, code, and what was pasted behind a colon are the same to the letter.

So is what follows a request and may be thanks, or a greeting to be translated: `in French, please. Good evening.`
"""

from ..aligning import Difference
from .telling import told


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    here, there = difference.asked.asides, difference.stored.asides
    if here and there and here != there:
        return f"{here} here, {there} there"
    return told(*difference.take(lambda token: token.kind == "quote"))
