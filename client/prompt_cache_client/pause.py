"""Leaving a cache alone that is away."""

import threading
import time
from collections.abc import Callable

from .errors import CacheUnavailable

PAUSE = 5.0
"""Seconds for which a cache is left alone after a failure: a black hole shall not cost each call a timeout."""


class Pause:
    """After a failure nobody asks for a while; then one asks, and the others wait for what it finds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until = 0.0
        self._cause: str | None = None

    def require_none(self) -> None:
        """Raises CacheUnavailable while the cache is left alone."""
        if self._cause is None:
            return
        with self._lock:
            if self._cause is None:
                return
            now = self._clock()
            if now < self._until:
                raise CacheUnavailable(f"{self._cause} (it is left alone for a few seconds)")
            self._until = now + PAUSE

    def failed(self, error: CacheUnavailable) -> None:
        with self._lock:
            self._cause, self._until = str(error), self._clock() + PAUSE

    def succeeded(self) -> None:
        if self._cause is not None:
            with self._lock:
                self._cause = None
