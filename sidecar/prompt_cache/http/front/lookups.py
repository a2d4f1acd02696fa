"""The shortest way from a lookup to its answer."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ...core.cache import PromptCache
from ...core.errors import InvalidRequest
from ...core.lookup import Lookup
from ...core.outcome import Outcome
from .overload import LONGEST_WAIT, LOOK_AGAIN, UNTAKEN, overloaded

_LARGE = 32 * 1024
"""Bytes of a request whose key takes so long that others would notice."""
_SLOW = 0.05
_AWAY = 10.0
"""A store that kept the loop waiting for _SLOW seconds is asked elsewhere for _AWAY seconds."""

_Waiting = tuple[Lookup, "asyncio.Future[Outcome]"]


class Lookups:
    """Answers hits of a local store on the loop, and everything that may wait on threads."""

    def __init__(self, cache: PromptCache) -> None:
        self._cache = cache
        self._local_from = 0.0 if cache.local else float("inf")
        self._small = _Lanes(cache, lanes=2, together=64)
        self._large = _Lanes(cache, lanes=1, together=1)

    async def answer(self, lookup: Lookup, size: int) -> Outcome:
        """Of a request of so many bytes. Raises what the cache raises, and an HttpError of 503."""
        if size > _LARGE:
            return await self._large.answer(lookup)
        if (began := time.monotonic()) >= self._local_from:
            try:
                outcome = self._cache.hit(lookup)
            finally:
                if time.monotonic() - began > _SLOW:
                    self._local_from = began + _AWAY
            if outcome is not None:
                return outcome
        return await self._small.answer(lookup)

    def close(self) -> None:
        self._small.close()
        self._large.close()


class _Lanes:
    """A few threads; each takes what waits, all at once: one call of the store serves all who came meanwhile."""

    def __init__(self, cache: PromptCache, *, lanes: int, together: int) -> None:
        self._cache = cache
        self._threads = ThreadPoolExecutor(lanes, "lookups")
        self._idle = lanes
        self._together = together
        self._waiting: deque[_Waiting] = deque()

    async def answer(self, lookup: Lookup) -> Outcome:
        loop = asyncio.get_running_loop()
        waiting: _Waiting = (lookup, loop.create_future())
        self._waiting.append(waiting)
        if self._idle:
            self._idle -= 1
            loop.call_soon(self._start)  # not before all who came in this turn are there
        patience = loop.call_later(LONGEST_WAIT, self._give_up, waiting)
        try:
            return await waiting[1]
        finally:
            patience.cancel()

    def close(self) -> None:
        self._threads.shutdown(wait=False)

    def _start(self) -> None:
        if not UNTAKEN.has_room():
            asyncio.get_running_loop().call_later(LOOK_AGAIN, self._start)
            return
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._together))]
        if not batch:
            self._idle += 1
            return
        lookups = [lookup for lookup, _ in batch]
        running = asyncio.get_running_loop().run_in_executor(self._threads, answer_together, self._cache, lookups)
        running.add_done_callback(lambda done: self._finish(batch, done))

    def _finish(self, batch: Sequence[_Waiting], done: "asyncio.Future[list[Outcome | Exception | None]]") -> None:
        for waiting, outcome in zip(batch, done.result(), strict=True):
            future = waiting[1]
            if future.done():  # nobody waits any more
                continue
            if outcome is None:
                self._waiting.append(waiting)
            elif isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        self._start()

    def _give_up(self, waiting: _Waiting) -> None:
        if waiting in self._waiting:  # what runs is bounded by the store's own timeout
            self._waiting.remove(waiting)
            waiting[1].set_exception(overloaded())


def answer_together(cache: PromptCache, lookups: Sequence[Lookup]) -> list[Outcome | Exception | None]:
    """What each would have been answered alone, from one call of the cache where that is possible.

    None for those to ask again for: all the answers together would have been too much.
    """
    if len(lookups) == 1:
        return [_alone(cache, lookups[0])]
    try:
        outcomes = cache.lookup_each(lookups)
    except InvalidRequest:  # of one; the others shall not hear of it
        return [_alone(cache, lookup) for lookup in lookups]
    except Exception as error:
        return [error] * len(lookups)
    return [None if outcome.retry_after == 0 else outcome for outcome in outcomes]


def _alone(cache: PromptCache, lookup: Lookup) -> Outcome | Exception:
    try:
        return cache.lookup(lookup)
    except Exception as error:
        return error
