"""Look inside: entries listed and searched, one by one, forgotten."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Raw, Struct

from ...core.cache import PromptCache
from ...core.entry import Entry, Source
from ...core.filters import EntryFilter
from ...keying.request import Request
from ...responses.usage import Usage
from ...values.names import DEFAULT_NAMESPACE, Name, Namespace
from ..api import Api
from ..auth import Caller
from ..failures import bad_request
from .fields import EITHER, time_of
from .invalidate import Deleted
from .ways import Way, Ways

_CURSOR = {"format": "cursor"}
"""Opaque: the store's own, and no other is taken."""


class EntriesQuery(Struct, forbid_unknown_fields=True):
    """Which entries to list; `q` is searched in the prompts; where those are not kept it is a 400."""

    namespace: Namespace = DEFAULT_NAMESPACE
    tag: Name | None = None
    model: Name | None = None
    q: Annotated[str, Meta(min_length=1, max_length=1024)] | None = None
    cursor: (
        Annotated[str, Meta(max_length=1024, description="The `next_cursor` of a page.", extra_json_schema=_CURSOR)]
        | None
    ) = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50


class EntrySummary(Struct, kw_only=True):
    """An entry without its answer. Money in US dollars, durations in seconds."""

    key: str
    namespace: str
    created: datetime
    expires: datetime | None
    model: str | None
    answered_by: str | None
    tags: list[str]
    attributes: dict[str, str]
    depends_on: list[str]
    finish_reason: str | None
    usage: Usage | None
    cost_usd: float | None
    latency: float | None
    source: Source
    alias_of: str | None
    """The key of the entry whose answer this is; null where it is its own."""
    hits: int
    """How often it was served since it was stored."""
    request: Raw | None
    """The canonical request; null where prompts are not kept."""


class EntryDetail(EntrySummary, kw_only=True):
    """An entry with its answer."""

    response: Raw
    digests: dict[str, str]


class EntryPage(Struct):
    """Entries, newest first; `next_cursor` is null on the last page alone, however few items a page has."""

    items: list[EntrySummary]
    next_cursor: str | None


class AnsweredRequest(Request, kw_only=True, forbid_unknown_fields=True):
    """A request that was answered by an entry."""

    # The request checks itself, in any API; the ways tell the contract of it.
    ways: ClassVar = Ways(
        Way(("prompt",), {"messages": EITHER}, {"prompt": "What is the capital of France?"}),
        Way(("messages",), {}, {"messages": [{"role": "user", "content": "What is the capital of France?"}]}),
        missing=(("prompt",), "give `prompt` (text) or `messages` (a list of chat messages)"),
    )


class RejectBody(Struct, forbid_unknown_fields=True):
    """An answer that was wrong, with the request it was served to; without one, it was wrong for its own."""

    request: AnsweredRequest | None = None


class AcceptBody(Struct, forbid_unknown_fields=True):
    """A request that the entry answers as well."""

    request: Annotated[AnsweredRequest, Meta(examples=[{"prompt": "What is the capital of France?"}])]


class Accepted(Struct):
    """The request's own key, under which the answer is found from now on, and the entry's."""

    key: str
    alias_of: str


def _common(key: str, entry: Entry, hits: int) -> dict[str, Any]:
    names = EntrySummary.__struct_fields__
    found = {name: getattr(entry, name) for name in names if name in Entry.__struct_fields__}
    return found | {
        "key": key,
        "hits": hits,
        "created": time_of(entry.created),
        "expires": None if entry.expires is None else time_of(entry.expires),
        "request": None if entry.request is None else Raw(entry.request),
    }


def routes(api: Api, cache: PromptCache) -> None:
    @api.route(
        "GET",
        "/v1/entries",
        role="reader",
        query=EntriesQuery,
        returns=EntryPage,
        fails=(400, 403),
        links={"entries": {"cursor": "/next_cursor"}, "entry": {"key": "/items/0/key"}},
    )
    def entries(caller: Caller, query: EntriesQuery) -> EntryPage:
        """Look inside a namespace, newest first."""
        caller.require_namespaces((query.namespace,))
        if query.q and not cache.keeps_prompts:
            bad_request(("q",), "prompts are not kept here, so there is nothing to search: see `store_prompts`")
        tags = (query.tag,) if query.tag else ()
        entry_filter = EntryFilter(namespace=query.namespace, tags=tags, model=query.model)
        try:
            items, cursor = cache.entries(entry_filter, text=query.q, limit=query.limit, cursor=query.cursor)
        except ValueError as error:
            bad_request(("cursor",), str(error))
        hits = cache.hits([key for key, _ in items])
        summaries = [EntrySummary(**_common(key, entry, n)) for (key, entry), n in zip(items, hits, strict=True)]
        return EntryPage(summaries, cursor)

    @api.route(
        "GET",
        "/v1/entries/{key}",
        role="reader",
        returns=EntryDetail,
        fails=(404,),
        links={name: {"key": "/key"} for name in ("delete_entry", "invalidate")},
    )
    def entry(caller: Caller, key: str) -> EntryDetail:
        """One entry with its answer."""
        found = cache.entry(key, caller.may_touch)
        (hits,) = cache.hits([key])
        return EntryDetail(**_common(key, found, hits), response=Raw(found.response), digests=found.digests)

    @api.route("POST", "/v1/entries/{key}/reject", role="writer", body=RejectBody, returns=Deleted, fails=(403, 404))
    def reject_entry(caller: Caller, body: RejectBody, key: str) -> Deleted:
        """Say that an answer was wrong: it is never served again, or with a `request` of other words never to that."""
        if body.request is not None:
            caller.require_namespaces((body.request.namespace,))
        return Deleted(cache.reject(key, body.request, caller.may_touch))

    @api.route("POST", "/v1/entries/{key}/accept", role="writer", body=AcceptBody, returns=Accepted, fails=(403, 404))
    def accept_entry(caller: Caller, body: AcceptBody, key: str) -> Accepted:
        """Say that an answer serves another request as well: it is an exact hit from now on."""
        caller.require_namespaces((body.request.namespace,))
        return Accepted(*cache.accept(key, body.request, caller.may_touch))

    @api.route("DELETE", "/v1/entries/{key}", role="writer", returns=Deleted, fails=(404,))
    def delete_entry(caller: Caller, key: str) -> Deleted:
        """Forget one entry."""
        return Deleted(cache.delete(key, caller.may_touch))
