"""The command line."""

import argparse
import sys
from collections.abc import Sequence

import yaml
from flask import Flask

from . import __version__
from .cache import PromptCache
from .config import Config, ConfigError, load
from .durations import seconds
from .keys import Keyer
from .normalize import Normalizers
from .stores import Store, StoreUnavailable, open_store


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except (ConfigError, StoreUnavailable, ValueError) as error:
        print(f"prompt-cache: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="prompt-cache", description="A response cache for LLM calls.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve the HTTP API")
    serve.set_defaults(run=_serve)
    check = commands.add_parser("check-config", help="check the settings and show them, secrets left out")
    check.set_defaults(run=_check_config)
    for command in (serve, check):
        command.add_argument("--config", metavar="FILE", help="a YAML file (default: $PROMPT_CACHE_CONFIG, or none)")

    version = commands.add_parser("version", help="print the version")
    version.set_defaults(run=lambda _: print(__version__))

    demo = commands.add_parser("demo-model", help="serve a small OpenAI-compatible model to try things with")
    demo.add_argument("--listen", default="127.0.0.1:8788", metavar="HOST:PORT")
    demo.add_argument("--delay", type=float, default=1.0, metavar="SECONDS", help="how long an answer takes")
    demo.set_defaults(run=_demo_model)
    return parser


def open_cache(config: Config) -> PromptCache:
    """The cache that the settings describe. Raises ConfigError, StoreUnavailable."""
    from .http.log import write_log

    return PromptCache(
        _open(config),
        rules=config.rules(),
        keyer=Keyer(config.secret.encode() if config.secret else None),
        normalizers=Normalizers(config.masks),
        prices=config.prices,
        store_prompts=config.store_prompts,
        never_expires=config.never_expires,
        report=lambda event, key: write_log({"event": event, "key": key[:12]}),
    )


def _open(config: Config) -> Store:
    try:
        return open_store(config.store, timeout=seconds(config.store_timeout), prefix=config.store_prefix)
    except ValueError as error:
        raise ConfigError(f"store: {error}") from None


def _serve(options: argparse.Namespace) -> None:
    from .housekeeping import Housekeeper
    from .http.app import create_app
    from .http.log import write_log
    from .http.server import Server, require_free_address

    config = load(options.config)
    require_free_address(config)
    store = _open(config)  # once before the workers start: a wrong setting is one sentence, not one per worker
    shared = store.shared
    store.close()
    if not shared and config.workers > 1:
        import msgspec

        config = msgspec.structs.replace(config, workers=1)
        print("prompt-cache: this store lives in one process, so one worker serves it", file=sys.stderr)

    def make_app() -> Flask:
        cache = open_cache(config)
        keeper = Housekeeper(
            cache, seconds(config.sweep_every), lambda event, what: write_log({"event": event, "cause": what})
        )
        app = create_app(cache, config)
        app.extensions["housekeeper"] = keeper
        keeper.start()
        return app

    print(
        f"prompt-cache {__version__}: serving on http://{config.listen}, store {config.shown()['store']}",
        file=sys.stderr,
    )
    Server(config, make_app, lambda app: app.extensions["housekeeper"].stop()).run()


def _check_config(options: argparse.Namespace) -> None:
    config = load(options.config)
    print(yaml.safe_dump(config.shown(), sort_keys=False, allow_unicode=True), end="")


def _demo_model(options: argparse.Namespace) -> None:
    from .demo_model import run

    run(options.listen, options.delay)


if __name__ == "__main__":
    sys.exit(main())
