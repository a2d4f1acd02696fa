"""Which namespace a cache of LangCache's is."""

from ...values.names import is_namespace
from ..auth import Caller
from ..failures import HttpError


def namespace_of(caller: Caller, cache_id: str) -> str:
    """Raises an HttpError of 404 or 403."""
    if not is_namespace(cache_id):
        detail = "a cacheId is the name of a namespace here: 1 to 64 letters, digits, dots, dashes and underscores"
        raise HttpError(404, "unknown-cache", detail)
    caller.require_namespaces((cache_id,))
    return cache_id
