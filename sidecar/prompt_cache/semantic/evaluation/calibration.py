"""Which threshold one's own pairs bear out."""

from collections.abc import Callable, Sequence
from itertools import takewhile

from msgspec import Struct

from .judging import Judged
from .rates import most, needed
from .report import Counts, count

THRESHOLDS = tuple(at / 100 for at in range(99, 29, -1))
"""Those that are tried, the strictest first."""


class Calibration(Struct, frozen=True, kw_only=True):
    """The error is the share of negatives that are served."""

    threshold: float | None
    """None where even the strictest is wrong too often."""
    promised: bool
    """Whether a larger error is ruled out, with 95% confidence."""
    counts: Counts
    """At this threshold, or else the strictest."""
    most_wrong: float
    """The error that is not exceeded with 95% confidence."""
    missing: int | None
    """How many more negatives would do, if none of them is served; None where there is no threshold."""


def calibrate(judged: Sequence[Judged], max_error: float) -> Calibration:
    """The threshold with most hits among those that keep to the error; of equals the strictest.

    They are tried from the strictest down, and the first that fails ends it: so that all that passed hold together at
    95%, as if only one had been tried.
    """
    tried = [(threshold, count(judged, threshold)) for threshold in THRESHOLDS]
    proven = _until(tried, lambda counts: most(counts.served_negatives, counts.negatives) <= max_error)
    likely = _until(tried, lambda counts: counts.served_negatives <= max_error * counts.negatives)
    best = max(proven or likely, key=lambda each: (each[1].served_positives, each[0]), default=None)
    threshold, counts = best or (None, tried[0][1])
    missing = max(needed(counts.served_negatives, max_error) - counts.negatives, 0)
    return Calibration(
        threshold=threshold,
        promised=bool(proven),
        counts=counts,
        most_wrong=most(counts.served_negatives, counts.negatives),
        missing=None if threshold is None else missing,
    )


def _until(tried: Sequence[tuple[float, Counts]], keeps: Callable[[Counts], bool]) -> list[tuple[float, Counts]]:
    return list(takewhile(lambda each: keeps(each[1]), tried))
