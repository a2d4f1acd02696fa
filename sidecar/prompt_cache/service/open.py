"""From settings to a running cache."""

from collections.abc import Callable

from ..config import Config, ConfigError, budgets, rules
from ..core.cache import PromptCache
from ..core.recordings import Recordings
from ..keying.keys import Keyer
from ..keying.normalize import Normalizers
from ..observability.measures import Measures
from ..semantic.embedders.base import Embedder
from ..semantic.verifier import Verifier
from ..stores import Store, VectorStore, VectorsUnsupported, open_store
from ..stores.breaker import behind_breaker
from ..values.durations import seconds
from .embedder import check_embedder, open_embedder
from .measured import measured
from .signalling import Signalling
from .verifier import open_verifier

Report = Callable[[str, str], None]
"""Told what happened (`corrupt_entry`, `store_full`, ...) and to what: a key or a cause, never a prompt."""


def open_configured_store(config: Config) -> Store:
    """The store that the settings name, behind a circuit breaker if it is a server.

    Raises ConfigError, StoreUnavailable.
    """
    timeout = seconds(config.store_timeout)
    try:
        store = open_store(config.store, timeout=timeout, prefix=config.store_prefix)
    except ValueError as error:
        raise ConfigError(f"store: {error}") from None
    return behind_breaker(store, timeout) if store.remote else store


def open_cache(
    config: Config, report: Report, *, patience: float = 0.0, measures: Measures | None = None
) -> PromptCache:
    """The cache that the settings describe; `patience` is how many seconds a call waits for a local model to start.

    `measures` is told how the store does.

    Raises ConfigError, StoreUnavailable.
    """
    check_embedder(config)
    store = open_configured_store(config)
    if measures:
        store = measured(store, measures)
    embedder = open_embedder(config, report, patience=patience)
    cache = cache_on(store, config, report, embedder, open_verifier(config), measures)
    try:
        cache.check_cassettes()
    except ValueError as error:
        cache.close()
        raise ConfigError(f"cassette: {error}") from None
    return cache


def vectorless(store: Store, config: Config) -> str | None:
    """Why nothing but the very same question is found, where an embedder is configured, as a sentence for people.

    Raises StoreUnavailable.
    """
    if config.embedder is None:
        return None
    if not isinstance(store, VectorStore):
        return "this store keeps no vectors, so only the very same question is found"
    try:
        store.check_vectors()
    except VectorsUnsupported as error:
        return f"{error}; until then only the very same question is found"
    return None


def cache_on(
    store: Store,
    config: Config,
    report: Report,
    embedder: Embedder | None = None,
    verifier: Verifier | None = None,
    measures: Measures | None = None,
) -> PromptCache:
    """The same on a store that is open."""
    return PromptCache(
        store,
        measures=measures,
        embedder=embedder,
        verifier=verifier,
        rules=rules(config),
        keyer=Keyer(config.secret.encode() if config.secret else None),
        normalizers=Normalizers(config.masks),
        prices=config.prices,
        currency=config.currency.currency,
        budgets=budgets(config),
        tell=Signalling(config, report).tell,
        store_prompts=config.keeps_prompts,
        never_expires=config.never_expires,
        stats_retention=None if config.stats_retention is None else seconds(config.stats_retention),
        report=report,
    )


def check_cassettes(config: Config) -> None:
    """Without a store. Raises ConfigError where one cannot be used."""
    try:
        Recordings(rules(config), Normalizers(config.masks), lambda _event, _path: None).check()
    except ValueError as error:
        raise ConfigError(f"cassette: {error}") from None
