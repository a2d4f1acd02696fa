"""Which lookup an answer belongs to, where LangChain or LangGraph asks for both apart."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple


class Ticket(NamedTuple):
    """That of a lookup, and for how many seconds the answer was made since it was asked last."""

    ticket: str
    latency: float


class _Miss(NamedTuple):
    key: str
    """Held, so that its identity is no other's."""
    ticket: str
    since: float


class Tickets:
    """The tickets of misses whose answers are still to come. Safe to use from many threads.

    Questions may well have equal keys: items of one fan-out, runs of two users. LangChain and LangGraph give the very
    same string object of a key to a lookup and to what stores its answer, and this tells them apart: no answer takes
    the ticket of a question that was asked later, which could make its old data pass for fresh.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`most` questions are under way at once, or failed; what goes beyond is forgotten, the oldest first."""
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._open: OrderedDict[tuple[int, Hashable], _Miss] = OrderedDict()

    def miss(self, key: str, beside: Hashable, ticket: str) -> None:
        """`beside` is what a question consists of beside its key. Of one object's misses the first counts: LangGraph
        looks running tasks up again, and their data is of before."""
        with self._lock:
            first = self._open.pop((id(key), beside), None)
            self._open[id(key), beside] = _Miss(key, first.ticket if first else ticket, self._clock())
            if len(self._open) > self._most:
                self._open.popitem(last=False)

    def take(self, key: str, beside: Hashable) -> Ticket | None:
        """The ticket of this very question; None when it never missed here, or was answered already."""
        with self._lock:
            miss = self._open.pop((id(key), beside), None)
        return miss and Ticket(miss.ticket, self._clock() - miss.since)

    def __len__(self) -> int:
        return len(self._open)
