"""The shortest way from a lookup to its answer."""

import time
from collections.abc import Sequence

from ...core.cache import PromptCache
from ...core.errors import InvalidRequest
from ...core.lookup import Lookup
from ...core.outcome import Outcome
from .lanes import LARGE, Lanes

_SLOW = 0.05
_AWAY = 10.0
"""A store that kept the loop waiting for _SLOW seconds is asked elsewhere for _AWAY seconds."""


class Lookups:
    """Answers hits of a local store on the loop, and everything that may wait on threads."""

    def __init__(self, cache: PromptCache) -> None:
        self._cache = cache
        self._local_from = 0.0 if cache.local else float("inf")
        self._small: Lanes[Lookup, Outcome] = Lanes("lookups", self._together, lanes=2, together=64)
        self._large: Lanes[Lookup, Outcome] = Lanes("large-lookups", self._together, lanes=1, together=1)

    async def answer(self, lookup: Lookup, size: int) -> Outcome:
        """Of a request of so many bytes. Raises what the cache raises, and an HttpError of 503."""
        if size > LARGE:
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

    def _together(self, lookups: Sequence[Lookup]) -> list[Outcome | Exception | None]:
        return answer_together(self._cache, lookups)

    def close(self) -> None:
        self._small.close()
        self._large.close()


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
