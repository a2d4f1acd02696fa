"""The ASGI application: hits and health on the event loop, everything else behind it in Flask."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from ... import __version__
from ...config import Config
from ...core.cache import PromptCache
from ...values.durations import seconds
from ...values.sizes import size
from ..api import Api
from ..app import assemble, make_apis, owner
from ..auth import Caller
from ..failures import failure_of
from ..log import Lines
from ..native.lookup import LookupBody, lookup_of
from ..ops import Health
from .asgi import Receive, Scope, Send
from .callers import Callers
from .exchange import JSON, Exchange, Gone
from .lookups import Lookups
from .overload import MOST_BYTES, UNTAKEN, Bodies
from .threads import Threads

Lifespan = Callable[[], contextlib.AbstractAsyncContextManager[None]]

_LEFT = 499
"""What the log says of a client that left before it was answered; nginx says the same."""
_HEALTH = msgspec.json.encode(Health("ok", __version__))
_decoder = msgspec.json.Decoder(LookupBody)
_encoder = msgspec.json.Encoder()


@contextlib.asynccontextmanager
async def _nothing_beside() -> AsyncIterator[None]:
    yield


def create_asgi(cache: PromptCache, config: Config, lifespan: Lifespan = _nothing_beside) -> "Front":
    """The application around a cache; `lifespan` is what goes on beside it, from its start to its end."""
    return Front(cache, config, make_apis(cache, config), lifespan)


class Front:
    """Knows the caller by the headers before it reads a body, and has the body before a thread is taken.

    Whatever is not a plain lookup goes on to Flask, so that every route but one is told in one place.
    """

    def __init__(
        self, cache: PromptCache, config: Config, apis: Sequence[Api], lifespan: Lifespan = _nothing_beside
    ) -> None:
        self._apis = apis
        self._lifespan = lifespan
        self._body_limit = size(config.body_limit)
        self._body_timeout = seconds(config.body_timeout)
        self._bodies = Bodies(max(MOST_BYTES, 4 * self._body_limit))
        self._log = config.request_log
        self._lines = Lines()
        self._callers = Callers(config)
        self._lookups = Lookups(cache)
        self._threads = Threads(assemble(apis, body_limit=self._body_limit), config.threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        exchange = Exchange(scope, receive, send)
        try:
            await self._answer(exchange)
        except Gone:
            exchange.line.status = _LEFT
        except Exception as error:
            await self._fail(exchange, error)
        finally:
            self._bodies.give_back(exchange.counted)
            if self._log:
                self._lines.add(exchange.line)

    async def _answer(self, exchange: Exchange) -> None:
        method, path = exchange.method, exchange.path
        if path == "/healthz" and method in ("GET", "HEAD"):
            await exchange.json(200, _HEALTH)
            return
        self._callers.require_known(exchange)
        body = b""
        if exchange.has_body:
            caller = owner(self._apis, path).authenticate(exchange.headers)
            exchange.line.notes["caller"] = caller.name
            body = await exchange.body(self._body_limit, self._body_timeout, self._bodies)
            if path == "/v1/lookup" and method == "POST" and exchange.headers.raw(b"content-type") == JSON:
                try:
                    wanted = _decoder.decode(body)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    pass  # what is wrong with it is told in one place
                else:
                    await self._look_up(exchange, caller, wanted, len(body))
                    return
        await UNTAKEN.wait_for_room()
        await self._threads.answer(exchange, body)

    async def _look_up(self, exchange: Exchange, caller: Caller, body: LookupBody, size: int) -> None:
        await UNTAKEN.wait_for_room()
        outcome = await self._lookups.answer(lookup_of(caller, body), size)
        exchange.line.notes["outcome"] = outcome.status
        await UNTAKEN.wait_for_room()  # again: others may have been answered at the same time
        await exchange.json(200, _encoder.encode(outcome))

    async def _fail(self, exchange: Exchange, error: Exception) -> None:
        failure = failure_of(error, exchange.path)
        if exchange.answered:
            raise error  # the server can but close the connection
        await exchange.respond(owner(self._apis, exchange.path).render(failure))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._lifespan():
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self._lookups.close()
            self._threads.close()
        await send({"type": "lifespan.shutdown.complete"})
