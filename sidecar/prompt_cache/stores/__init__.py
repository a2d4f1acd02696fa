"""Storage engines: one URL chooses."""

from importlib import import_module

from ..plugins import load_plugin, plugin_names
from ..values.defaults import STORE_PREFIX, STORE_TIMEOUT
from .base import (
    Bounds,
    CounterRow,
    CounterStore,
    LeaseStore,
    NamespaceSize,
    Page,
    Record,
    RecordQuery,
    RecordStore,
    Store,
    StoreFull,
    StoreUnavailable,
    VersionStore,
)

__all__ = [
    "GROUP",
    "SCHEMES",
    "Bounds",
    "CounterRow",
    "CounterStore",
    "LeaseStore",
    "NamespaceSize",
    "Page",
    "Record",
    "RecordQuery",
    "RecordStore",
    "Store",
    "StoreFull",
    "StoreUnavailable",
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

    Raises ValueError with a sentence for people when the URL, or what it needs, is not there.
    """
    scheme = url.split(":", 1)[0]
    engine = _engine(scheme) if "://" in url else None
    if engine is None:
        schemes = ", ".join(f"{known}://" for known in (*SCHEMES, *plugin_names(GROUP)))
        raise ValueError(f"the store URL must begin with one of {schemes}")
    return engine.from_url(url, timeout=timeout, prefix=prefix)


def _engine(scheme: str) -> type[Store] | None:
    if scheme not in _ENGINES:
        return load_plugin(GROUP, scheme, Store)  # type: ignore[type-abstract]
    module, _, name = _ENGINES[scheme].partition(":")
    engine: type[Store] = getattr(import_module(f".{module}", __name__), name)
    return engine
