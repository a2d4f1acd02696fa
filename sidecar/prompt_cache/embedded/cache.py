"""The API's operations on a cache that lives in this process."""

import atexit
import logging
import os
import threading
import weakref
from collections.abc import Mapping
from typing import Any, NamedTuple

from werkzeug.exceptions import NotFound

from ..config import ConfigError, configured
from ..core.cache import PromptCache
from ..http.api import Operation, encoded
from ..http.auth import EVERYONE
from ..http.failures import failure_of
from ..http.native import native_api
from ..http.native.problems import problem_of
from ..service.housekeeping import Housekeeper
from ..service.open import open_cache
from ..stores.base import StoreUnavailable
from ..values.durations import seconds

_PATIENCE = 10.0
"""Seconds that a call waits for a local model to start: a script may be done before it has."""

_log = logging.getLogger("prompt_cache")


class Answer(NamedTuple):
    """What the API would have answered: the status of HTTP, and a body of JSON."""

    status: int
    body: bytes


class _Running(NamedTuple):
    """A cache that is open, and what can be asked of it, by method and route."""

    cache: PromptCache
    keeper: Housekeeper
    operations: Mapping[tuple[str, str], Operation]


class EmbeddedCache:
    """Answers as the server does: the same checks, the same sentences, the same JSON, and no caller but this program.

    Safe to share between threads. A fork begins anew on the same store; what is in memory:// stays with the parent.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """`settings` as in the server's file. Raises ValueError when they cannot be meant."""
        self._closed = False
        self._running: _Running | None = None
        self._lock = threading.Lock()
        try:
            self._config = configured(settings)
            self._open()
        except ConfigError as error:
            raise ValueError(str(error)) from None
        _all.add(self)

    def call(
        self,
        method: str,
        route: str,
        body: bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        **parts: str,
    ) -> Answer:
        """Call one of the API's routes, such as `POST /v1/entries/{key}/reject` with its `key`; never raises."""
        try:
            operation = self._open().operations.get((method, route))
            if operation is None:
                raise NotFound
            arguments = {name: [value] for name, value in (query or {}).items()}
            named = {name: value for name, value in parts.items() if f"{{{name}}}" in route}
            answer, status = operation.handle(EVERYONE, body or b"", arguments, named)
            return Answer(status, encoded(answer))
        except Exception as error:
            failure = failure_of(error, route, _tell)
            return Answer(failure.status, encoded(problem_of(failure)))

    def close(self) -> None:
        """Hand over the last counts and let go of the store. A closed cache answers 503."""
        with self._lock:
            self._closed = True
            running, self._running = self._running, None
        if running:
            running.keeper.stop()

    def _open(self) -> _Running:
        running = self._running
        if running is None:
            with self._lock:
                running = self._running = self._running or self._started()
        return running

    def _started(self) -> _Running:
        if self._closed:
            raise StoreUnavailable("this cache was closed")
        cache = open_cache(self._config, _report, patience=_PATIENCE)
        keeper = Housekeeper(cache, seconds(self._config.sweep_every), _report)
        keeper.start()
        operations = native_api(cache, self._config).operations
        return _Running(cache, keeper, {(each.method, each.path): each for each in operations})

    def _forked(self) -> None:
        """In the child: the parent's connections are the parent's, and must not even be closed here."""
        _left.append(self._running)
        self._running, self._lock = None, threading.Lock()


_all: "weakref.WeakSet[EmbeddedCache]" = weakref.WeakSet()
_left: list[_Running | None] = []


def _after_fork() -> None:
    for cache in list(_all):
        cache._forked()


def _at_exit() -> None:
    for cache in list(_all):
        cache.close()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)


def _tell(fields: dict[str, Any]) -> None:
    _log.warning("%s", fields)


def _report(event: str, what: str) -> None:
    _log.warning("%s: %s", event, what[:100])
