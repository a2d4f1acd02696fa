"""Flush: forget what a namespace holds, and what is on its way into it."""

from ..stores.base import Store
from .entries import Entries, Scope
from .missed.questions import MissedQuestions
from .misses import Misses
from .policy import FLUSH


class Flushes:
    """Empties namespaces. Raises StoreUnavailable."""

    def __init__(self, store: Store, entries: Entries, misses: Misses, missed: MissedQuestions) -> None:
        self._store = store
        self._entries = entries
        self._misses = misses
        self._missed = missed

    def one(self, namespace: str) -> int:
        """Forget a namespace; returns how many entries that were."""
        # First the bump: whoever stores after it is refused, and whoever stored before it is found and deleted.
        self._store.bump(namespace, [FLUSH])
        self._missed.clear(namespace)
        return self._store.clear(namespace)

    def all(self, scope: Scope) -> int:
        """Forget all there is in the scope; returns how many entries that were."""
        namespaces = self._misses.namespaces() | self._entries.sizes(scope).keys() | {*self._missed.namespaces(scope)}
        return sum(self.one(namespace) for namespace in sorted(namespaces) if scope(namespace))
