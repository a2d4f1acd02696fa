"""How often pairs that the guards let through were wrong, by how similar they are; and what that proves."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from math import exp, inf, lgamma, log, log1p

from ...savings.series import Dimensions
from ...stores.base import CounterRow, CounterStore

CONFIDENCE = 0.95
BAND = 0.02
"""How wide a band of similarities is. Each is proven by its own pairs: those far apart are wrong more often."""
UNPLACED = "?"
"""The band of errors whose similarity is not known; they count in every one."""
_BUCKET = "learned:"
_READ_EVERY = 1.0
_NAMESPACES = 1000
_MANY = 1_000_000
_NEGLIGIBLE = 1e-12


def band_of(similarity: float) -> str:
    """The band of a similarity, by its lower end."""
    return f"{int(max(0.0, min(similarity, 1.0)) / BAND + 1e-9) * BAND:.2f}"


class Evidence:
    """Counts pairs in the store, where no hour or day forgets them. Raises StoreUnavailable.

    Apart for each embedder, whose similarities are its own.
    """

    def __init__(self, store: CounterStore, embedder: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._embedder = embedder
        self._clock = clock
        self._read: dict[str, tuple[float, Mapping[str, tuple[int, int]]]] = {}

    def move(self, namespace: str, before: tuple[str, bool] | None, after: tuple[str, bool] | None) -> None:
        """A pair counts as (its band, whether one answer serves both) from now on, and no longer as before."""
        if before == after:
            return
        sums: dict[str, dict[str, float]] = {}
        for counted, by in ((before, -1.0), (after, 1.0)):
            if counted:
                band, same = counted
                row, name = sums.setdefault(band, {}), "same" if same else "different"
                row[name] = row.get(name, 0.0) + by
        self._store.increment(
            [CounterRow(_BUCKET + namespace, self._series(namespace, band), row) for band, row in sums.items()]
        )
        self._read.pop(namespace, None)

    def missing(self, namespace: str, similarity: float, most: float) -> str | None:
        """None where fewer than this share is wrong, at 95% confidence; else what is missing, as a sentence."""
        band, counted = band_of(similarity), self._counted(namespace)
        same, different = counted.get(band, (0, 0))
        different += counted.get(UNPLACED, (0, 0))[1] if band != UNPLACED else 0
        if is_proven(different, same + different, most):
            return None
        upto, more = float(band) + BAND, still_needed(different, same + different, most)
        needs = "needs more than can be counted" if more is None else f"needs {more} more that agree"
        return (
            f"not proven to be wrong in at most {most * 100:g}% at similarities from {band} to {upto:.2f}: "
            f"of {same + different} compared {different} were wrong; {needs}"
        )

    def _counted(self, namespace: str) -> Mapping[str, tuple[int, int]]:
        """By band how many pairs share an answer and how many do not, no older than a second."""
        now = self._clock()
        at, counted = self._read.get(namespace, (-inf, {}))
        if not 0 <= now - at < _READ_EVERY:
            counted = self._all(namespace)
            if len(self._read) >= _NAMESPACES:
                self._read.clear()
            self._read[namespace] = now, counted
        return counted

    def _all(self, namespace: str) -> Mapping[str, tuple[int, int]]:
        bucket = _BUCKET + namespace
        found = {}
        for row in self._store.counters(bucket, f"{bucket}!"):  # no namespace has a "!" in its name
            series = Dimensions.of(row.series)
            if series.model == self._embedder:
                same, different = (max(0, round(row.sums.get(name, 0.0))) for name in ("same", "different"))
                found[series.node] = same, different
        return found

    def _series(self, namespace: str, band: str) -> str:
        return Dimensions(namespace, self._embedder, "", band).series


def is_proven(wrong: int, total: int, most: float) -> bool:
    """Whether the share of wrong ones is no more than this, at 95% confidence.

    That is where the upper bound of Clopper and Pearson, one-sided, is no higher: of the known bounds the one that
    never promises too much, however few were counted.
    """
    return wrong < total * most and _at_most(wrong, total, most) <= 1 - CONFIDENCE


@lru_cache(maxsize=4096)
def still_needed(wrong: int, total: int, most: float) -> int | None:
    """How many more pairs have to agree until it is proven; None beyond a million."""
    low, high = 0, 1
    while not is_proven(wrong, total + high, most):
        low, high = high, high * 2
        if high > _MANY:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if is_proven(wrong, total + middle, most):
            high = middle
        else:
            low = middle
    return high


def _at_most(wrong: int, total: int, share: float) -> float:
    """The probability of so many wrong ones or fewer, where more are expected."""
    log_term = (
        lgamma(total + 1)
        - lgamma(wrong + 1)
        - lgamma(total - wrong + 1)
        + wrong * log(share)
        + (total - wrong) * log1p(-share)
    )
    term = sum_ = exp(log_term)
    for some in range(wrong, 0, -1):
        term *= some * (1 - share) / ((total - some + 1) * share)
        sum_ += term
        if term < sum_ * _NEGLIGIBLE:
            break
    return sum_
