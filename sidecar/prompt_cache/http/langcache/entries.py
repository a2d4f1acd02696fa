"""Set and delete."""

from flask import Response

from ...core.cache import PromptCache
from ...core.errors import UnknownKey
from ...core.filters import EntryFilter
from ..api import Api, note_outcome
from ..auth import Caller
from ..failures import HttpError, bad_request
from .bodies import DeleteBody, DeletedAnswer, SetAnswer, SetBody
from .caches import namespace_of


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("POST", "/v1/caches/{cache_id}/entries", role="writer", body=SetBody, returns=SetAnswer, status=(201,))
    def set_entry(caller: Caller, body: SetBody, cache_id: str) -> SetAnswer:
        """Keep an answer."""
        namespace = namespace_of(caller, cache_id)
        # Nobody says which search it answers, so it counts as asked now.
        stored = cache.store(body.new_entry(namespace, cache.ticket(namespace), caller.name))
        note_outcome("stored" if stored.stored else str(stored.reason))
        return SetAnswer(stored.key) if stored.stored else SetAnswer(stored.key, False, str(stored.reason))

    @api.route("DELETE", "/v1/caches/{cache_id}/entries", role="writer", body=DeleteBody, returns=DeletedAnswer)
    def delete_entries(caller: Caller, body: DeleteBody, cache_id: str) -> DeletedAnswer:
        """Delete what carries all of these attributes."""
        namespace = namespace_of(caller, cache_id)
        if not body.attributes:
            bad_request(("attributes",), f"name at least one; to empty the cache use POST /v1/caches/{namespace}/flush")
        deleted = cache.invalidate(EntryFilter(namespace=namespace, attributes=body.attributes))
        note_outcome(f"{deleted} deleted")
        return DeletedAnswer(deleted)

    @api.route("DELETE", "/v1/caches/{cache_id}/entries/{entry_id}", role="writer", returns=None, status=(204,))
    def delete_entry(caller: Caller, cache_id: str, entry_id: str) -> Response:
        """Delete one entry."""
        namespace = namespace_of(caller, cache_id)
        try:
            cache.delete(entry_id, lambda name: name == namespace)
        except UnknownKey:
            raise HttpError(404, "unknown-entry", f"the cache {namespace} has no entry of this id") from None
        return _empty()

    @api.route("POST", "/v1/caches/{cache_id}/flush", role="admin", returns=None, status=(204,))
    def flush_cache(caller: Caller, cache_id: str) -> Response:
        """Delete all entries of a cache."""
        deleted = cache.flush(namespace_of(caller, cache_id))
        note_outcome(f"{deleted} deleted")
        return _empty()


def _empty() -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response
