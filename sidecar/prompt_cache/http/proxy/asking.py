"""From a call on the wire to the lookup that it is."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from ...core.errors import InvalidRequest
from ...core.lookup import Lookup
from ...core.outcome import Outcome
from ...core.rules import ProxyRules
from ...core.store import NewEntry
from ...keying.request import Request
from ...protocols.protocol import Body, Call, Endpoint, Wire
from ..front.exchange import Exchange
from ..front.lanes import LARGE
from .credentials import Payer, is_secret
from .directives import Directives
from .headers import OF_THE_PAYER, shapes, towards
from .routes import Route

PAYER = "prompt-cache.payer"
"""The attribute that keeps apart what different provider keys paid for."""
LEASE = 15.0
"""Seconds that a lease lasts unless its holder, who may be gone by then, takes it anew."""

_T = TypeVar("_T")
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
    shaping: Mapping[str, Sequence[str]]
    """What shapes the answer beside the body."""

    @property
    def request(self) -> Request:
        if self.call.request is None:
            raise ValueError("a call that passes through asks nothing")
        return self.call.request

    @property
    def anew(self) -> bool:
        """Whether the caller wants to be answered by no call that others made."""
        return self.directives.no_cache and self.rules.bypass

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
        url = self.endpoint.of_either_form(self.route.name if self.rules.by_name else self.route.url)
        shaping = {
            name: values
            for name, values in self.shaping.items()
            if not (self.rules.by_name and name in OF_THE_PAYER)  # other tests have other keys
        }
        about: dict[str, Any] = {"url": url, "endpoint": self.endpoint.name, **shaping}
        request = msgspec.structs.replace(
            request,
            namespace=self.namespace,
            attributes=attributes or None,
            params={**(request.params or {}), "prompt-cache.upstream": about},
            normalize=request.normalize or directives.normalize,
        )
        return Lookup(
            request=request,
            max_age=0.0 if self.anew else directives.max_age if self.rules.bypass else None,
            max_stale=directives.stale,
            lease=None if self.anew else LEASE,
            source=directives.source,
            match=directives.match if self.endpoint.converses else "exact",
            threshold=directives.threshold if self.endpoint.converses else None,
        )

    def sent_headers(self, exchange: Exchange) -> list[tuple[str, str]]:
        """What the provider is sent, so that its answer can be read."""
        headers = [each for each in towards(exchange.scope["headers"]) if each[0] != "accept-encoding"]
        return [*headers, *self.payer.headers, ("accept-encoding", "identity")]

    def new_entry(self, outcome: Outcome, response: bytes, latency: float, repeats: int = 0) -> NewEntry:
        """The answer to what missed; `latency` in seconds."""
        directives = self.directives
        return NewEntry(
            response=response,
            key=outcome.key,
            ticket=outcome.ticket or None,
            lease=outcome.lease or None,
            ttl=msgspec.UNSET if directives.ttl is None else directives.ttl,
            tags=list(directives.tags),
            depends_on=list(directives.depends_on),
            repeats=repeats,
            latency=latency,
            source=directives.source,
            caller=self.payer.caller.name,
            match=None if self.endpoint.converses else "exact",
        )


def shaping_of(headers: Iterable[tuple[bytes, bytes]], query: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Headers and the query as far as the provider answers differently for them, each as often as it was sent."""
    found: dict[str, list[str]] = {}
    for raw_name, raw_value in headers:
        if shapes(raw_name):
            found.setdefault(raw_name.decode("latin-1"), []).append(raw_value.decode("latin-1"))
    for name, value in query:
        if not is_secret(name) and (name, value) not in _FORMS:
            found.setdefault(f"?{name}", []).append(value)
    return found


_FORMS = (("alt", "sse"), ("alt", "json"), ("$alt", "sse"), ("$alt", "json"))
"""Which say how an answer comes, and not what it says."""


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


def said_in_header(wrong: InvalidRequest) -> bool:
    """Whether what cannot be meant is the caller's word to the cache, and not to the provider."""
    return not _OURS.isdisjoint(wrong.loc)


_OURS = frozenset(("namespace", "attributes", "normalize", "match", "threshold"))


async def aside(raw: bytes, act: Callable[..., _T], *arguments: Any) -> _T:
    """What is large is read on a thread: others wait for the loop."""
    if len(raw) <= LARGE:
        return act(*arguments)
    return await asyncio.get_running_loop().run_in_executor(None, act, *arguments)


def is_ambiguous(raw: bytes) -> bool:
    """Whether a name stands twice in an object: which one counts, each reader decides for itself."""
    try:
        json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return True
    return False


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
