"""The shortest way from a lookup to its answer."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from msgspec import UNSET

from ...core.cache import PromptCache
from ...core.errors import InvalidRequest
from ...core.lookup import Lookup
from ...core.outcome import Outcome

_LARGE = 32 * 1024
"""Bytes of a request whose key takes so long that others would notice."""
_SLOW = 0.05
_AWAY = 10.0
"""A store that kept the loop waiting for _SLOW seconds is asked elsewhere for _AWAY seconds."""
_LANES = 2
_TOGETHER = 64


class Lookups:
    """Answers hits of a local store on the loop, and everything that may wait on threads.

    What waits for a thread is asked together: one call to the store serves all who have come meanwhile.
    """

    def __init__(self, cache: PromptCache) -> None:
        self._cache = cache
        self._local_from = 0.0 if cache.local else float("inf")
        self._threads = ThreadPoolExecutor(_LANES + 1, "lookups")
        self._waiting: list[tuple[Lookup, asyncio.Future[Outcome]]] = []
        self._lanes = 0

    async def answer(self, lookup: Lookup, size: int) -> Outcome:
        """Of a request of so many bytes. Raises what the cache raises."""
        loop = asyncio.get_running_loop()
        if size > _LARGE:
            return await loop.run_in_executor(self._threads, self._cache.lookup, lookup)
        if (began := time.monotonic()) >= self._local_from:
            outcome = self._cache.hit(lookup)
            if time.monotonic() - began > _SLOW:
                self._local_from = began + _AWAY
            if outcome is not None:
                return outcome
        future: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((lookup, future))
        if self._lanes < _LANES:
            self._lanes += 1
            loop.call_soon(self._start)
        return await future

    def close(self) -> None:
        self._threads.shutdown(wait=False)

    def _start(self) -> None:
        """Let a lane take what waits, all at once."""
        batch, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
        if not batch:
            self._lanes -= 1
            return
        running = asyncio.get_running_loop().run_in_executor(
            self._threads, answer_together, self._cache, [lookup for lookup, _ in batch]
        )
        running.add_done_callback(lambda done: self._finish([future for _, future in batch], done))

    def _finish(
        self,
        futures: Sequence["asyncio.Future[Outcome]"],
        done: "asyncio.Future[list[Outcome | Exception]]",
    ) -> None:
        for future, outcome in zip(futures, done.result(), strict=True):
            if future.done():  # nobody waits any more
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
        self._start()


def answer_together(cache: PromptCache, lookups: Sequence[Lookup]) -> list[Outcome | Exception]:
    """What each would have been answered alone, from one call of the cache where that is possible."""
    if len(lookups) == 1:
        return [_alone(cache, lookups[0])]
    try:
        outcomes = cache.lookup_many(lookups)
    except InvalidRequest:  # of one; the others shall not hear of it
        return [_alone(cache, lookup) for lookup in lookups]
    except Exception as error:
        return [error] * len(lookups)
    return [_apart(cache, lookup, outcome, outcomes) for lookup, outcome in zip(lookups, outcomes, strict=True)]


def _apart(cache: PromptCache, lookup: Lookup, outcome: Outcome, outcomes: Sequence[Outcome]) -> Outcome | Exception:
    """Who asks the same at the same time is no repeat: a hit is shared, anything else is each one's own.

    Nor does anybody wait because all the answers together are too much for a batch.
    """
    if outcome.duplicate_of is not UNSET and outcome.status == "hit":
        first = outcomes[outcome.duplicate_of]
        return msgspec.structs.replace(outcome, duplicate_of=UNSET, response=first.response)
    if outcome.duplicate_of is not UNSET or outcome.retry_after == 0:
        return _alone(cache, lookup)
    return outcome


def _alone(cache: PromptCache, lookup: Lookup) -> Outcome | Exception:
    try:
        return cache.lookup(lookup)
    except Exception as error:
        return error
