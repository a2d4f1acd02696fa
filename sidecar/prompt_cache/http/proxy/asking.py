"""From a call on the wire to the lookup that it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ...core.lookup import Lookup
from ...core.rules import ProxyRules
from ...keying.request import Request
from ...protocols.protocol import Body, Call, Endpoint, Wire
from ..front.exchange import Headers
from .credentials import Payer
from .directives import Directives
from .headers import SHAPING
from .routes import Route

PAYER = "prompt-cache.payer"
"""The attribute that keeps apart what different provider keys paid for."""
_LONGEST_LEASE = 3600.0

_decoder = msgspec.json.Decoder()


class Asking(Struct, frozen=True, kw_only=True):
    """A call that may be answered from the cache."""

    route: Route
    endpoint: Endpoint
    call: Call
    body: Body
    raw: bytes
    directives: Directives
    payer: Payer
    rules: ProxyRules
    namespace: str
    shaping: Mapping[str, str]
    """What shapes the answer beside the body."""

    @property
    def request(self) -> Request:
        if self.call.request is None:
            raise ValueError("a call that passes through asks nothing")
        return self.call.request

    @property
    def bypass(self) -> str:
        """Why it passes through; empty where it may be answered from the cache."""
        if self.directives.no_store and self.rules.bypass:
            return "no-store"
        return self.call.bypass or ("" if self.call.request else "unknown-form")

    def lookup(self, request: Request) -> Lookup:
        """The lookup of a request, with who pays, where it goes, and what else shapes the answer."""
        directives = self.directives
        attributes = dict(directives.attributes)
        if not self.rules.shared:
            attributes[PAYER] = self.payer.digest
        about: dict[str, Any] = {"upstream": self.route.base, "endpoint": self.endpoint.name, **self.shaping}
        request = msgspec.structs.replace(
            request,
            namespace=self.namespace,
            attributes=attributes or None,
            params={**(request.params or {}), "prompt-cache.upstream": about},
            normalize=request.normalize or directives.normalize,
        )
        return Lookup(
            request=request,
            max_age=0.0 if directives.no_cache and self.rules.bypass else directives.max_age,
            max_stale=directives.stale,
            lease=min(self.route.upstream.timeout, _LONGEST_LEASE),
            source=directives.source,
        )


def shaping_of(headers: Headers, query: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Headers and the query as far as the provider answers differently for them."""
    found = {name.decode(): value.decode("latin-1") for name in SHAPING if (value := headers.raw(name)) is not None}
    found |= {f"?{name}": value for name, value in query if name not in ("key", "alt", "$alt")}
    return found


def read(endpoint: Endpoint, route: Route, query: Sequence[tuple[str, str]], raw: bytes) -> tuple[Call, Body]:
    """What a body asks; a call without a request where it is no JSON object."""
    try:
        body = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Call(), {}
    if not isinstance(body, dict):
        return Call(), {}
    try:
        return endpoint.read(Wire(route.path, dict(query), body)), body
    except (TypeError, AttributeError, ValueError, RecursionError):
        return Call(), {}  # the provider says what is wrong with it
