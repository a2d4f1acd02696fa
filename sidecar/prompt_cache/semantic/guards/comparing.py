"""All guards on two texts."""

from collections.abc import Collection

from .names import GUARDS, Verdict


def compare(asked: str, stored: str, guards: Collection[str] = GUARDS) -> list[Verdict]:
    """The verdict of each of these guards, in the order of GUARDS; one answer serves both texts where all agree."""
    same = asked == stored
    return [Verdict(name, same) for name in GUARDS if name in guards]
