"""Shares of what was counted, and what they say of what was not."""

import math
from collections.abc import Iterable

from msgspec import Struct

_Z = 1.959963985
"""Of the normal distribution: 95% lie within, on both sides."""


class Rate(Struct, frozen=True):
    """So many of so many; with Wilson's interval, in which the true share lies with 95% confidence."""

    of: int
    served: int
    share: float
    low: float
    high: float


def rate(served: int, of: int) -> Rate:
    """Where there is nothing to count, anything is possible."""
    if not of:
        return Rate(0, 0, 0.0, 0.0, 1.0)
    share = served / of
    spread = _Z * math.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    middle, scale = share + _Z**2 / (2 * of), 1 + _Z**2 / of
    low = 0.0 if served == 0 else (middle - spread) / scale
    high = 1.0 if served == of else (middle + spread) / scale
    return Rate(of, served, share, low, high)


def most(wrong: int, of: int, confidence: float = 0.95) -> float:
    """The share that is not exceeded with this confidence, exactly (Clopper and Pearson, one side).

    For none in n it is about 3/n.
    """
    if wrong >= of:
        return 1.0
    low, high = wrong / of, 1.0
    for _ in range(50):
        share = (low + high) / 2
        if _at_most(wrong, of, share) > 1 - confidence:
            low = share
        else:
            high = share
    return high


def needed(wrong: int, error: float, confidence: float = 0.95) -> int:
    """Of how many pairs so few may be wrong, to rule out a larger share than `error`."""
    low, high = wrong, max(wrong, 1)
    while most(wrong, high, confidence) > error:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if most(wrong, middle, confidence) > error else (low, middle)
    return high


def _at_most(wrong: int, of: int, share: float) -> float:
    """How likely no more than `wrong` are, where each is with probability `share`."""
    return sum(map(math.exp, _logs(wrong, of, share)))


def _logs(wrong: int, of: int, share: float) -> Iterable[float]:
    for k in range(wrong + 1):
        ways = math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)
        yield ways + k * math.log(share) + (of - k) * math.log1p(-share)
