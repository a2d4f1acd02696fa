"""Which lookup a node's answer belongs to, while the node runs."""

import threading
from collections import OrderedDict

from langgraph.cache.base import FullKey

_MOST = 10_000
"""Tasks that run at once, or never came to an end; what goes beyond is forgotten, the oldest first."""


class Tickets:
    """The tickets of misses whose tasks are still to answer. Safe to use from many threads.

    Tasks may well have equal keys: items of one fan-out, runs of two users. LangGraph gives the very same string object
    of a task's key to `get` and to `set`, and this tells them apart: no task takes the ticket of one that asked later,
    which could make its old data pass for fresh.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[tuple[str, ...], int], tuple[str, str]] = OrderedDict()
        """By namespace and identity of the key: the key, held so that its identity is no other's, and the ticket."""

    def miss(self, key: FullKey, ticket: str) -> None:
        """A task's first miss counts: LangGraph looks running tasks up again, and their data is of before."""
        with self._lock:
            self._held.setdefault(_identity(key), (key[1], ticket))
            if len(self._held) > self._most:
                self._held.popitem(last=False)

    def take(self, key: FullKey) -> str | None:
        """The ticket of this very task; None when it never missed here, or was answered already."""
        with self._lock:
            held = self._held.pop(_identity(key), None)
        return held and held[1]

    def __len__(self) -> int:
        return len(self._held)


def _identity(key: FullKey) -> tuple[tuple[str, ...], int]:
    return tuple(key[0]), id(key[1])
