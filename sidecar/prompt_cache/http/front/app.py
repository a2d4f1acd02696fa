"""The ASGI application: hits and health on the event loop, lookups and stores beside it, all else in Flask."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from ... import __version__
from ...config import Config
from ...core.cache import PromptCache
from ...observability.measures import LEFT
from ...values.durations import seconds
from ...values.sizes import size
from ..app import Part, assemble, make_parts, owner, rendered
from ..auth import Caller
from ..failures import failure_of
from ..log import Lines
from ..native.lookup import require_lookup, with_budget
from ..native.store import StoreBody, fate_of, new_entry_of
from ..ops import Health
from ..proxy.failures import provider_failure
from ..proxy.proxy import Proxy
from ..tracing import of_outcome, of_stored, route_of
from .asgi import Receive, Scope, Send
from .bodies import decoded
from .callers import Callers
from .exchange import JSON, Exchange, Gone
from .lanes import LARGE
from .lookups import Asked, Lookups
from .overload import MOST_BYTES, UNTAKEN, Bodies
from .storing import NewEntries
from .threads import Threads

if TYPE_CHECKING:
    from ...observability.otel import Otel

Lifespan = Callable[[], contextlib.AbstractAsyncContextManager[None]]

_HEALTH = msgspec.json.encode(Health("ok", __version__))
_new_entries = msgspec.json.Decoder(StoreBody)
_encoder = msgspec.json.Encoder()


@contextlib.asynccontextmanager
async def _nothing_beside() -> AsyncIterator[None]:
    yield


def create_asgi(
    cache: PromptCache, config: Config, lifespan: Lifespan = _nothing_beside, otel: "Otel | None" = None
) -> "Front":
    """The application around a cache; `lifespan` is what goes on beside it, from its start to its end."""
    return Front(cache, config, make_parts(cache, config), lifespan, otel)


def _kind_of(path: str) -> str:
    """As what the duration of a request is measured that Flask answers."""
    if path.startswith("/v1/caches/"):
        return "langcache"
    return {"/v1/lookup": "lookup", "/v1/store": "store"}.get(path.removesuffix("/batch"), "other")


class Front:
    """Knows the caller by the headers before it reads a body, and has the body before a thread is taken.

    Whatever is neither a plain lookup nor a plain store goes on to Flask, which has all routes and tells what is wrong.
    """

    def __init__(
        self,
        cache: PromptCache,
        config: Config,
        parts: Sequence[Part],
        lifespan: Lifespan = _nothing_beside,
        otel: "Otel | None" = None,
    ) -> None:
        self._otel = otel
        self._parts = parts
        self._measures = cache.measures
        self._lifespan = lifespan
        self._body_limit = size(config.body_limit)
        self._body_timeout = seconds(config.body_timeout)
        self._bodies = Bodies(max(MOST_BYTES, 4 * self._body_limit))
        self._log = config.request_log
        self._lines = Lines()
        self._callers = Callers(config)
        self._cache = cache
        self._lookups = Lookups(cache)
        self._new_entries = NewEntries(cache)
        self._proxy = Proxy(cache, config, self._lookups, self._new_entries)
        self._threads = Threads(assemble(parts, body_limit=self._body_limit), config.threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        exchange = Exchange(scope, receive, send)
        if self._otel and (route := route_of(exchange.path)):
            exchange.trace = self._otel.begin(exchange.method, exchange.path, route, exchange.headers)
        try:
            await self._answer(exchange)
        except Gone:
            exchange.line.status = LEFT
        except Exception as error:
            await self._fail(exchange, error)
        finally:
            self._bodies.give_back(exchange.counted)
            line = exchange.line
            line.end()
            self._measures.request(exchange.kind, line.status, line.seconds)
            if exchange.trace:
                exchange.trace.end(line.status, line.notes.get("outcome"))
            if self._log:
                self._lines.add(line)

    async def _answer(self, exchange: Exchange) -> None:
        method, path = exchange.method, exchange.path
        if path == "/healthz" and method in ("GET", "HEAD"):
            await exchange.json(200, _HEALTH)
            return
        self._callers.require_known(exchange)
        if route := self._proxy.route(exchange):
            await self._proxy.answer(
                exchange, route, lambda: exchange.body(self._body_limit, self._body_timeout, self._bodies)
            )
            return
        body = b""
        if exchange.has_body:
            part = owner(self._parts, path)
            caller = part.authenticate(exchange.headers)
            exchange.line.notes["caller"] = caller.name
            limit = min(self._body_limit, part.body_limit or self._body_limit)
            body = await exchange.body(limit, self._body_timeout, self._bodies)
            if method == "POST" and exchange.headers.raw(b"content-type") == JSON:
                if path == "/v1/lookup" and (asked := self._lookups.asked(body)):
                    exchange.kind = "lookup"
                    await self._look_up(exchange, caller, asked)
                    return
                if path == "/v1/store" and len(body) <= LARGE and (new_entry := decoded(_new_entries, body)):
                    exchange.kind = "store"
                    await self._store(exchange, caller, new_entry)
                    return
        exchange.kind = _kind_of(path)
        await UNTAKEN.wait_for_room()
        await self._threads.answer(exchange, body)

    async def _store(self, exchange: Exchange, caller: Caller, body: StoreBody) -> None:
        stored = await self._new_entries.store(new_entry_of(caller, body), caller.may_touch)
        exchange.line.notes["outcome"] = fate_of(stored)
        if exchange.trace:
            exchange.trace.set(of_stored(stored))
        await exchange.json(201 if stored.stored else 200, _encoder.encode(stored))

    async def _look_up(self, exchange: Exchange, caller: Caller, asked: Asked) -> None:
        require_lookup(caller, asked.body)
        await UNTAKEN.wait_for_room()
        outcome = await self._lookups.answer(asked.lookup, asked.question)
        outcome = with_budget(self._cache, caller, asked.lookup, outcome)
        exchange.line.notes["outcome"] = outcome.status
        if exchange.trace:
            exchange.trace.set(of_outcome(outcome, asked.lookup.request.namespace))
            exchange.trace.set({"gen_ai.request.model": asked.lookup.request.model})
        await UNTAKEN.wait_for_room()  # again: others may have been answered at the same time
        await exchange.json(200, _encoder.encode(outcome))

    async def _fail(self, exchange: Exchange, error: Exception) -> None:
        if exchange.answered:
            raise error  # the server can but close the connection
        failure = failure_of(error, exchange.path)
        if told := provider_failure(exchange.path, failure):
            await exchange.start(failure.status, told.headers)
            await exchange.last(told.body)
            return
        await exchange.respond(rendered(self._parts, failure, exchange.path, exchange.headers))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._lifespan():
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self._proxy.close()
            self._lookups.close()
            self._new_entries.close()
            self._threads.close()
        await send({"type": "lifespan.shutdown.complete"})
