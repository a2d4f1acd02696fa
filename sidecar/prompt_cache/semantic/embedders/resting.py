"""An embedder that is left alone for a while when it has failed."""

import threading
import time
from collections.abc import Callable, Sequence

from .base import Embedded, Embedder, EmbedderStarting, EmbedderUnavailable

REST = 5.0
"""Seconds for which nobody asks after a failure: one that hangs shall not cost every lookup a timeout."""


class RestingEmbedder(Embedder):
    """After a failure it fails at once for a while; then one call asks, and the others go on failing until it knows."""

    def __init__(
        self,
        embedder: Embedder,
        report: Callable[[str, str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`report` is told `embedder_unavailable` and the cause, once for each rest."""
        self.name, self.model, self.threshold = embedder.name, embedder.model, embedder.threshold
        self._embedder = embedder
        self._report = report
        self._clock = clock
        self._lock = threading.Lock()
        self._cause: str | None = None
        self._until = 0.0
        self._trying = False

    def embed(self, texts: Sequence[str]) -> Embedded:
        tries = self._may_ask()
        try:
            embedded = self._embedder.embed(texts)
        except EmbedderStarting:
            raise
        except EmbedderUnavailable as error:
            self._failed(str(error))
            raise
        else:
            if self._cause is not None:
                with self._lock:
                    self._cause = None
            return embedded
        finally:
            if tries:
                self._trying = False

    def close(self) -> None:
        self._embedder.close()

    def _may_ask(self) -> bool:
        """Whether this call is the one that tries. Raises EmbedderUnavailable where nobody may ask."""
        if self._cause is None:
            return False
        with self._lock:
            if self._cause is None:
                return False
            if self._trying or self._clock() < self._until:
                raise EmbedderUnavailable(f"{self._cause} (it is left alone for a few seconds)")
            self._trying = True
            return True

    def _failed(self, cause: str) -> None:
        with self._lock:
            now = self._clock()
            begins = now >= self._until  # of those who asked together, the first has said it
            self._cause, self._until = cause, now + REST
        if begins:
            self._report("embedder_unavailable", cause)
