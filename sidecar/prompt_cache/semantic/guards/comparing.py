"""All guards on two texts."""

from collections.abc import Collection

from msgspec import Struct

from .names import GUARDS


class Verdict(Struct, frozen=True):
    """What a guard says of two texts."""

    guard: str
    agrees: bool
    saw: str = ""
    """What differs, in plain words: `30 days here, 60 days there`."""


def compare(asked: str, stored: str, guards: Collection[str] = GUARDS) -> list[Verdict]:
    """The verdict of each of these guards, in the order of GUARDS; one answer serves both texts where all agree."""
    same = asked == stored
    return [Verdict(name, same) for name in GUARDS if name in guards]
