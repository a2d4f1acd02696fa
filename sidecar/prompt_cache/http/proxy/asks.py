"""The call to a provider itself, whoever waits for it."""

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from ...core.missed.paying import TOOL_CALLS
from ...core.outcome import Outcome
from ...responses.answer import read_answer
from ...savings.budgets import NOTHING, Reservation
from ...stores.base import StoreUnavailable
from ..tracing import of_answer
from . import headers as told
from . import reserving
from .asking import LEASE, Asking
from .capture import Capture
from .client import Reply, UpstreamGone
from .flights import Failed, Flight
from .metering import Bill, framing_of
from .parts import Parts

if TYPE_CHECKING:
    from ...observability.otel import Trace

_STORING_SECONDS = 1.0
"""How long the end of an answer waits for the store, so that who asks again at once is answered from it."""


async def ask(
    parts: Parts,
    asking: Asking,
    headers: list[tuple[str, str]],
    flight: Flight,
    outcome: Outcome,
    trace: "Trace | None" = None,
) -> None:
    """Ask, tell all who wait, and keep what is whole. Ends the flight, however it ends itself."""
    began = time.monotonic()
    bill: Bill | None = None
    stored = asked = replied = False
    reservation = NOTHING
    renewing = asyncio.create_task(_renew(parts, outcome))
    try:
        reservation = await reserving.reserve(parts.cache, asking)
        asked = True
        async with parts.client.call(asking.route, "POST", asking.payer.query, headers, asking.raw, trace) as reply:
            replied = True
            if reply.status == 200:
                bill = Bill(parts.cache.spending, asking, framing_of(asking, reply), began=began, most=parts.most)
            await _read(asking, flight, reply, parts.most, bill)
            if flight.answer is not None:
                note_answer(reply, flight.answer)
        if flight.answer is not None and bill:
            latency = time.monotonic() - began
            storing = asyncio.create_task(_settle(parts, asking, flight, outcome, bill, latency, reservation))
            await asyncio.wait({storing}, timeout=_STORING_SECONDS)
            flight.end()
            stored = await storing
        flight.end()
    except UpstreamGone as gone:
        flight.end(gone)
    except asyncio.CancelledError:
        flight.end(Failed())
        if asked and not replied:
            bill = Bill(parts.cache.spending, asking, None, began=began)  # the provider reads all the same
        raise
    except Exception as error:
        flight.end(error)
    finally:
        renewing.cancel()
        if bill:
            bill.count()
        parts.flights.remove(outcome.key, flight)
        await reserving.release(parts.cache, reservation)
        if not stored:
            await asyncio.shield(release(parts, outcome))


async def _renew(parts: Parts, outcome: Outcome) -> None:
    """As long as this process lives, the lease is held."""
    if not isinstance(outcome.lease, str):
        return
    held = True
    while held:
        await asyncio.sleep(LEASE / 3)
        with suppress(StoreUnavailable):
            renew = asyncio.get_running_loop().run_in_executor
            held = await renew(None, parts.cache.renew, outcome.key, outcome.lease, LEASE)


async def release(parts: Parts, outcome: Outcome) -> None:
    """Let somebody else ask, where this one was to."""
    if isinstance(outcome.lease, str):
        with suppress(Exception):
            await asyncio.get_running_loop().run_in_executor(None, parts.cache.release, outcome.key, outcome.lease)


async def _read(asking: Asking, flight: Flight, reply: Reply, most: int, bill: Bill | None) -> None:
    """Everything that is told, to those who wait and to the capture. Raises UpstreamGone."""
    headers = told.back(reply.headers)
    if bill is None:
        flight.begin(reply.status, headers, streamed=False)
        async for part in reply.parts():
            await flight.add(part)
        return
    streamed = framing_of(asking, reply) is not None
    capture = Capture(asking.endpoint, bill.meter, most, streamed=streamed)
    if reply.is_packed_as_known:
        headers = [(name, value) for name, value in headers if name != b"content-encoding"]
    flight.begin(200, headers, streamed=streamed)
    async for part in reply.unpacked():
        capture.add(part)
        flight.answered = flight.answered or capture.is_answered
        await flight.add(part)
    flight.answer = capture.whole()
    flight.fate = capture.fault


def note_answer(reply: Reply, answer: bytes) -> None:
    """Where traces are sent: which model answered, why it ended, and what it used."""
    if reply.call:
        with suppress(Exception):  # of a form that nobody has thought of
            reply.call.answered(*of_answer(read_answer(msgspec.json.decode(answer))))


async def _settle(
    parts: Parts,
    asking: Asking,
    flight: Flight,
    outcome: Outcome,
    bill: Bill,
    latency: float,
    reservation: Reservation,
) -> bool:
    """Whether the answer is kept. What it cost is known then, and takes the place of what was reserved."""
    try:
        return await _store(parts, asking, flight, outcome, bill, latency)
    finally:
        bill.count()
        await reserving.release(parts.cache, reservation)


async def _store(parts: Parts, asking: Asking, flight: Flight, outcome: Outcome, bill: Bill, latency: float) -> bool:
    """Whether it is kept; what cannot be stored hurts nobody."""
    answer = flight.answer or b""
    try:
        calls_tools = read_answer(msgspec.json.decode(answer)).has_tool_calls
    except Exception:  # of a form that nobody has thought of
        flight.fate = "unreadable"
        return False
    if calls_tools and not asking.rules.cache_tool_calls:
        flight.fate = "tool-calls"
        parts.cache.missed.note_not_offered(str(outcome.ticket), TOOL_CALLS)
        return False
    new_entry = asking.new_entry(outcome, answer, latency, max(0, flight.callers - 1))
    flight.counted = True
    bill.leave_to_store()
    try:
        fate = await parts.new_entries.store(new_entry, asking.payer.caller.may_touch)
    except Exception:
        bill.count(again=True)
        flight.fate = "store-unavailable"
        return False
    flight.fate = "" if fate.stored else str(fate.reason)
    return fate.stored
