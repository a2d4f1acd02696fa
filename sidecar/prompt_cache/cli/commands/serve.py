"""`prompt-cache serve`."""

import argparse
import sys

import msgspec
from flask import Flask

from ... import __version__
from ...config import Config, load, without_secrets
from ...service.housekeeping import Housekeeper
from ...service.open import open_cache, open_configured_store
from ...values.durations import seconds
from ..options import add_config

NAME = "serve"
HELP = "serve the HTTP API"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)


def run(options: argparse.Namespace) -> None:
    from ...http.server import Server, require_free_address

    config = load(options.config)
    require_free_address(config)
    store = open_configured_store(config)  # once before the workers start: a wrong setting is one sentence, not many
    shared = store.shared
    store.close()
    if not shared and config.workers > 1:
        config = msgspec.structs.replace(config, workers=1)
        print("prompt-cache: this store lives in one process, so one worker serves it", file=sys.stderr)
    where = f"http://{config.listen}, store {without_secrets(config.store)}"
    print(f"prompt-cache {__version__}: serving on {where}", file=sys.stderr)
    Server(config, lambda: _app(config), lambda app: app.extensions["housekeeper"].stop()).run()


def _app(config: Config) -> Flask:
    """A worker's application, with its own cache and its own background work."""
    from ...http.app import create_app
    from ...http.log import write_log

    def report(event: str, what: str) -> None:
        write_log({"event": event, "key": what[:12]})

    cache = open_cache(config, report)
    keeper = Housekeeper(
        cache, seconds(config.sweep_every), lambda event, what: write_log({"event": event, "cause": what})
    )
    app = create_app(cache, config)
    app.extensions["housekeeper"] = keeper
    keeper.start()
    return app
