"""Numbers of the service in memory that all workers of a sidecar share, so that each of them tells the whole.

Each worker writes into a row of its own, and whoever is asked adds up all rows. Who takes the place of a worker that
ended goes on in its row: nothing that was counted is lost, and no sum falls, as long as the sidecar runs.
"""

import mmap
import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from .families import OTHER, STATUSES, Family, families

_NUMBER = 8
"""Bytes."""
_TAKEN = 0
"""Where a row says whether somebody writes into it."""


class Board:
    """The rows of all workers; made before they are forked."""

    def __init__(self, upstreams: Sequence[str] = (), rows: int = 1) -> None:
        self.families = families(upstreams)
        self.places: dict[str, dict[tuple[str, ...], int]] = {}
        """By metric and labels, where the numbers of a series begin in each row."""
        width = _TAKEN + 1
        for family in self.families:
            self.places[family.name] = {labels: width + at * family.width for at, labels in enumerate(family.series)}
            width += len(family.series) * family.width
        self._memory = memoryview(mmap.mmap(-1, rows * width * _NUMBER)).cast("d")
        self._rows = [self._memory[at * width : (at + 1) * width] for at in range(rows)]

    def take(self) -> int:
        """A row for a worker that begins."""
        for at, row in enumerate(self._rows):
            if not row[_TAKEN]:
                row[_TAKEN] = 1.0
                return at
        return len(self._rows) - 1

    def give_back(self, row: int) -> None:
        """Its worker has ended."""
        self._rows[row][_TAKEN] = 0.0

    def row(self, at: int) -> "memoryview[float]":
        return self._rows[at]

    def leads(self, at: int) -> bool:
        """Whether nobody writes into a row before this one."""
        return not any(row[_TAKEN] for row in self._rows[:at])

    @property
    def workers(self) -> int:
        """How many write."""
        return int(sum(row[_TAKEN] for row in self._rows))

    def sums(self, family: Family) -> Iterator[tuple[tuple[str, ...], Sequence[float]]]:
        """The numbers of each series, over all rows."""
        called = self._called() if family.of_upstreams else None
        for labels, numbers in self._all(family):
            if called is None or labels[0] in called:
                yield labels, numbers

    def _called(self) -> set[str]:
        """The upstreams of which anything was counted. All their series are shown: a first failure is a rise then."""
        return {
            labels[0]
            for family in self.families
            if family.of_upstreams
            for labels, numbers in self._all(family)
            if any(numbers)
        }

    def _all(self, family: Family) -> Iterator[tuple[tuple[str, ...], Sequence[float]]]:
        for labels, at in self.places[family.name].items():
            yield labels, [sum(row[each] for row in self._rows) for each in range(at, at + family.width)]


class Counter:
    """Counts events of one family."""

    __slots__ = ("_lock", "_places", "_row")

    def __init__(self, row: "memoryview[float]", lock: threading.Lock, places: Mapping[tuple[str, ...], int]) -> None:
        self._row = row
        self._lock = lock
        self._places = places

    def add(self, *labels: str) -> None:
        """What has no series of its own counts as `other`."""
        at = self._places.get(labels)
        if at is None:
            at = self._places[OTHER, *labels[1:]]
        with self._lock:
            self._row[at] += 1.0


class Histogram:
    """Counts durations of one family, which has one label."""

    __slots__ = ("_bounds", "_lock", "_other", "_places", "_row", "_sum")

    def __init__(
        self,
        row: "memoryview[float]",
        lock: threading.Lock,
        places: Mapping[tuple[str, ...], int],
        bounds: Sequence[float],
    ) -> None:
        self._row = row
        self._lock = lock
        self._places = {labels[0]: at for labels, at in places.items()}
        self._other = self._places.get(OTHER, 0)
        self._bounds = tuple(bounds)
        self._sum = len(bounds) + 1

    def observe(self, label: str, seconds: float) -> None:
        """What has no series of its own counts as `other`."""
        at = self._places.get(label, self._other)
        bucket = at + bisect_left(self._bounds, seconds)
        with self._lock:
            self._row[bucket] += 1.0
            self._row[at + self._sum] += seconds


class Measures:
    """What one worker counts. Safe to share between threads; a count takes about a microsecond."""

    def __init__(self, board: Board | None = None, row: int | None = None) -> None:
        self.board = board or Board()
        self._at = self.board.take() if row is None else row
        self._row = self.board.row(self._at)
        self._lock = threading.Lock()
        places, bounds = self.board.places, self._bounds("prompt_cache_request_duration_seconds")
        self._request_bounds, self._request_sum = bounds, len(bounds) + 1
        self._requests = {
            kind: (at, {status: places["prompt_cache_requests"][kind, status] for status in STATUSES})
            for (kind,), at in places["prompt_cache_request_duration_seconds"].items()
        }
        self.first_byte = self._histogram("prompt_cache_upstream_first_byte_seconds")
        self.upstream_seconds = self._histogram("prompt_cache_upstream_duration_seconds")
        self.upstream_failures = self._counter("prompt_cache_upstream_failures")
        self.store_seconds = self._histogram("prompt_cache_store_duration_seconds")
        self.store_errors = self._counter("prompt_cache_store_errors")

    @property
    def is_first(self) -> bool:
        """Whether of all workers this one does, for now, what one of them has to."""
        return self.board.leads(self._at)

    def request(self, kind: str, status: int, seconds: float) -> None:
        """A request has ended, whatever came of it. Of all that is counted, this alone is on the way of each hit."""
        at, counts = self._requests[kind]
        bucket = at + bisect_left(self._request_bounds, seconds)
        row, counted = self._row, counts["left" if status == LEFT else _CLASSES.get(status // 100, "5xx")]
        with self._lock:
            row[bucket] += 1.0
            row[at + self._request_sum] += seconds
            row[counted] += 1.0

    def _counter(self, name: str) -> Counter:
        return Counter(self._row, self._lock, self.board.places[name])

    def _histogram(self, name: str) -> Histogram:
        return Histogram(self._row, self._lock, self.board.places[name], self._bounds(name))

    def _bounds(self, name: str) -> tuple[float, ...]:
        return next(family.bounds for family in self.board.families if family.name == name)


LEFT = 499
"""The status of who left before it had an answer."""


_CLASSES = {int(each[0]): each for each in STATUSES if each != "left"}
