"""From settings to a running cache."""

from collections.abc import Callable

from ..config import Config, ConfigError, rules
from ..core.cache import PromptCache
from ..keying.keys import Keyer
from ..keying.normalize import Normalizers
from ..stores import Store, open_store
from ..values.durations import seconds

Report = Callable[[str, str], None]
"""Told what happened (`corrupt_entry`, `store_full`, ...) and to what: a key or a cause, never a prompt."""


def open_configured_store(config: Config) -> Store:
    """The store that the settings name. Raises ConfigError, StoreUnavailable."""
    try:
        return open_store(config.store, timeout=seconds(config.store_timeout), prefix=config.store_prefix)
    except ValueError as error:
        raise ConfigError(f"store: {error}") from None


def open_cache(config: Config, report: Report) -> PromptCache:
    """The cache that the settings describe. Raises ConfigError, StoreUnavailable."""
    return PromptCache(
        open_configured_store(config),
        rules=rules(config),
        keyer=Keyer(config.secret.encode() if config.secret else None),
        normalizers=Normalizers(config.masks),
        prices=config.prices,
        store_prompts=config.keeps_prompts,
        never_expires=config.never_expires,
        report=report,
    )
