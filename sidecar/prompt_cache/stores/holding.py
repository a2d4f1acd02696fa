"""What a memory store finds the records of a namespace by."""

from bisect import bisect_left
from heapq import heapify, heappop, heappush

from .base import Gain, NamespaceSize, Record

Place = tuple[float, str]
"""Where a record stands in order of age: (created, key)."""


class Ranking:
    """Keys by a number, the least first, the older first among equals."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, float, str]] = []
        self._places: dict[str, tuple[float, float, str]] = {}

    def place(self, key: str, number: float, created: float) -> None:
        place = self._places[key] = (number, created, key)
        heappush(self._heap, place)
        if len(self._heap) > 2 * len(self._places) + 1000:  # most of it is of keys that have gone or moved since
            self._heap = list(self._places.values())
            heapify(self._heap)

    def remove(self, key: str) -> None:
        self._places.pop(key, None)

    def first(self, limit: int) -> list[str]:
        first: list[tuple[float, float, str]] = []
        while self._heap and len(first) < limit:
            place = heappop(self._heap)
            if self._places.get(place[2]) is place:
                first.append(place)
        for place in first:
            heappush(self._heap, place)
        return [key for _, _, key in first]


class Holding:
    """What a namespace holds, in the orders it is looked through."""

    def __init__(self) -> None:
        self.size = NamespaceSize()
        self.order: list[Place] = []
        self.labels: dict[str, list[Place]] = {}
        self.ranking = Ranking()
        self._worth: dict[str, float] = {}
        self._gains: dict[str, Gain] = {}

    def add(self, record: Record) -> None:
        place = (record.created, record.key)
        for index in (self.order, *(self.labels.setdefault(label, []) for label in set(record.labels))):
            index.insert(bisect_left(index, place), place)
        self.size = NamespaceSize(self.size.entries + 1, self.size.bytes + record.size)
        self._add_worth(record, record.worth)

    def remove(self, record: Record) -> None:
        place = (record.created, record.key)
        del self.order[bisect_left(self.order, place)]
        for label in set(record.labels):
            index = self.labels[label]
            del index[bisect_left(index, place)]
            if not index:
                del self.labels[label]
        self.size = NamespaceSize(self.size.entries - 1, self.size.bytes - record.size)
        self.ranking.remove(record.key)
        del self._worth[record.key]
        self._gains.pop(record.key, None)

    def add_gain(self, record: Record, gain: Gain) -> None:
        before = self._gains.get(record.key, Gain())
        self._gains[record.key] = Gain(before.hits + gain.hits, before.worth + gain.worth)
        self._add_worth(record, gain.worth)

    def hits(self, key: str) -> int:
        return self._gains.get(key, Gain()).hits

    def by_gain(self) -> list[Place]:
        """What gained something, with what it gained in the place of its age."""
        return sorted((gain.worth, key) for key, gain in self._gains.items())

    def _add_worth(self, record: Record, gain: float) -> None:
        worth = self._worth[record.key] = self._worth.get(record.key, 0.0) + gain
        self.ranking.place(record.key, worth / max(record.size, 1), record.created)
