"""Storage engines: one URL chooses."""

from importlib import import_module

from ..values.defaults import STORE_PREFIX, STORE_TIMEOUT
from .base import Bounds, CounterRow, NamespaceSize, Page, Record, RecordQuery, Store, StoreFull, StoreUnavailable

__all__ = [
    "Bounds",
    "CounterRow",
    "NamespaceSize",
    "Page",
    "Record",
    "RecordQuery",
    "Store",
    "StoreFull",
    "StoreUnavailable",
    "open_store",
]

_ENGINES = {
    "memory": ("memory", "MemoryStore"),
    "sqlite": ("sqlite", "SqliteStore"),
    "file": ("file", "FileStore"),
    "null": ("null", "NullStore"),
    **dict.fromkeys(
        ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel"),
        ("redis", "RedisStore"),
    ),
    "postgresql": ("postgres", "PostgresStore"),
    "postgres": ("postgres", "PostgresStore"),
}


def open_store(url: str, *, timeout: float = STORE_TIMEOUT, prefix: str = STORE_PREFIX) -> Store:
    """Open the store a URL names. `timeout` bounds every call, in seconds; `prefix` names ours in a shared engine.

    Raises ValueError with a sentence for people when the URL, or what it needs, is not there.
    """
    scheme = url.split(":", 1)[0]
    if scheme not in _ENGINES or "://" not in url:
        schemes = ", ".join(f"{known}://" for known in _ENGINES)
        raise ValueError(f"the store URL must begin with one of {schemes}")
    module, name = _ENGINES[scheme]
    engine: type[Store] = getattr(import_module(f".{module}", __name__), name)
    return engine.from_url(url, timeout=timeout, prefix=prefix)
