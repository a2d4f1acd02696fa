"""Opening what commands work on, so that what is wrong with it is said before anything is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import msgspec

from ..config import Config, ConfigError
from ..service.open import open_configured_store
from ..stores import Store


@contextmanager
def opened(config: Config, url: str | None = None, *, name: str = "store", holds: bool = False) -> Iterator[Store]:
    """The store of the settings, or the one of a URL that a command calls `name`; `holds` where it must be there.

    Raises ConfigError, StoreUnavailable.
    """
    config = msgspec.structs.replace(config, store=url or config.store)
    path = database(config.store)
    if holds and path is not None and not path.exists():
        raise ConfigError(f"{name}: {path} is not there, so nothing is stored; see that the path is right")
    try:
        store = open_configured_store(config)
    except ConfigError as error:
        raise ConfigError(f"{name}: {str(error).removeprefix('store: ')}") from None
    try:
        store.ping()
        yield store
    finally:
        store.close()


def database(url: str) -> Path | None:
    """The file of a store that lives in one; None for all others, and for what is no such URL."""
    kind, _, path = url.partition("?")[0].partition("://")
    if not path.startswith("/"):
        return None
    match kind:
        case "sqlite":
            return Path(unquote(path.removeprefix("/"))).absolute()
        case "file":
            return Path(unquote(path)) / "index.db"
    return None
