"""Everything in this process's memory: the fastest, gone with the process, seen by no other."""

import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isfinite
from sys import getsizeof
from urllib.parse import parse_qsl

from ..values.sizes import size
from .base import (
    MANY_NAMES,
    Bounds,
    CounterMove,
    CounterRow,
    Gain,
    NamespaceSize,
    Neighbour,
    Page,
    Record,
    RecordQuery,
    Store,
    StoreFull,
    VectorRecord,
    VectorStore,
    is_expendable,
)
from .holding import Holding, Place, Ranking
from .vectors import FLOAT, Spaces, dimension, numpy

_BOUNDS = Bounds(max_bytes=256 * 1024**2)
_EXPENDABLE_SHARE = 16
_FEW = 100


class MemoryStore(Store, VectorStore):
    """Plain dictionaries behind one lock, bounded as a whole so that they never eat up their process.

    Past the bound the namespace that holds the most gives first: what has ended, then the least worth per byte. What is
    expendable takes no room from what is not: it may fill what that leaves, and always has a sixteenth besides.
    """

    shared = False
    local = True

    def __init__(self, clock: Callable[[], float] = time.time, bounds: Bounds = _BOUNDS) -> None:
        self._bounds = bounds
        self._bounds_of_expendable = Bounds(
            None if bounds.max_entries is None else max(bounds.max_entries // _EXPENDABLE_SHARE, _FEW),
            None if bounds.max_bytes is None else bounds.max_bytes // _EXPENDABLE_SHARE,
        )
        self._clock = clock
        self._lock = threading.RLock()
        self._records: dict[str, Record] = {}
        self._expendable = NamespaceSize()
        self._lasting = NamespaceSize()
        self._holdings: dict[str, Holding] = {}
        self._ending = Ranking()
        self._vectors = Spaces()
        self._generations: dict[str, int] = {}
        self._versions: dict[str, dict[str, int]] = {}
        self._leases: dict[str, tuple[str, float]] = {}
        self._counters: dict[tuple[str, str], dict[str, float]] = {}

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "MemoryStore":  # noqa: ARG003
        """`memory://`, `memory://?max_bytes=1GB&max_entries=100000`; the bytes are those of memory, by estimate."""
        _, _, query = url.partition("?")
        options = dict(parse_qsl(query, keep_blank_values=True))
        if url.partition("?")[0] != "memory://" or not options.keys() <= {"max_bytes", "max_entries"}:
            raise ValueError("memory takes no more than memory://?max_bytes=256MB&max_entries=100000")
        bounds = {name: _number(name, value) for name, value in options.items()}
        return cls(bounds=Bounds(**{"max_bytes": _BOUNDS.max_bytes, **bounds}))

    # -- records -----

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        now = self._clock()
        found = (self._records.get(key) for key in keys)
        return [record.body if record and _alive(record, now) else None for record in found]

    def put(self, records: Sequence[Record]) -> None:
        last = {record.key: record for record in records}
        for record in last.values():
            if self._bounds.exceeded(NamespaceSize(1, _footprint(record))):
                raise StoreFull("a record is larger than the whole memory store may become: raise its max_bytes")
        with self._lock:
            for record in last.values():
                self._remove(record.key)
                self._records[record.key] = record
                self._weigh(record, 1)
                self._holdings.setdefault(record.namespace, Holding()).add(record)
                if record.expires is not None:
                    self._ending.place(record.key, record.expires, record.created)
                self._make_room(record.key)

    def delete(self, keys: Sequence[str]) -> int:
        now = self._clock()
        with self._lock:
            gone = [self._remove(key) for key in keys]
        return sum(record is not None and _alive(record, now) for record in gone)

    def _remove(self, key: str) -> Record | None:
        record = self._records.pop(key, None)
        if record is not None:
            self._weigh(record, -1)
            self._weigh_vector(record.namespace, -self._vectors.remove(key))
            self._ending.remove(key)
            holding = self._holdings[record.namespace]
            holding.remove(record)
            if not holding.size.entries:
                del self._holdings[record.namespace]
        return record

    def _weigh(self, record: Record, sign: int) -> None:
        self._add_to_size(record.namespace, sign, sign * _footprint(record))

    def _weigh_vector(self, namespace: str, numbers: int) -> None:
        # A quarter more, as its matrix has free rows; what it is found by takes a little of what a record is taken for.
        self._add_to_size(namespace, 0, numbers * FLOAT * 5 // 4)

    def _add_to_size(self, namespace: str, entries: int, bytes_: int) -> None:
        if is_expendable(namespace):
            self._expendable = _sum(self._expendable, entries, bytes_)
        else:
            self._lasting = _sum(self._lasting, entries, bytes_)

    def _make_room(self, but: str) -> None:
        while self._bounds.exceeded(_sum(self._lasting, self._expendable.entries, self._expendable.bytes)):
            expendable = self._bounds_of_expendable.exceeded(self._expendable)
            if not expendable and not self._bounds.exceeded(self._lasting):
                return
            if not self._remove_ended(1) and not self._remove_least(but, expendable=expendable):
                return

    def _remove_least(self, but: str, *, expendable: bool) -> bool:
        """Remove the least of the largest namespace of its kind, and never the one record just put."""
        kind = [holding for namespace, holding in self._holdings.items() if is_expendable(namespace) == expendable]
        for holding in sorted(kind, key=lambda holding: holding.size.bytes, reverse=True):
            for key in holding.ranking.first(2):
                if key != but:
                    self._remove(key)
                    return True
        return False

    def _remove_ended(self, limit: int) -> int:
        now = self._clock()
        ended = [key for key in self._ending.first(limit) if not _alive(self._records[key], now)]
        for key in ended:
            self._remove(key)
        return len(ended)

    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        oldest = query.order == "oldest"
        reached = None if cursor is None else _place(cursor)
        before = None if query.created_before is None else (query.created_before, "")
        now, needle = self._clock(), (query.text or "").casefold()
        wanted, some = set(query.labels), set(query.any_label)
        found: list[str] = []
        with self._lock:
            holding = self._holdings.get(query.namespace) or Holding()
            index = min((holding.labels.get(label, []) for label in wanted), key=len, default=holding.order)
            if query.order == "gained":
                index = holding.by_gain()
            end = len(index) if before is None or query.order == "gained" else bisect_left(index, before)
            if oldest:
                places = range(bisect_right(index, reached) if reached else 0, end)
            else:
                places = range(min(end, bisect_left(index, reached)) if reached else end)[::-1]
            seen = 0
            while seen < len(places) and len(found) < limit:
                place = index[places[seen]]
                seen += 1
                record = self._records[place[1]]
                if (
                    _alive(record, now)
                    and wanted.issubset(record.labels)
                    and (not some or not some.isdisjoint(record.labels))
                    and (before is None or record.created < before[0])
                    and not (query.unserved and holding.hits(record.key))
                    and needle in (record.text or "").casefold()
                ):
                    found.append(record.key)
            return Page(found, f"{place[0]!r}/{place[1]}" if seen < len(places) else None)

    def sizes(self) -> dict[str, NamespaceSize]:
        with self._lock:
            return {namespace: holding.size for namespace, holding in self._holdings.items()}

    def eviction_candidates(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        with self._lock:
            holding = self._holdings.get(namespace) or Holding()
            return [(key, self._records[key].size) for key in holding.ranking.first(limit)]

    def add_gains(self, gains: Mapping[str, Gain]) -> None:
        with self._lock:
            for key, gain in gains.items():
                if record := self._records.get(key):
                    self._holdings[record.namespace].add_gain(record, gain)

    def hits(self, keys: Sequence[str]) -> list[int]:
        with self._lock:
            found = (self._records.get(key) for key in keys)
            return [self._holdings[record.namespace].hits(record.key) if record else 0 for record in found]

    # -- versions -----

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        with self._lock:
            generation = self._generations[namespace] = self._generations.get(namespace, 0) + 1
            self._versions.setdefault(namespace, {}).update(dict.fromkeys(names, generation))
            return generation

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        with self._lock:
            numbers = self._versions.get(namespace, {})
            return self._generations.get(namespace, 0), {name: numbers[name] for name in names if name in numbers}

    def get_with_versions(
        self, keys: Sequence[str], namespace: str
    ) -> tuple[list[bytes | None], int, dict[str, int] | None]:
        bodies = self.get(keys)
        with self._lock:
            numbers = self._versions.get(namespace, {})
            few = len(numbers) <= MANY_NAMES
            return bodies, self._generations.get(namespace, 0), dict(numbers) if few else None

    # -- leases -----

    def acquire(self, key: str, token: str, ttl: float) -> float:
        now = self._clock()
        with self._lock:
            holder, until = self._leases.get(key, ("", 0.0))
            if until > now and holder != token:
                return until - now
            self._leases[key] = (token, now + ttl)
            return 0.0

    def release(self, key: str, token: str) -> bool:
        with self._lock:
            holder, until = self._leases.get(key, ("", 0.0))
            if holder != token or until <= self._clock():
                return False
            del self._leases[key]
            return True

    # -- counters -----

    def increment(self, counters: Sequence[CounterRow]) -> None:
        with self._lock:
            for row in counters:
                self._add(row.bucket, row.series, row.sums)

    def increment_and_get(self, counters: Sequence[CounterRow]) -> list[CounterRow]:
        with self._lock:
            self.increment(counters)
            return [
                CounterRow(row.bucket, row.series, {name: held[name] for name in row.sums})
                for row in counters
                for held in (self._counters[row.bucket, row.series],)
            ]

    def _add(self, bucket: str, series: str, more: Mapping[str, float]) -> None:
        sums = self._counters.setdefault((bucket, series), {})
        for name, value in more.items():
            sums[name] = sums.get(name, 0.0) + value

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        with self._lock:
            found = [
                CounterRow(bucket, series, dict(sums))
                for (bucket, series), sums in self._counters.items()
                if since <= bucket < until
            ]
        yield from found

    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        with self._lock:
            for move in moves:
                place = (move.row.bucket, move.row.series)
                sums = self._counters.get(place, {})
                moved = {name: sums.pop(name) for name in move.row.sums if name in sums}
                if not sums:
                    self._counters.pop(place, None)
                if moved and move.bucket is not None:
                    self._add(move.bucket, move.series, moved)

    # -- vectors -----

    def check_vectors(self) -> None:
        numpy()

    def put_vectors(self, vectors: Sequence[VectorRecord]) -> None:
        with self._lock:
            for each in vectors:
                if record := self._records.get(each.key):
                    before = self._vectors.put(each.key, each.space, each.vector)
                    self._weigh_vector(record.namespace, dimension(each.vector) - before)
                    self._make_room(each.key)

    def nearest(self, wanted: Sequence[tuple[str, bytes]], *, limit: int, least: float) -> list[list[Neighbour]]:
        with self._lock:
            while self._remove_ended(1):  # or they would take the places of those that live
                self._remove_ended(_FEW)
            return self._vectors.nearest(wanted, limit=limit, least=least)

    def delete_vectors(self, keys: Sequence[str]) -> None:
        with self._lock:
            for key in keys:
                if record := self._records.get(key):
                    self._weigh_vector(record.namespace, -self._vectors.remove(key))

    # -- life -----

    def ping(self) -> None:
        return None

    def sweep(self) -> int:
        swept = 0
        while True:
            with self._lock:
                ended = self._remove_ended(1000)
            swept += ended
            if not ended:
                break
        with self._lock:
            now = self._clock()
            self._leases = {key: lease for key, lease in self._leases.items() if lease[1] > now}
        return swept


def _sum(size: NamespaceSize, entries: int, bytes_: int) -> NamespaceSize:
    return NamespaceSize(size.entries + entries, size.bytes + bytes_)


def _alive(record: Record, now: float) -> bool:
    return record.expires is None or record.expires > now


def _footprint(record: Record) -> int:
    """Bytes of memory it takes, its places in the indexes included, by estimate."""
    texts = sum(getsizeof(text) + 150 for text in record.labels)
    return getsizeof(record.body) + getsizeof(record.text) + getsizeof(record.key) + texts + 900


def _place(cursor: str) -> Place:
    created, slash, key = cursor.partition("/")
    try:
        if slash and isfinite(float(created)):
            return (float(created), key)
    except ValueError:
        pass
    raise ValueError("the cursor is not one that a listing returned")


def _number(name: str, text: str) -> int:
    try:
        number = size(int(text) if text.isdecimal() else text)
    except ValueError:
        number = 0
    if not 0 < number < 10**15:
        raise ValueError(f"{name} of a memory store is a number such as 100000 or, in bytes, 256MB")
    return number
