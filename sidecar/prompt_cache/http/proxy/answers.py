"""What was kept, in the form in which a caller wants it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from ...protocols.framing import Framing
from ...protocols.protocol import Call, Endpoint, Streamed
from ...responses.answer import read_answer

Json = Any

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Unreadable(Exception):
    """What was kept is no answer of this endpoint."""


def body_of(endpoint: Endpoint, kept: bytes, *, zero_usage: bool) -> bytes:
    """One body. Raises Unreadable."""
    if kept[:1] == b"{" and not zero_usage:
        return kept
    try:
        answer = _decode(kept)
        if isinstance(answer, list):
            answer = _streamed(endpoint).collected(answer)
        return _encode(endpoint.without_usage(answer) if zero_usage else answer)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable from error


def events_of(endpoint: Endpoint, call: Call, kept: bytes, *, zero_usage: bool) -> list[Json]:
    """The events of a stream. Raises Unreadable."""
    streamed = _streamed(endpoint)
    try:
        answer = _decode(kept)
        events = answer if isinstance(answer, list) else streamed.events(answer)
        if not call.with_usage:
            events = streamed.untold(events)
        return [streamed.without_usage(event) for event in events] if zero_usage else events
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable from error


async def replayed(framing: Framing, events: list[Json], tokens_per_second: float | None) -> AsyncIterator[bytes]:
    """The bytes of a stream, at once, or at the pace at which a model might say it."""
    if tokens_per_second is None:
        yield b"".join(framing.written(events))
        return
    usage = read_answer(events).usage
    tokens = usage.output_tokens if usage and usage.output_tokens else len(events)
    pause = tokens / tokens_per_second / max(1, len(events))
    for part in framing.written(events):
        yield part
        await asyncio.sleep(pause)


def _streamed(endpoint: Endpoint) -> Streamed:
    if not isinstance(endpoint, Streamed):
        raise Unreadable
    return endpoint
