"""A circuit breaker: an engine that hangs costs its first callers their patience, and the others nothing."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from .base import Store, StoreFull, StoreUnavailable, VectorStore
from .through import Through, ThroughVectors

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


class BreakerStore(Through):
    """A store behind a circuit breaker."""

    def __init__(self, store: Store, timeout: float, *, breaker: Breaker | None = None) -> None:
        self._breaker = breaker or Breaker(store.ping, timeout)
        super().__init__(store, self._breaker)
        self.local, self.remote = False, True

    @classmethod
    def from_url(cls, url: str, *, timeout: float, prefix: str) -> "BreakerStore":
        """The store of that URL, behind one."""
        from . import open_store

        return behind_breaker(open_store(url, timeout=timeout, prefix=prefix), timeout)

    def close(self) -> None:
        self._breaker.close()
        super().close()


class BreakerVectorStore(BreakerStore, ThroughVectors):
    """The same around a store that has vectors."""


def behind_breaker(store: Store, timeout: float) -> BreakerStore:
    """The store behind a circuit breaker, with vectors if it has them."""
    kind = BreakerVectorStore if isinstance(store, VectorStore) else BreakerStore
    return kind(store, timeout)
