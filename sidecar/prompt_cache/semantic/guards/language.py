"""Both texts are in one language, and in one whose small words are known."""

from ..aligning import Difference


def saw(difference: Difference) -> str:
    """What differs, in plain words; empty where nothing does."""
    here, there = difference.asked.language, difference.stored.language
    if here is None or there is None:
        return "a language that is not known well enough"
    return "" if here == there else f"{here} here, {there} there"
