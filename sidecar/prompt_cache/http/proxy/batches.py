"""Calls that ask for many vectors: each is cached by itself, and only what is missing is asked for."""

import time

import msgspec

from ...core.errors import InvalidRequest
from ...core.lookup import Lookup
from ...core.outcome import Outcome
from ...protocols.protocol import Batch, Json
from ...stores.base import StoreUnavailable
from ..failures import HttpError
from ..front.exchange import Exchange
from . import headers as told
from .asking import Asking, aside, is_ambiguous, said_in_header
from .asks import note_answer
from .client import Reply, UpstreamGone, unreachable
from .directives import not_cached, refused
from .metering import Bill, Meter
from .parts import Parts
from .reserving import reserved

_encode = msgspec.json.Encoder().encode


class BatchAnswering:
    """One call with many questions, on its way."""

    def __init__(self, parts: Parts, exchange: Exchange, asking: Asking, endpoint: Batch) -> None:
        self._parts = parts
        self._exchange = exchange
        self._asking = asking
        self._endpoint = endpoint
        self._bill: Bill | None = None

    async def run(self) -> str:
        """Why it has to be passed on instead; empty when it was answered. Raises an HttpError, Gone."""
        try:
            return await self._run()
        finally:
            if self._bill:
                self._bill.count()

    async def _run(self) -> str:
        asking, endpoint, exchange = self._asking, self._endpoint, self._exchange
        lookups = [self._lookup(request) for request in endpoint.questions(asking.body)]
        outcomes = await self._looked_up(lookups)
        answers: list[Json] = [self._kept(outcomes, at) for at in range(len(lookups))]
        missing = [at for at, answer in enumerate(answers) if answer is None]
        firsts = [at for at in missing if outcomes is None or not isinstance(outcomes[at].duplicate_of, int)]
        if missing and asking.directives.only_if_cached:
            raise not_cached()
        if firsts and bool(await aside(asking.raw, is_ambiguous, asking.raw)):
            return "ambiguous"
        stored = False
        if firsts:
            async with reserved(self._parts.cache, asking, endpoint.asking(asking.body, firsts)):
                began = time.monotonic()
                asked = await self._ask(firsts if len(firsts) < len(lookups) else None, began)
                if asked is None:
                    return "" if exchange.answered else "unreadable"
                for at, answer in zip(firsts, asked, strict=True):
                    answers[at] = answer
                if outcomes is not None and self._bill:
                    latency = (time.monotonic() - began) / len(firsts)
                    stored = await self._store(firsts, asked, outcomes, latency, self._bill)
        for at in missing:
            if outcomes is not None and isinstance(first := outcomes[at].duplicate_of, int):
                answers[at] = answers[first]
        await self._give(answers, len(missing), known=outcomes is not None, stored=stored)
        return ""

    def _lookup(self, request: object) -> Lookup:
        lookup = self._asking.lookup(request)  # type: ignore[arg-type]
        return msgspec.structs.replace(lookup, lease=None)

    async def _looked_up(self, lookups: list[Lookup]) -> list[Outcome] | None:
        """None where the cache cannot be asked. Raises an HttpError of 400."""
        try:
            return await self._parts.lookups.many(lookups)
        except InvalidRequest as wrong:
            if not said_in_header(wrong):
                return None
            raise refused(wrong) from None
        except (StoreUnavailable, HttpError):
            return None

    def _kept(self, outcomes: list[Outcome] | None, at: int) -> Json:
        if outcomes is None or outcomes[at].status != "hit":
            return None
        outcome = outcomes[at]
        carrier = outcomes[outcome.duplicate_of] if isinstance(outcome.duplicate_of, int) else outcome
        answer = msgspec.json.decode(bytes(carrier.response))  # type: ignore[arg-type]
        return self._endpoint.without_usage(answer) if self._asking.rules.zero_usage else answer

    async def _ask(self, positions: list[int] | None, began: float) -> list[Json] | None:
        """The answers to what is missing; None where the provider said something else.

        Where all was asked, the caller has that then.
        """
        asking, exchange = self._asking, self._exchange
        exchange.kind = "proxy_miss"
        body = asking.raw if positions is None else _encode(self._endpoint.asking(asking.body, positions))
        headers = asking.sent_headers(exchange)
        try:
            async with self._parts.client.call(
                asking.route, "POST", asking.payer.query, headers, body, exchange.trace
            ) as reply:
                if reply.status == 200:
                    self._bill = Bill(self._parts.cache.spending, asking, None, began=began, most=self._parts.most)
                    whole = await self._whole(reply, self._bill.meter)
                    note_answer(reply, whole)
                else:
                    await exchange.start(reply.status, [*told.back(reply.headers), *told.of_miss("uri-miss")])
                    async for part in reply.parts():
                        await exchange.part(part)
                    await exchange.end()
                    return None
        except UpstreamGone as gone:
            raise unreachable(asking.route, gone) from None
        try:
            answers = self._endpoint.answers(msgspec.json.decode(whole))
            if len(answers) == len(positions or self._endpoint.questions(asking.body)):
                return answers
        except (LookupError, TypeError, ValueError):
            pass
        if positions is None:
            kept = told.back(reply.headers)
            if reply.is_packed_as_known:
                kept = [(name, value) for name, value in kept if name != b"content-encoding"]
            length = (b"content-length", b"%d" % len(whole))
            await exchange.start(200, [*kept, *told.of_miss("uri-miss"), length])
            await exchange.last(whole)
        return None

    async def _whole(self, reply: Reply, meter: Meter) -> bytes:
        """Raises UpstreamGone."""
        parts, size = [], 0
        async for part in reply.unpacked():
            parts.append(part)
            meter.feed(part)
            size += len(part)
            if size > self._parts.most:
                raise UpstreamGone(f"its answer is larger than {self._parts.most} bytes")
        return b"".join(parts)

    async def _store(
        self, firsts: list[int], asked: list[Json], outcomes: list[Outcome], latency: float, bill: Bill
    ) -> bool:
        """Whether all of it is kept."""
        new_entries = [
            msgspec.structs.replace(
                self._asking.new_entry(outcomes[at], _encode(answer), latency), calls=int(at == firsts[0])
            )
            for at, answer in zip(firsts, asked, strict=True)
        ]
        bill.leave_to_store()
        try:
            fates = await self._parts.new_entries.many(new_entries, self._asking.payer.caller.may_touch)
        except Exception:
            self._exchange.line.notes["not_stored"] = "store-unavailable"
            bill.count(again=True)
            return False
        return all(fate.stored for fate in fates)

    async def _give(self, answers: list[Json], missing: int, *, known: bool, stored: bool) -> None:
        body = _encode(self._endpoint.joined(answers))
        if not missing:
            status: told.Raw = [(b"cache-status", b"prompt-cache; hit")]
        elif not known:
            status = told.of_miss("bypass", detail="store-unavailable")
        else:
            why = "uri-miss" if missing == len(answers) else "partial"
            status = told.of_miss(why, stored=stored)
        self._exchange.line.notes["outcome"] = "hit" if not missing else "miss"
        if not missing:
            self._exchange.kind = "proxy_hit"
        if self._exchange.trace:
            self._exchange.trace.set({"prompt_cache.outcome": "miss" if missing else "hit"})
        length = (b"content-length", b"%d" % len(body))
        await self._exchange.start(200, [*status, (b"content-type", b"application/json"), length])
        await self._exchange.last(body)
