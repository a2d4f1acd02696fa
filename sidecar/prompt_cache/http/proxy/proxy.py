"""A provider's API, answered from the cache where it can, and by the provider where it cannot."""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qsl

from ...config import Config, upstreams
from ...core.cache import PromptCache
from ...core.errors import InvalidRequest
from ...core.lookup import Lookup
from ...core.questions import Question
from ...core.rules import ProxyRules
from ...protocols.protocol import Batch
from ...values.sizes import size
from ..failures import HttpError
from ..front.asgi import WHOLE
from ..front.exchange import Exchange
from ..front.lookups import Lookups
from ..front.storing import NewEntries
from ..tracing import of_model
from .answering import Answering
from .asking import Asking, aside, read, said_in_header, shaping_of
from .batches import BatchAnswering
from .client import Client
from .credentials import Payers
from .directives import Directives, refused
from .flights import Flights
from .metering import Passing
from .parts import Parts
from .passing import Upload, not_replayed, pass_on
from .reserving import reserved
from .routes import Route, Routes

_T = TypeVar("_T")
Body = Callable[[], Awaitable[bytes]]
Sent = tuple[bytes, bytes, bytes, tuple[tuple[bytes, bytes], ...]]
Ready = tuple[Asking, Lookup, Question]

_KNOWN = 1000
_SMALL = 16 * 1024
"""Bytes of a body that is still known when it comes again: what a cache is asked repeats itself."""


class Proxy:
    """Passes calls on; what can be cached is looked up first, asked once, and kept when it is whole."""

    def __init__(self, cache: PromptCache, config: Config, lookups: Lookups, new_entries: NewEntries) -> None:
        self._routes = Routes(upstreams(config))
        self._payers = Payers(config)
        self._ready: dict[Sent, Ready] = {}
        """Small calls that came before, word for word: what they ask, and who may have the answer, is known."""
        self._parts = Parts(cache, lookups, new_entries, Flights(), Client(cache.measures), 4 * size(config.body_limit))

    def route(self, exchange: Exchange) -> Route | None:
        """None for a path that is no provider's. Raises an HttpError of 400, 401 or 404."""
        raw_path: bytes = exchange.scope.get("raw_path") or exchange.path.encode()
        try:
            return self._routes.find(exchange.method, raw_path.decode("latin-1"))
        except HttpError:
            self._payers.require_known(exchange.headers, exchange.scope["query_string"].decode("latin-1"))
            raise

    async def close(self) -> None:
        await self._parts.client.close()

    async def answer(self, exchange: Exchange, route: Route, body: Body) -> None:
        """`body` reads it whole, within the server's limits. Raises an HttpError, Gone."""
        if exchange.headers.raw(b"sec-websocket-key"):
            raise HttpError(501, "no-websocket", "WebSockets are not passed on; call the provider itself for these")
        sent = _as_sent(exchange)
        if sent is not None and (ready := self._ready.get(sent)):
            exchange.line.notes["caller"] = ready[0].payer.caller.name
            if exchange.trace:
                exchange.trace.asks(of_model(ready[0]))
            await self._answer(exchange, *ready)
            return
        query = exchange.scope["query_string"].decode("latin-1")
        payer = self._payers.of(route, exchange.headers, query)
        exchange.line.notes["caller"] = payer.caller.name
        payer.caller.require("writer")
        if route.endpoint is None:
            payer.caller.require_namespaces([route.upstream.namespace])
            upload = Upload(exchange) if exchange.has_body else None
            if not self._rules(route.upstream.namespace).passes:
                raise not_replayed(route)
            await pass_on(self._parts.client, exchange, route, payer, upload)
            return
        directives = Directives.of(exchange.headers)
        namespace = directives.namespace or route.upstream.namespace
        payer.caller.require_namespaces([namespace])
        raw = await body()
        parsed = parse_qsl(query, keep_blank_values=True, encoding="latin-1")  # each byte counts
        call, asked = await aside(raw, read, route.endpoint, route, parsed, raw)
        asking = Asking(
            route=route,
            endpoint=route.endpoint,
            call=call,
            body=asked,
            raw=raw,
            directives=directives,
            payer=payer,
            rules=self._rules(namespace),
            namespace=namespace,
            shaping=shaping_of(exchange.scope["headers"], parsed),
        )
        if exchange.trace:
            exchange.trace.asks(of_model(asking))
        why = asking.bypass
        if why:
            await self._pass_by(exchange, asking, why)
        elif isinstance(route.endpoint, Batch):
            if why := await BatchAnswering(self._parts, exchange, asking, route.endpoint).run():
                await self._pass_by(exchange, asking, why)
        else:
            ready = await aside(raw, self._made_ready, asking)
            if ready is None:
                await self._pass_by(exchange, asking, "unknown-form")
                return
            if sent is not None:
                if len(self._ready) >= _KNOWN:
                    del self._ready[next(iter(self._ready))]
                self._ready[sent] = ready
            await self._answer(exchange, *ready)

    def _made_ready(self, asking: Asking) -> Ready | None:
        """None where the provider says what is wrong with it. Raises an HttpError of 400."""
        lookup = asking.lookup(asking.request)
        try:
            return asking, lookup, self._parts.cache.question(lookup)
        except InvalidRequest as wrong:
            if not said_in_header(wrong):
                return None
            raise refused(wrong) from None

    async def _answer(self, exchange: Exchange, asking: Asking, lookup: Lookup, question: Question) -> None:
        why = await Answering(self._parts, exchange, asking, lookup, question).run()
        if why:
            await self._pass_by(exchange, asking, why)

    def _rules(self, namespace: str) -> ProxyRules:
        return self._parts.cache.rules_of(namespace).proxy

    async def _pass_by(self, exchange: Exchange, asking: Asking, why: str) -> None:
        """A model's call that is not answered from the cache, and costs money all the same."""
        if not asking.rules.passes:
            raise not_replayed(asking.route, why)
        metered = partial(Passing, self._parts.cache.spending, asking, began=time.monotonic())
        async with reserved(self._parts.cache, asking):
            await pass_on(self._parts.client, exchange, asking.route, asking.payer, asking.raw, why, metered)


def _as_sent(exchange: Exchange) -> Sent | None:
    """A small call, word for word; None where its body is large or still to come."""
    scope = exchange.scope
    whole: bytes | None = scope.get(WHOLE)
    if exchange.method != "POST" or whole is None or len(whole) > _SMALL:
        return None
    return scope["raw_path"], scope["query_string"], whole, tuple(map(tuple, scope["headers"]))
