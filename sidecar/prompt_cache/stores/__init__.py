"""Storage engines: one URL chooses."""

import re
from importlib import import_module
from urllib.parse import unquote

from ..plugins import BrokenPlugin, load_plugin, plugin_names, plugin_title
from ..values.defaults import STORE_PREFIX, STORE_TIMEOUT
from .base import (
    Bounds,
    CounterMove,
    CounterRow,
    CounterStore,
    Gain,
    LeaseStore,
    NamespaceSize,
    Neighbour,
    Page,
    Record,
    RecordQuery,
    RecordStore,
    Store,
    StoreBusy,
    StoreFull,
    StoreUnavailable,
    VectorRecord,
    VectorStore,
    VectorsUnsupported,
    VersionStore,
)

__all__ = [
    "GROUP",
    "SCHEMES",
    "Bounds",
    "CounterMove",
    "CounterRow",
    "CounterStore",
    "Gain",
    "LeaseStore",
    "NamespaceSize",
    "Neighbour",
    "Page",
    "Record",
    "RecordQuery",
    "RecordStore",
    "Store",
    "StoreBusy",
    "StoreFull",
    "StoreUnavailable",
    "VectorRecord",
    "VectorStore",
    "VectorsUnsupported",
    "VersionStore",
    "open_store",
]

_ENGINES = {
    "memory": "memory:MemoryStore",
    "sqlite": "sqlite:SqliteStore",
    "file": "file:FileStore",
    "null": "null:NullStore",
    **dict.fromkeys(
        ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel"),
        "redis:RedisStore",
    ),
    **dict.fromkeys(("postgresql", "postgres"), "postgres:PostgresStore"),
}
SCHEMES = tuple(_ENGINES)
"""What the URLs of our own engines begin with."""
GROUP = "prompt_cache.stores"
"""The entry points by which other distributions bring engines: the scheme, and a subclass of Store."""


def open_store(url: str, *, timeout: float = STORE_TIMEOUT, prefix: str = STORE_PREFIX) -> Store:
    """Open the store a URL names. `timeout` bounds every call, in seconds; `prefix` names ours in a shared engine.

    Raises ValueError with a sentence for people when the URL, or what it needs, is not there. A scheme of ours is never
    another distribution's, and entry points are looked up for no scheme of ours: that takes time at every start.
    """
    scheme, given, rest = url.partition("://")
    if given and scheme in _ENGINES:
        return _own(scheme).from_url(url, timeout=timeout, prefix=prefix)
    plugin = load_plugin(GROUP, scheme, Store) if given else None  # type: ignore[type-abstract]
    if plugin is None:
        schemes = ", ".join(f"{known}://" for known in dict.fromkeys((*SCHEMES, *plugin_names(GROUP))))
        raise ValueError(f"the store URL must begin with one of {schemes}")
    try:
        return plugin.from_url(url, timeout=timeout, prefix=prefix)
    except StoreUnavailable:
        raise
    except Exception as error:
        # Its own errors are said as they are, but not where a message of somebody else's may show our user's password.
        sentence = str(error) if isinstance(error, ValueError) and not _shows(str(error), rest) else ""
        why = sentence or f"it raised {type(error).__name__}"
        raise BrokenPlugin(f"{plugin_title(GROUP, scheme)} cannot be opened: {why}") from None


def _own(scheme: str) -> type[Store]:
    module, _, name = _ENGINES[scheme].partition(":")
    engine: type[Store] = getattr(import_module(f".{module}", __name__), name)
    return engine


def _shows(message: str, rest: str) -> bool:
    """Whether a message holds something of a URL, after its scheme, that may be secret: before the @, or an option."""
    user, at, _ = rest.rpartition("@")
    _, _, options = rest.partition("?")
    parts = [user if at else "", *re.split("[:/]", user), *re.split("[&=]", options)]
    return any(part and (part in message or unquote(part) in message) for part in parts)
