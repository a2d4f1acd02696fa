"""The cache's own API under /v1."""

import time

from flask import current_app, request

from ..core.cache import PromptCache
from ..core.filters import EntryFilter
from ..core.outcome import Outcome, Stored
from ..keying.request import Request
from ..values.names import DEFAULT_NAMESPACE
from . import bodies
from .auth import Caller
from .log import note
from .operation import Api
from .problems import bad_request

api = Api("native")


def _cache() -> PromptCache:
    cache: PromptCache = current_app.config["CACHE"]
    return cache


def look_up(cache: PromptCache, caller: Caller, body: bodies.LookupBody) -> Outcome:
    """One lookup for a caller; asks for a lease only on behalf of a writer."""
    caller.require_namespaces((body.namespace,))
    if body.lease is not False:
        caller.require("writer")
    return cache.lookup(body.lookup())


@api.route("POST", "/v1/lookup", role="reader", body=bodies.LookupBody, returns=Outcome, fails=(403,))
def lookup(caller: Caller, body: bodies.LookupBody) -> Outcome:
    """Is there an answer to this request?"""
    outcome = look_up(_cache(), caller, body)
    note(request.environ, "outcome", outcome.status)
    return outcome


@api.route("POST", "/v1/lookup/batch", role="reader", body=bodies.LookupBatch, returns=bodies.Outcomes, fails=(403,))
def lookup_batch(caller: Caller, body: bodies.LookupBatch) -> bodies.Outcomes:
    """Is there an answer to each of these requests?"""
    caller.require_namespaces({item.namespace for item in body.items})
    if any(item.lease is not False for item in body.items):
        caller.require("writer")
    lookups = [item.lookup(("items", at)) for at, item in enumerate(body.items)]
    outcomes = _cache().lookup_many(lookups)
    note(request.environ, "outcome", f"{sum(outcome.status == 'hit' for outcome in outcomes)}/{len(outcomes)} hits")
    return bodies.Outcomes(outcomes)


@api.route(
    "POST", "/v1/store", role="writer", body=bodies.StoreBody, returns=Stored, status=(201, 200), fails=(403, 404)
)
def store(caller: Caller, body: bodies.StoreBody) -> tuple[Stored, int]:
    """Keep an answer: 201 when kept, 200 with a reason when refused."""
    if body.key is None:
        caller.require_namespaces((body.namespace,))
    stored = _cache().store(body.new_entry(), caller.may_touch)
    note(request.environ, "outcome", "stored" if stored.stored else str(stored.reason))
    return stored, 201 if stored.stored else 200


@api.route(
    "POST",
    "/v1/store/batch",
    role="writer",
    body=bodies.StoreBatch,
    returns=bodies.StoredItems,
    status=(201,),
    fails=(403,),
)
def store_batch(caller: Caller, body: bodies.StoreBatch) -> bodies.StoredItems:
    """Keep many answers; each says what became of it."""
    caller.require_namespaces({item.namespace for item in body.items if item.key is None})
    new_entries = [item.new_entry(("items", at)) for at, item in enumerate(body.items)]
    stored = _cache().store_many(new_entries, caller.may_touch)
    note(request.environ, "outcome", f"{sum(each.stored for each in stored)}/{len(stored)} stored")
    return bodies.StoredItems(stored)


@api.route(
    "POST", "/v1/invalidate", role="writer", body=bodies.InvalidateBody, returns=bodies.Invalidated, fails=(403,)
)
def invalidate(caller: Caller, body: bodies.InvalidateBody) -> bodies.Invalidated:
    """Delete one entry, or all that meet every condition given."""
    cache = _cache()
    namespace = None if body.key is not None and not body.namespace else body.namespace or DEFAULT_NAMESPACE
    if namespace is not None:
        caller.require_namespaces((namespace,))
    key, asked, model, attributes = body.key, None, body.model, body.attributes or {}
    if body.asks:
        if key is not None:
            bad_request(("key",), "give a key or a request, not both")
        named = {name: getattr(body, name) for name in Request.__struct_fields__}
        asked = Request(**(named | {"namespace": namespace}))
        model, attributes = None, {}
    else:
        for name in ("system", "tools", "response_format", "params", "normalize"):
            if getattr(body, name) is not None:
                bad_request((name,), "belongs to a request; give its `prompt` or `messages` as well")
    entry_filter = EntryFilter(
        namespace=namespace,
        key=key,
        request=asked,
        tags=tuple(body.tags),
        model=model,
        attributes=attributes,
        older_than=body.older_than_seconds(),
    )
    if entry_filter == EntryFilter(namespace=namespace):
        msg = (
            "say what to invalidate: key, prompt or messages, tags, model, attributes or older_than; "
            "to empty a namespace use /v1/flush"
        )
        bad_request((), msg)
    deleted = cache.invalidate(entry_filter, dry_run=body.dry_run, scope=caller.may_touch)
    note(request.environ, "outcome", f"{deleted} deleted")
    return bodies.Invalidated(deleted=deleted, dry_run=body.dry_run)


