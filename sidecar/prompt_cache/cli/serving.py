"""Serving, for every command that does: what is wrong is said in one sentence before the workers begin."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import msgspec

from .. import __version__
from ..config import Config, upstreams, without_secrets
from ..observability.measures import Board, Measures
from ..service.embedder import check_embedder
from ..service.housekeeping import Housekeeper
from ..service.open import check_cassettes, open_cache, open_configured_store, vectorless
from ..service.telemetry import check_telemetry, open_telemetry
from ..stores import StoreUnavailable
from ..values.durations import seconds
from .sentences import sentence

if TYPE_CHECKING:
    from ..http.front.asgi import Application

_CAUSES = (
    *("embedder_unavailable", "verifier_unavailable", "doubt_not_kept"),
    *("budget_warning", "budget_exhausted", "webhook_failed"),
)
"""Events that are told with their cause."""


def serve(config: Config) -> None:
    """Until it is told to stop. Raises ConfigError, StoreUnavailable, OSError."""
    from ..http.front import app  # noqa: F401 - before the workers are forked: they share it, and begin at once
    from ..http.server import Server, allow_connections, require_free_address

    require_free_address(config)
    check_cassettes(config)
    if why := check_telemetry(config, os.environ):
        print(f"prompt-cache: {why}", file=sys.stderr)
    embedder = check_embedder(config)
    store = open_configured_store(config)  # once before the workers start: a wrong setting is one sentence, not many
    shared = store.shared
    try:
        store.ping()
        if why := vectorless(store, config):
            print(f"prompt-cache: {why}", file=sys.stderr)
    except StoreUnavailable as error:
        print(f"prompt-cache: {sentence(error)}; every lookup is a 503 until it answers", file=sys.stderr)
    store.close()
    if not shared and config.workers > 1:
        config = msgspec.structs.replace(config, workers=1)
        print("prompt-cache: this store lives in one process, so one worker serves it", file=sys.stderr)
    where = f"http://{config.listen}, store {without_secrets(config.store)}" + (
        f", embedder {embedder}" if embedder else ""
    )
    print(f"prompt-cache {__version__}: serving on {where}", file=sys.stderr)
    allow_connections()
    board = Board(list(upstreams(config)), rows=2 * config.workers + 2)  # as many again while it reloads
    Server(config, board, lambda measures: _app(config, measures)).run()


def _app(config: Config, measures: Measures) -> "Application":
    """A worker's application, with its own cache and its own background work."""
    from ..http.front.app import create_asgi
    from ..http.log import write_log
    from ..http.tracing import send_ledger

    def report(event: str, what: str) -> None:
        write_log({"event": event} | ({"cause": what} if event in _CAUSES else {"key": what[:12]}))

    cache = open_cache(config, report, measures=measures)
    keeper = Housekeeper(
        cache, seconds(config.sweep_every), lambda event, what: write_log({"event": event, "cause": what})
    )

    otel = open_telemetry(config, os.environ, lambda what: write_log({"event": "otel_unavailable", "cause": what}))
    if otel:
        send_ledger(otel, cache)

    @contextlib.asynccontextmanager
    async def beside() -> AsyncIterator[None]:
        keeper.start()
        yield
        await asyncio.to_thread(keeper.stop)
        if otel:
            await asyncio.to_thread(otel.close)
        for told in cache.recorded if config.workers == 1 else ():  # of several, none knows of all
            print(f"prompt-cache: {told}", file=sys.stderr)

    return create_asgi(cache, config, beside, otel)
