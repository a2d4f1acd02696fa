"""Everything in this process's memory: the fastest, gone with the process, seen by no other."""

import heapq
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from .base import Page, Record, Selector, Store, Tally, Usage


class MemoryStore(Store):
    """Plain dictionaries behind one lock."""

    shared = False

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._records: dict[str, Record] = {}
        self._worth: dict[str, float] = {}
        self._order: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self._labels: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
        self._usage: dict[str, Usage] = {}
        self._versions: dict[str, dict[str, int]] = defaultdict(dict)
        self._leases: dict[str, tuple[str, float]] = {}
        self._tallies: dict[tuple[str, str], dict[str, float]] = {}

    @classmethod
    def from_url(cls, url: str, *, timeout: float = 2.0, prefix: str = "prompt-cache") -> "MemoryStore":  # noqa: ARG003
        if url.removeprefix("memory://"):
            raise ValueError("memory:// takes nothing after the slashes")
        return cls()

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        now = self._clock()
        found = (self._records.get(key) for key in keys)
        return [record.body if record and _alive(record, now) else None for record in found]

    def put(self, records: Sequence[Record]) -> None:
        with self._lock:
            self.delete([record.key for record in records])
            for record in records:
                self._records[record.key] = record
                self._worth[record.key] = record.worth
                for index in self._indexes(record):
                    place = (record.created, record.key)
                    index.insert(bisect_left(index, place), place)
                held = self._usage.get(record.namespace, Usage())
                self._usage[record.namespace] = Usage(held.entries + 1, held.bytes + record.size)

    def delete(self, keys: Sequence[str]) -> int:
        deleted, now = 0, self._clock()
        with self._lock:
            for key in keys:
                record = self._records.pop(key, None)
                if record is None:
                    continue
                del self._worth[key]
                for index in self._indexes(record):
                    del index[bisect_left(index, (record.created, key))]
                held = self._usage[record.namespace]
                self._usage[record.namespace] = Usage(held.entries - 1, held.bytes - record.size)
                deleted += _alive(record, now)
        return deleted

    def find(self, selector: Selector, *, limit: int, cursor: str | None = None) -> Page:
        end = _place(cursor)
        if selector.created_before is not None:
            end = min(end, (selector.created_before, ""))
        now, needle = self._clock(), (selector.text or "").casefold()
        wanted, some = set(selector.labels), set(selector.any_label)
        found: list[str] = []
        with self._lock:
            if wanted:
                indexes = [self._labels.get((selector.namespace, label), []) for label in wanted]
            else:
                indexes = [self._order.get(selector.namespace, [])]
            index = min(indexes, key=len)
            at = bisect_left(index, end)
            while at > 0 and len(found) < limit:
                at -= 1
                record = self._records[index[at][1]]
                if (
                    _alive(record, now)
                    and wanted.issubset(record.labels)
                    and (not some or not some.isdisjoint(record.labels))
                    and needle in (record.text or "").casefold()
                ):
                    found.append(record.key)
            return Page(found, f"{index[at][0]!r}/{index[at][1]}" if at > 0 else None)

    def usage(self) -> dict[str, Usage]:
        with self._lock:
            return {namespace: held for namespace, held in self._usage.items() if held.entries}

    def cheapest(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        with self._lock:
            records = [self._records[key] for _, key in self._order.get(namespace, [])]
            least = heapq.nsmallest(limit, records, key=lambda r: (self._worth[r.key] / max(r.size, 1), r.created))
            return [(record.key, record.size) for record in least]

    def credit(self, gains: Mapping[str, float]) -> None:
        with self._lock:
            for key, gain in gains.items():
                if key in self._worth:
                    self._worth[key] += gain

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        with self._lock:
            numbers = self._versions[namespace]
            epoch = max(numbers.values(), default=0) + 1
            numbers.update(dict.fromkeys(names, epoch))
            return epoch

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        with self._lock:
            numbers = self._versions.get(namespace, {})
            epoch = max(numbers.values(), default=0)
            return epoch, {name: numbers[name] for name in names if name in numbers}

    def acquire(self, key: str, token: str, ttl: float) -> float:
        now = self._clock()
        with self._lock:
            _, until = self._leases.get(key, ("", 0.0))
            if until > now:
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

    def add(self, tallies: Sequence[Tally]) -> None:
        with self._lock:
            for tally in tallies:
                sums = self._tallies.setdefault((tally.bucket, tally.series), {})
                for name, value in tally.sums.items():
                    sums[name] = sums.get(name, 0.0) + value

    def tallies(self, since: str, until: str) -> Iterator[Tally]:
        with self._lock:
            found = [
                Tally(bucket, series, dict(sums))
                for (bucket, series), sums in self._tallies.items()
                if since <= bucket < until
            ]
        yield from found

    def ping(self) -> None:
        return None

    def sweep(self) -> int:
        now = self._clock()
        with self._lock:
            dead = [key for key, record in self._records.items() if not _alive(record, now)]
            self.delete(dead)
            self._leases = {key: lease for key, lease in self._leases.items() if lease[1] > now}
        return len(dead)

    def _indexes(self, record: Record) -> list[list[tuple[float, str]]]:
        labels = [self._labels[record.namespace, label] for label in set(record.labels)]
        return [self._order[record.namespace], *labels]


def _alive(record: Record, now: float) -> bool:
    return record.expires is None or record.expires > now


def _place(cursor: str | None) -> tuple[float, str]:
    if cursor is None:
        return (float("inf"), "")
    created, slash, key = cursor.partition("/")
    try:
        if slash:
            return (float(created), key)
    except ValueError:
        pass
    raise ValueError("the cursor is not one that a listing returned")
