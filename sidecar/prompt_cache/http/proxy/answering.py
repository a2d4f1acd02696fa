"""One call that may be answered from the cache, on its way."""

import asyncio
import time
from contextlib import suppress

import msgspec

from ...core.lookup import Lookup
from ...core.outcome import Outcome
from ...core.questions import Question
from ...stores.base import StoreUnavailable
from ..failures import HttpError
from ..front.asgi import PAID
from ..front.exchange import Exchange, Gone
from ..tracing import of_outcome
from . import headers as told
from .answers import Unreadable, body_of, events_of, replayed
from .asking import Asking, aside, is_ambiguous
from .asks import ask, release
from .client import UpstreamGone, unreachable
from .directives import not_cached
from .flights import Failed, Flight
from .parts import Parts
from .reserving import OverBudget, is_over, require_room

_LONGEST_NAP = 0.5
"""Seconds between two looks whether another process has its answer."""
_SHORTEST_NAP = 0.02
_SHARED_FAILURES = frozenset((400, 404, 413, 422))
"""What a provider would say to each equal call alike."""


class Answering:
    """Looks up, asks or waits, until its caller has an answer."""

    def __init__(self, parts: Parts, exchange: Exchange, asking: Asking, lookup: Lookup, question: Question) -> None:
        self._parts = parts
        self._exchange = exchange
        self._asking = asking
        self._lookup = lookup
        self._question = question
        self._stale: Outcome | None = None
        self._failures = 0
        """Of calls that it has followed."""

    async def run(self) -> str:
        """Why it has to be passed on instead; empty when it was answered. Raises an HttpError, Gone."""
        end = time.monotonic() + self._asking.route.upstream.timeout
        while True:
            if self._lookup.lease is not None and is_over(self._parts.cache, self._asking):
                self._lookup = msgspec.structs.replace(self._lookup, lease=None)  # nobody waits for who is refused
            try:
                outcome = await self._parts.lookups.answer(self._lookup, self._question)
            except (StoreUnavailable, HttpError):
                return "store-unavailable"
            if outcome.status == "hit":
                return "" if await self._give_kept(outcome) else "unreadable"
            if outcome.status == "stale":
                if self._is_fresh_enough(outcome) and await self._give_kept(outcome):
                    await release(self._parts, outcome)
                    return ""
                self._stale = outcome
            if self._asking.directives.only_if_cached:
                await release(self._parts, outcome)
                raise not_cached()
            flight = None if self._asking.anew else self._parts.flights.get(outcome.key)
            if flight and not isinstance(outcome.lease, str):
                if await self._may_join(flight):
                    if await self._follow(flight):
                        return ""
                    continue
                if self._parts.flights.get(outcome.key) is not flight:
                    continue
                if outcome.status == "pending":  # for what is too old for this caller
                    self._lookup = msgspec.structs.replace(self._lookup, lease=None)
                    continue
            if outcome.status != "pending":
                if await aside(self._asking.raw, is_ambiguous, self._asking.raw):
                    await release(self._parts, outcome)
                    return "ambiguous"
                if await self._has_room(outcome):
                    await self._lead(outcome)
                return ""
            if time.monotonic() > end:
                return "waited-too-long"
            await asyncio.sleep(min(max(float(outcome.retry_after or 0), _SHORTEST_NAP), _LONGEST_NAP))

    async def _has_room(self, outcome: Outcome) -> bool:
        """False where no budget has any, and a stale answer was given. Raises OverBudget."""
        try:
            require_room(self._parts.cache, self._asking)
        except OverBudget:
            await release(self._parts, outcome)
            if self._stale and await self._give_kept(self._stale):
                return False
            raise
        return True

    def _is_fresh_enough(self, outcome: Outcome) -> bool:
        """Whether it ended no longer ago than the caller accepts even while the provider could be asked."""
        accepted = self._asking.directives.max_stale
        return accepted is not None and (not isinstance(outcome.ttl, float | int) or -outcome.ttl <= accepted)

    async def _may_join(self, flight: Flight) -> bool:
        """What was asked before a flush, or before a change of what this depends on, answers nobody who came after."""
        names = self._asking.directives.depends_on
        try:
            is_outdated = asyncio.get_running_loop().run_in_executor
            outdated = await is_outdated(None, self._parts.cache.is_outdated, flight.ticket, names)
        except StoreUnavailable:
            outdated = bool(names)
        return flight.is_whole and not outdated

    # -- from the cache -----

    async def _give_kept(self, outcome: Outcome) -> bool:
        """Whether what was kept could be given."""
        self._exchange.line.notes["outcome"] = outcome.status
        self._exchange.kind = "proxy_hit"
        self._trace(outcome)
        zero_usage = self._asking.rules.zero_usage
        return await self._give(bytes(outcome.response), told.of_hit(outcome), zero_usage=zero_usage, paced=True)  # type: ignore[arg-type]

    async def _give(self, kept: bytes, headers: told.Raw, *, zero_usage: bool, paced: bool) -> bool:
        """Give an answer in the form in which it is wanted; False where it cannot be read."""
        asking, exchange = self._asking, self._exchange
        framing = asking.call.framing
        try:
            if framing is None:
                body = body_of(asking.endpoint, kept, zero_usage=zero_usage)
                await exchange.start(200, [*headers, _type("application/json"), (b"content-length", b"%d" % len(body))])
                await exchange.last(body)
                return True
            events = events_of(asking.endpoint, asking.call, kept, zero_usage=zero_usage)
        except Unreadable:
            return False
        await exchange.start(200, [*headers, _type(framing.content_type)])
        pace = asking.rules.tokens_per_second if paced else None
        async for part in replayed(framing, events, pace):
            await exchange.part(part)
        await exchange.end()
        return True

    def _trace(self, outcome: Outcome) -> None:
        if self._exchange.trace:
            self._exchange.trace.set(of_outcome(outcome, self._asking.namespace))

    # -- from the provider -----

    async def _lead(self, outcome: Outcome) -> None:
        """Have the provider asked, for this caller and all who join."""
        self._trace(outcome)
        flight = Flight(self._parts.most, ticket=str(outcome.ticket), payer=self._asking.payer.digest)
        if not self._asking.anew:
            self._parts.flights.add(outcome.key, flight)
        headers = self._asking.sent_headers(self._exchange)
        flight.task = asyncio.create_task(
            ask(self._parts, self._asking, headers, flight, outcome, self._exchange.trace)
        )
        await self._deliver(flight, outcome.key, leading=True)

    async def _follow(self, flight: Flight) -> bool:
        """False where one of those who joined has to ask again."""
        late = flight.counted
        try:
            await self._deliver(flight, self._question.key, leading=False)
        except Failed:
            if self._exchange.answered:
                raise
            self._failures += 1
            await flight.over()  # before, there is nothing new to find
            return False
        if late and not flight.fate:
            note, source = self._parts.cache.note_joined, self._asking.directives.source
            with suppress(StoreUnavailable):
                await asyncio.get_running_loop().run_in_executor(None, note, self._question.key, source)
        return True

    async def _deliver(self, flight: Flight, key: str, *, leading: bool) -> None:
        """Raises Failed, and Gone as soon as the caller has left."""
        me = flight.join()
        self._exchange.scope[PAID] = True
        self._exchange.kind = "proxy_miss"
        left = asyncio.create_task(self._exchange.left())
        giving = asyncio.create_task(self._give_flight(flight, me, key, leading=leading))
        try:
            await asyncio.wait({left, giving}, return_when=asyncio.FIRST_COMPLETED)
            if not giving.done():
                raise Gone
            await giving
        finally:
            left.cancel()
            giving.cancel()
            flight.leave(me)
            needed = flight.callers or flight.ended or flight.answered or self._asking.rules.finish_after_disconnect
            if not needed and flight.task:
                flight.task.cancel()

    async def _give_flight(self, flight: Flight, me: object, key: str, *, leading: bool) -> None:
        asking, exchange = self._asking, self._exchange
        # Who has followed two calls that failed is told so: a provider that is down would be asked once for each.
        told_failures = leading or (self._failures > 0 and flight.payer == asking.payer.digest)
        try:
            await flight.started()
        except OverBudget:
            if self._stale and await self._give_kept(self._stale):
                return
            if not leading:  # who falls under another budget
                raise Failed from None
            raise
        except UpstreamGone as gone:
            if self._stale and await self._give_kept(self._stale):
                return
            if not told_failures:
                raise Failed from None
            raise unreachable(asking.route, gone) from None
        if flight.status >= 500 and self._stale and await self._give_kept(self._stale):
            return
        told_as_much = flight.status in _SHARED_FAILURES and flight.payer == asking.payer.digest
        if flight.status != 200 and not (told_failures or told_as_much):
            raise Failed
        exchange.line.notes["outcome"] = "miss" if leading else "collapsed"
        if exchange.trace and not leading:
            exchange.trace.set({"prompt_cache.outcome": "collapsed", "prompt_cache.key": key})
        why = "request" if asking.directives.no_cache else "uri-miss"
        if leading or flight.status != 200 or flight.streamed == (asking.call.framing is not None):
            headers = flight.headers if leading else told.shared(flight.headers)
            await self._forward(flight, me, [*headers, *told.of_miss(why, key, collapsed=not leading)])
            return
        await flight.finished(me)
        status = told.of_miss(why, key, stored=not flight.fate, collapsed=True)
        if flight.answer is None or not await self._give(flight.answer, status, zero_usage=False, paced=False):
            raise Failed

    async def _forward(self, flight: Flight, me: object, headers: told.Raw) -> None:
        """As it comes."""
        await self._exchange.start(flight.status, headers)
        async for part in flight.parts(me):
            await self._exchange.part(part)
        await self._exchange.end()


def _type(content_type: str) -> tuple[bytes, bytes]:
    return b"content-type", content_type.encode()