@api.route("POST", "/v1/flush", role="admin", body=bodies.FlushBody, returns=bodies.Deleted, fails=(403,))
def flush(caller: Caller, body: bodies.FlushBody) -> bodies.Deleted:
    """Empty one namespace, or all."""
    cache = _cache()
    if (body.namespace is None) == (not body.all):
        bad_request(("namespace",), 'say what to flush: {"namespace": "..."}, or {"all": true} for everything')
    if body.namespace is not None:
        caller.require_namespaces((body.namespace,))
    deleted = cache.flush(body.namespace, caller.may_touch)
    note(request.environ, "outcome", f"{deleted} deleted")
    return bodies.Deleted(deleted)


@api.route("POST", "/v1/bump", role="writer", body=bodies.BumpBody, returns=bodies.Versions, fails=(403,))
def bump(caller: Caller, body: bodies.BumpBody) -> bodies.Versions:
    """Make everything that depends on these names stale, at once."""
    caller.require_namespaces((body.namespace,))
    return bodies.Versions(_cache().bump(body.namespace, body.names))


@api.route("POST", "/v1/release", role="writer", body=bodies.ReleaseBody, returns=bodies.Released, fails=(403,))
def release(caller: Caller, body: bodies.ReleaseBody) -> bodies.Released:  # noqa: ARG001 - a lease is its own proof
    """Give a lease back without storing."""
    return bodies.Released(_cache().release(body.key, body.lease))


@api.route("GET", "/v1/entries", role="reader", query=bodies.EntriesQuery, returns=bodies.EntryPage, fails=(400, 403))
def entries(caller: Caller, query: bodies.EntriesQuery) -> bodies.EntryPage:
    """Look inside a namespace, newest first."""
    caller.require_namespaces((query.namespace,))
    tags = (query.tag,) if query.tag else ()
    entry_filter = EntryFilter(namespace=query.namespace, tags=tags, model=query.model)
    try:
        items, cursor = _cache().entries(entry_filter, text=query.q, limit=query.limit, cursor=query.cursor)
    except ValueError as error:
        bad_request(("cursor",), str(error))
    return bodies.EntryPage([bodies.entry_summary(key, entry) for key, entry in items], cursor)


@api.route("GET", "/v1/entries/{key}", role="reader", returns=bodies.EntryDetail, fails=(404,))
def entry(caller: Caller, key: str) -> bodies.EntryDetail:
    """One entry with its answer."""
    return bodies.entry_detail(key, _cache().entry(key, caller.may_touch))


@api.route("DELETE", "/v1/entries/{key}", role="writer", returns=bodies.Deleted, fails=(404,))
def delete_entry(caller: Caller, key: str) -> bodies.Deleted:
    """Forget one entry."""
    return bodies.Deleted(_cache().delete(key, caller.may_touch))


@api.route("GET", "/v1/stats", role="reader", query=bodies.StatsQuery, returns=bodies.Stats, fails=(400, 403))
def stats(caller: Caller, query: bodies.StatsQuery) -> bodies.Stats:
    """What was asked, served and saved, over whole hours."""
    cache, now = _cache(), time.time()
    if query.namespace is not None:
        caller.require_namespaces((query.namespace,))

    def counted(namespace: str) -> bool:
        return caller.may_touch(namespace) and query.namespace in (None, namespace)

    since, until = (bodies.moment(name, getattr(query, name), now) for name in ("since", "until"))
    total, groups = cache.statistics.report(counted, since=since, until=until, group_by=query.group_by)
    held = cache.sizes(counted)
    return bodies.stats(since, until, total, groups if query.group_by else None, list(held.values()))
