"""What the clients of one cache have in common, blocking and not."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from .operations import Operations
from .pause import Pause
from .transports import Address

_log = logging.getLogger("prompt_cache_client")


class Shared:
    """One address, one namespace, one memory of what went wrong."""

    def __init__(
        self,
        url: str | None,
        token: str | None,
        namespace: str | None,
        timeout: float,
        settings: Mapping[str, Any] | None,
    ) -> None:
        self.address = Address(url, token, timeout, settings)
        self.clock: Callable[[], float] = time.monotonic
        self.operations = Operations(namespace, Pause())
        self.reads_only = False
        """Whether the token may read, but have no lease."""
        self.keeps_little = False
        """Whether answers were not kept: then who waited for one in vain asks beside all others, not one by one."""
        self._lock = threading.Lock()
        self._warned: set[str] = set()

    def warn(self, about: str, error: object) -> None:
        """Say once what a caller need not be failed for; `about` must hold neither prompts nor tokens."""
        with self._lock:
            if about in self._warned:
                return
            self._warned.add(about)
        _log.warning("%s: %s", about, error)

    def recovered(self, about: str) -> None:
        """From now on it would be said again."""
        with self._lock:
            self._warned.discard(about)
