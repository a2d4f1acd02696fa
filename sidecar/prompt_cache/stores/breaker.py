"""A circuit breaker: an engine that hangs costs its first callers their patience, and the others nothing."""

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import ParamSpec, TypeVar

from .base import (
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
    StoreUnavailable,
    VectorRecord,
    VectorStore,
)

FAILURES = 3
"""In a row, of calls that waited in vain: one alone may be a query that is too slow."""
PAUSE = 0.5
"""Seconds between two probes."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


def in_background(work: Callable[[], None]) -> None:
    """Run it in a thread that ends with the process."""
    threading.Thread(target=work, name="store-probe", daemon=True).start()


class Breaker:
    """Closed, calls go through. Open, they fail at once, and one probe at a time asks whether the engine is back.

    A failure that comes quickly costs nobody anything and is let be: only waiting in vain opens it.
    """

    def __init__(
        self,
        probe: Callable[[], object],
        timeout: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        start: Callable[[Callable[[], None]], None] = in_background,
    ) -> None:
        """`probe` raises StoreUnavailable while the engine is away; a call that takes half of `timeout` is a wait."""
        self._ask = probe
        self._wait = timeout / 2
        self._clock = clock
        self._sleep = sleep
        self._start = start
        self._lock = threading.Lock()
        self._failures = 0
        self._cause: str | None = None
        self._probing = 0
        self._closed = False

    def call(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do it, or raise StoreUnavailable at once while the engine is known to hang."""
        if self._cause is not None:
            self._refuse(self._cause)
        began = self._clock()
        try:
            result = work(*args, **kwargs)
        except StoreFull:
            self._failures = 0
            raise
        except StoreUnavailable as error:
            if self._clock() - began >= self._wait:
                self._failed(str(error))
            raise
        self._failures = 0
        return result

    def iterate(self, work: Callable[[], Iterator[_T]]) -> Iterator[_T]:
        """The same for what comes bit by bit."""
        rest, end = (
            (each for step in (work,) for each in step()),
            object(),
        )  # asks nothing yet, which would be a success
        while (each := self.call(next, rest, end)) is not end:
            yield each  # type: ignore[misc]

    def close(self) -> None:
        """Probe no more."""
        self._closed = True

    def _failed(self, cause: str) -> None:
        with self._lock:
            self._failures += 1
            opens = self._failures >= FAILURES and self._cause is None
            if opens:
                self._cause = cause
        if opens:
            self._probe_in_background()

    def _refuse(self, cause: str) -> None:
        if self._probing != os.getpid():  # a fork takes the state along, but not the thread
            self._probe_in_background()
        raise StoreUnavailable(f"{cause} (it is left alone until it answers again)")

    def _probe_in_background(self) -> None:
        with self._lock:
            if self._probing == os.getpid():
                return
            self._probing = os.getpid()
        self._start(self._probe)

    def _probe(self) -> None:
        try:
            while not self._closed:
                try:
                    self._ask()
                except StoreUnavailable:
                    self._sleep(PAUSE)
                else:
                    self._failures, self._cause = 0, None
                    return
        finally:
            with self._lock:
                self._probing = 0


class BreakerStore(Store):
    """A store behind a circuit breaker."""

    remote = True

    def __init__(self, store: Store, timeout: float, *, breaker: Breaker | None = None) -> None:
        self.shared, self.keeps = store.shared, store.keeps
        self._store = store
        self._breaker = breaker or Breaker(store.ping, timeout)
        self._call = self._breaker.call

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "BreakerStore":
        """The store of that URL, behind one."""
        from . import open_store

        return behind_breaker(open_store(url, timeout=timeout, prefix=prefix), timeout)

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        return self._call(self._store.get, keys)

    def put(self, records: Sequence[Record]) -> None:
        return self._call(self._store.put, records)

    def delete(self, keys: Sequence[str]) -> int:
        return self._call(self._store.delete, keys)

    def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
        return self._call(self._store.find, query, limit=limit, cursor=cursor)

    def sizes(self) -> dict[str, NamespaceSize]:
        return self._call(self._store.sizes)

    def eviction_candidates(self, namespace: str, limit: int) -> list[tuple[str, int]]:
        return self._call(self._store.eviction_candidates, namespace, limit)

    def add_gains(self, gains: Mapping[str, Gain]) -> None:
        return self._call(self._store.add_gains, gains)

    def hits(self, keys: Sequence[str]) -> list[int]:
        return self._call(self._store.hits, keys)

    def clear(self, namespace: str) -> int:
        return self._call(self._store.clear, namespace)

    def find_all(self, query: RecordQuery) -> Iterator[list[str]]:
        return self._breaker.iterate(lambda: self._store.find_all(query))

    def evict(self, namespace: str, bounds: Bounds, size: NamespaceSize, keep: Collection[str] = ()) -> int:
        return self._call(self._store.evict, namespace, bounds, size, keep)

    def bump(self, namespace: str, names: Iterable[str]) -> int:
        return self._call(self._store.bump, namespace, names)

    def versions(self, namespace: str, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        return self._call(self._store.versions, namespace, names)

    def acquire(self, key: str, token: str, ttl: float) -> float:
        return self._call(self._store.acquire, key, token, ttl)

    def release(self, key: str, token: str) -> bool:
        return self._call(self._store.release, key, token)

    def increment(self, counters: Sequence[CounterRow]) -> None:
        return self._call(self._store.increment, counters)

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        return self._breaker.iterate(lambda: self._store.counters(since, until))

    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        return self._call(self._store.move_counters, moves)

    def get_with_version(self, key: str, namespace: str, name: str) -> tuple[bytes | None, int]:
        return self._call(self._store.get_with_version, key, namespace, name)

    def get_with_versions(
        self, keys: Sequence[str], namespace: str
    ) -> tuple[list[bytes | None], int, dict[str, int] | None]:
        return self._call(self._store.get_with_versions, keys, namespace)

    def ping(self) -> None:
        return self._call(self._store.ping)

    def sweep(self) -> int:
        return self._call(self._store.sweep)

    def close(self) -> None:
        self._breaker.close()
        self._store.close()


class BreakerVectorStore(BreakerStore, VectorStore):
    """The same around a store that has vectors."""

    def __init__(self, store: Store, timeout: float, *, breaker: Breaker | None = None) -> None:
        super().__init__(store, timeout, breaker=breaker)
        if not isinstance(store, VectorStore):
            raise TypeError("the store has no vectors")
        self._vectors: VectorStore = store

    def check_vectors(self) -> None:
        return self._call(self._vectors.check_vectors)

    def put_vectors(self, vectors: Sequence[VectorRecord]) -> None:
        return self._call(self._vectors.put_vectors, vectors)

    def nearest(self, wanted: Sequence[tuple[str, bytes]], *, limit: int, least: float) -> list[list[Neighbour]]:
        return self._call(self._vectors.nearest, wanted, limit=limit, least=least)

    def delete_vectors(self, keys: Sequence[str]) -> None:
        return self._call(self._vectors.delete_vectors, keys)


def behind_breaker(store: Store, timeout: float) -> BreakerStore:
    """The store behind a circuit breaker, with vectors if it has them."""
    kind = BreakerVectorStore if isinstance(store, VectorStore) else BreakerStore
    return kind(store, timeout)
