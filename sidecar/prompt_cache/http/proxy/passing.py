"""Calls that the cache has no part in: as they are, both ways, without a look into them."""

import asyncio
from collections.abc import AsyncIterator, Callable

from ..failures import HttpError
from ..front.asgi import PAID
from ..front.exchange import Exchange, Gone
from ..tracing import of_answer
from . import headers as told
from .client import Client, Reply, UpstreamGone, unreachable
from .credentials import Payer
from .metering import Passing
from .routes import Route


class Upload:
    """A body that goes on to the provider while it comes."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.ended = asyncio.Event()
        self.broken = False
        """Whether its sender left in the middle."""

    async def parts(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._exchange.parts():
                yield part
        except Gone:
            self.broken = True
            raise
        self.ended.set()


Metered = Callable[[Reply | None], Passing]


async def pass_on(
    client: Client,
    exchange: Exchange,
    route: Route,
    payer: Payer,
    body: bytes | Upload | None,
    why: str = "",
    metered: Metered | None = None,
) -> None:
    """`why` a model's call is not answered from the cache, and what makes the meter that its answer goes by.

    Raises an HttpError, and Gone when the caller leaves.
    """
    exchange.line.notes["outcome"] = why or "passed-on"
    exchange.kind = "proxy_passed"
    if exchange.trace:
        exchange.trace.set({"prompt_cache.outcome": "passed", "prompt_cache.reason": why or None})
    if why:
        exchange.scope[PAID] = True
    passing = asyncio.create_task(_pass(client, exchange, route, payer, body, why, metered))
    leaving = asyncio.create_task(_left(exchange, body))
    try:
        await asyncio.wait({passing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not passing.done():
            raise Gone
        await passing
    finally:
        leaving.cancel()
        passing.cancel()


def not_replayed(route: Route, why: str = "") -> HttpError:
    """What is told where nothing is passed on, so that a test never asks a provider."""
    reason = f" ({why})" if why else ""
    return HttpError(
        424,
        "not-recorded",
        f"{route.path[:200]} is no call that can be recorded{reason}, and nothing is passed on here",
    )


async def _pass(
    client: Client,
    exchange: Exchange,
    route: Route,
    payer: Payer,
    body: bytes | Upload | None,
    why: str,
    metered: Metered | None,
) -> None:
    headers = [*told.towards(exchange.scope["headers"]), *payer.headers]
    if isinstance(body, Upload) and (length := exchange.headers.raw(b"content-length")):
        headers.append(("content-length", length.decode()))
    parts = body.parts() if isinstance(body, Upload) else body
    passing: Passing | None = None
    replied = False
    try:
        async with client.call(route, exchange.method, payer.query, headers, parts, exchange.trace) as reply:
            replied = True
            status = told.of_miss("bypass", detail=why) if why else []
            passing = metered(reply) if metered and reply.status == 200 else None
            await exchange.start(reply.status, [*told.back(reply.headers), *status])
            async for part in reply.parts():
                await exchange.part(part)
                if passing:
                    passing.add(part)
            if passing:
                passing.end()
                if reply.call:
                    reply.call.answered(*of_answer(passing.answer))
            await exchange.end()
    except UpstreamGone as gone:
        if isinstance(body, Upload) and body.broken:
            raise Gone from None
        if exchange.answered:
            raise
        raise unreachable(route, gone) from None
    except asyncio.CancelledError:
        if metered and not replied:
            passing = metered(None)  # its caller has left, and the provider reads all the same
        raise
    finally:
        if passing:
            passing.count()


async def _left(exchange: Exchange, body: bytes | Upload | None) -> None:
    """Return when the client has left; before, its body is there."""
    if isinstance(body, Upload):
        await body.ended.wait()
    await exchange.left()
