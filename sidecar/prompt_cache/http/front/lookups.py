"""The shortest way from a lookup to its answer."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import msgspec

from ...core.cache import PromptCache
from ...core.lookup import Lookup
from ...core.outcome import Outcome
from ...core.questions import Question
from ..failures import HttpError
from ..native.lookup import LookupBody
from .bodies import decoded
from .lanes import LARGE, Lanes

_SLOW = 0.05
_AWAY = 10.0
"""A store that kept the loop waiting for _SLOW seconds is asked elsewhere for _AWAY seconds."""
_KNOWN = 1000
_SMALL = 4096
"""Bytes of a body that is still known when it comes again: what a cache is asked repeats itself."""

_decoder = msgspec.json.Decoder(LookupBody)
_T = TypeVar("_T")


class Asked(NamedTuple):
    """What a body asks."""

    body: LookupBody
    lookup: Lookup
    question: Question | None
    """Of a large body it is made on a thread."""


class _Hit(NamedTuple):
    """That of the very same question, if there is one."""

    outcome: Outcome | None


class Lookups:
    """Answers hits of a local store on the loop, and everything that may wait on threads."""

    def __init__(self, cache: PromptCache) -> None:
        self._cache = cache
        self._local_from = 0.0 if cache.local else float("inf")
        self._known = lru_cache(maxsize=_KNOWN)(self._read)
        self._small: Lanes[tuple[Lookup, Question], Outcome] = Lanes("lookups", self._together, lanes=2, together=64)
        self._large: Lanes[Lookup, Outcome] = Lanes("large-lookups", self._one_by_one, lanes=1, together=1)
        self._questions: Lanes[Lookup, Question] = Lanes("large-questions", self._questions_of, lanes=1, together=1)
        self._hits: Lanes[tuple[Lookup, Question], _Hit] = Lanes("hits", self._hits_of, lanes=2, together=64)
        self._semantic: Lanes[tuple[Lookup, Question], Outcome] = Lanes(
            "semantic-lookups", self._together, lanes=4, together=16
        )

    def asked(self, body: bytes) -> Asked | None:
        """None for what is wrong with it to be told by Flask's route. Raises InvalidRequest."""
        return self._known(body) if len(body) <= _SMALL else self._read(body)

    def _read(self, body: bytes) -> Asked | None:
        wanted = decoded(_decoder, body)
        if wanted is None:
            return None
        lookup = wanted.lookup()
        return Asked(wanted, lookup, self._cache.question(lookup) if len(body) <= LARGE else None)

    async def answer(self, lookup: Lookup, question: Question | None) -> Outcome:
        """Raises what the cache raises, and an HttpError of 503 where the store keeps too many waiting."""
        if question is None:
            if not self._cache.is_semantic(lookup):
                return await self._large.answer(lookup)
            question = await self._questions.answer(lookup)
        if (began := time.monotonic()) >= self._local_from:
            try:
                outcome = self._cache.hit(lookup, question)
            finally:
                if time.monotonic() - began > _SLOW:
                    self._local_from = began + _AWAY
            if outcome is not None:
                return outcome
        if self._cache.is_semantic(lookup):  # what may wait for an embedder keeps nobody else waiting
            hit = None if self._cache.local else (await self._hits.answer((lookup, question))).outcome
            try:
                return hit or await self._semantic.answer((lookup, question))
            except HttpError:  # too many wait for the embedder: then only the very same question is looked for
                lookup = msgspec.structs.replace(lookup, match="exact", threshold=None, explain=False)
        return await self._small.answer((lookup, question))

    async def many(self, lookups: Sequence[Lookup]) -> list[Outcome]:
        """One outcome each, in order. Raises what the cache raises."""
        return await asyncio.get_running_loop().run_in_executor(None, self._cache.lookup_many, lookups)

    def close(self) -> None:
        self._small.close()
        self._large.close()
        self._questions.close()
        self._hits.close()
        self._semantic.close()

    def _together(self, lookups: Sequence[tuple[Lookup, Question]]) -> list[Outcome | Exception | None]:
        """What each would have been answered alone, or None where all the answers together would be too much."""
        try:
            outcomes = self._cache.lookup_each(lookups)
        except Exception as error:
            return [error] * len(lookups)
        return [None if isinstance(each, Outcome) and each.retry_after == 0 else each for each in outcomes]

    def _hits_of(self, lookups: Sequence[tuple[Lookup, Question]]) -> list[_Hit | Exception | None]:
        return [_told(lambda lookup, question: _Hit(self._cache.hit(lookup, question)), *each) for each in lookups]

    def _questions_of(self, lookups: Sequence[Lookup]) -> list[Question | Exception]:
        return [_told(self._cache.question, lookup) for lookup in lookups]

    def _one_by_one(self, lookups: Sequence[Lookup]) -> list[Outcome | Exception | None]:
        return [_told(self._cache.lookup, lookup) for lookup in lookups]


def _told(act: Callable[..., _T], *arguments: Any) -> _T | Exception:
    """What comes of it, or what it raises: each who waits hears of his own."""
    try:
        return act(*arguments)
    except Exception as error:
        return error
