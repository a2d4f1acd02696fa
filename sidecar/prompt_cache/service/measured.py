"""A store whose calls are measured: how long they take, and which fail."""

import time
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from ..observability.measures import Measures
from ..stores import Store, StoreUnavailable, VectorStore
from ..stores.base import StoreBusy, StoreFull
from ..stores.through import Through, ThroughVectors

_P = ParamSpec("_P")
_T = TypeVar("_T")

_OPERATIONS = {
    **dict.fromkeys(("get", "get_with_version", "get_with_versions", "versions", "hits", "ping"), "read"),
    **dict.fromkeys(("put", "delete", "clear", "evict", "add_gains", "bump", "sweep"), "write"),
    **dict.fromkeys(("put_vectors", "delete_vectors", "check_vectors"), "write"),
    **dict.fromkeys(("find", "sizes", "eviction_candidates", "nearest"), "find"),
    **dict.fromkeys(("acquire", "release"), "lease"),
    **dict.fromkeys(("increment", "increment_and_get", "move_counters"), "count"),
}


class Measuring:
    """What all calls of a store go through."""

    def __init__(self, measures: Measures, clock: Callable[[], float] = time.perf_counter) -> None:
        self._observe = measures.store_seconds.observe
        self._errors = measures.store_errors
        self._clock = clock

    def call(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do it, and count it."""
        began = self._clock()
        try:
            result = work(*args, **kwargs)
        except StoreUnavailable as error:
            self.failed(error)
            raise
        seconds = self._clock() - began
        self._observe(_OPERATIONS.get(getattr(work, "__name__", ""), "read"), seconds)  # others may wrap their methods
        return result

    def iterate(self, work: Callable[[], Iterator[_T]]) -> Iterator[_T]:
        """Of what comes bit by bit, only failures count: how long it takes is up to whoever takes it."""
        try:
            yield from work()
        except StoreUnavailable as error:
            self.failed(error)
            raise

    def failed(self, error: StoreUnavailable) -> None:
        """Count it."""
        kind = "busy" if isinstance(error, StoreBusy) else "full" if isinstance(error, StoreFull) else "unavailable"
        self._errors.add(kind)


class _Local(Through):
    """A store in this process. What a hit reads takes no longer than a look at the clock: only failures count."""

    def __init__(self, store: Store, gate: Measuring) -> None:
        super().__init__(store, gate)
        self._peek = store.get_with_version
        self._failed = gate.failed

    def get_with_version(self, key: str, namespace: str, name: str) -> tuple[bytes | None, int]:
        try:
            return self._peek(key, namespace, name)
        except StoreUnavailable as error:
            self._failed(error)
            raise


class _LocalVectors(_Local, ThroughVectors):
    pass


def measured(store: Store, measures: Measures) -> Store:
    """The store, measured; with vectors if it has them."""
    gate, has_vectors = Measuring(measures), isinstance(store, VectorStore)
    if store.local:
        return (_LocalVectors if has_vectors else _Local)(store, gate)
    return (ThroughVectors if has_vectors else Through)(store, gate)
