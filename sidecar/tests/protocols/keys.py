"""The key of a call through the proxy, as it came over the wire."""

import json
from typing import Any
from urllib.parse import parse_qsl

from prompt_cache.config import Config, upstreams
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.rules import ProxyRules
from prompt_cache.http.front.exchange import Headers
from prompt_cache.http.proxy.asking import Asking, read, shaping_of
from prompt_cache.http.proxy.credentials import Payers
from prompt_cache.http.proxy.directives import Directives
from prompt_cache.http.proxy.routes import Routes
from prompt_cache.protocols.protocol import Batch
from prompt_cache.stores.memory import MemoryStore


def asking(path: str, body: Any, headers: dict[str, str], **settings: Any) -> Asking:
    """`body` is what is sent as JSON, or its text."""
    config = Config(**settings)
    place, _, query = path.partition("?")
    route = Routes(upstreams(config)).find("POST", place)
    assert route is not None
    assert route.endpoint is not None
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    sent = Headers(pairs)
    parsed = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    call, asked = read(route.endpoint, route, parsed, raw)
    directives = Directives.of(sent)
    return Asking(
        route=route,
        endpoint=route.endpoint,
        call=call,
        body=asked,
        raw=raw,
        directives=directives,
        payer=Payers(config).of(route, sent, query),
        rules=ProxyRules(),
        namespace=directives.namespace or route.upstream.namespace,
        shaping=shaping_of(pairs, parsed),
    )


def keys(path: str, body: Any, headers: dict[str, str] | None = None, **settings: Any) -> list[str]:
    """One for each question in it."""
    cache = PromptCache(MemoryStore())
    asked = asking(path, body, headers or {}, **settings)
    assert not asked.bypass, asked.bypass
    requests = asked.endpoint.questions(asked.body) if isinstance(asked.endpoint, Batch) else [asked.request]
    return [cache.question(asked.lookup(request)).key for request in requests]


def key(path: str, body: Any, headers: dict[str, str] | None = None, **settings: Any) -> str:
    (only,) = keys(path, body, headers, **settings)
    return only
