"""The command line."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
import yaml
from flask import Flask

from .. import __version__
from ..config.config import Config, ConfigError, load
from ..core.cache import PromptCache
from ..keying.keys import Keyer
from ..keying.normalize import Normalizers
from ..service.transfer import Transferred, export_lines, import_lines, migrate, purge
from ..stores import Store, StoreUnavailable, open_store
from ..values.durations import seconds
from .progress import Progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except (ConfigError, StoreUnavailable, ValueError, OSError) as error:
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

    export = commands.add_parser("export", help="write what is stored as lines of JSON")
    export.add_argument("file", nargs="?", default="-", metavar="FILE", help="where to (default: standard output)")
    export.set_defaults(run=_export)
    import_ = commands.add_parser("import", help="store what an export wrote; what is there already stays")
    import_.add_argument("file", nargs="?", default="-", metavar="FILE", help="where from (default: standard input)")
    import_.set_defaults(run=_import)
    migrate_ = commands.add_parser("migrate", help="copy one store into another; run it again to go on")
    migrate_.add_argument("source", metavar="FROM", help="a store URL")
    migrate_.add_argument("target", metavar="TO", help="a store URL")
    migrate_.set_defaults(run=_migrate)
    purge_ = commands.add_parser("purge", help="free what has expired, and delete what the options name")
    purge_.add_argument("--older-than", metavar="DURATION", help="also what is older, such as 30d")
    purge_.set_defaults(run=_purge)
    for command in (export, migrate_, purge_):
        command.add_argument("--namespace", action="append", metavar="NAME", help="only this one (may be repeated)")
    for command in (export, import_, migrate_):
        command.add_argument("--progress", action="store_true", help="show progress even when this is no terminal")
    for command in (export, import_, migrate_, purge_):
        command.add_argument("--config", metavar="FILE", help="a YAML file (default: $PROMPT_CACHE_CONFIG, or none)")
    return parser


def open_cache(config: Config) -> PromptCache:
    """The cache that the settings describe. Raises ConfigError, StoreUnavailable."""
    from ..http.log import write_log

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
    from ..http.app import create_app
    from ..http.log import write_log
    from ..http.server import Server, require_free_address
    from ..service.housekeeping import Housekeeper

    config = load(options.config)
    require_free_address(config)
    store = _open(config)  # once before the workers start: a wrong setting is one sentence, not one per worker
    shared = store.shared
    store.close()
    if not shared and config.workers > 1:
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


def _export(options: argparse.Namespace) -> None:
    store = _open(load(options.config))
    with _progress("Export", options) as progress, _written(options.file) as out:
        done = export_lines(store, out, namespaces=options.namespace, progress=progress)
    _tell(done)


def _import(options: argparse.Namespace) -> None:
    config = load(options.config)
    with _read(options.file) as lines, _progress("Import", options, unit="bytes") as progress:
        size = os.fstat(lines.fileno()).st_size or None
        done = import_lines(_open(config), lines, keep_stale=_keep_stale(config), progress=progress, size=size)
    _tell(done)


def _migrate(options: argparse.Namespace) -> None:
    config = load(options.config)
    source, target = (_open(msgspec.structs.replace(config, store=url)) for url in (options.source, options.target))
    with _progress("Migrate", options) as progress:
        done = migrate(source, target, namespaces=options.namespace, keep_stale=_keep_stale(config), progress=progress)
    _tell(done)


def _purge(options: argparse.Namespace) -> None:
    older_than = seconds(options.older_than) if options.older_than else None
    done = purge(_open(load(options.config)), namespaces=options.namespace, older_than=older_than)
    print(f"{done.expired} expired, {done.deleted} deleted", file=sys.stderr)


def _keep_stale(config: Config) -> Callable[[str], float]:
    rules = config.rules()
    return lambda namespace: rules[namespace].keep_stale


def _tell(done: Transferred) -> None:
    kinds = msgspec.to_builtins(done).items()
    print(", ".join(f"{count} {kind}" for kind, count in kinds if count or kind == "entries"), file=sys.stderr)


@contextmanager
def _progress(label: str, options: argparse.Namespace, unit: str = "entries") -> Iterator[Progress]:
    progress = Progress(label, sys.stderr, forced=options.progress, unit=unit)
    try:
        yield progress
    finally:
        progress.close()


@contextmanager
def _written(file: str) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears when it is whole."""
    if file == "-":
        yield sys.stdout.buffer
        return
    partial = Path(f"{file}.partial")
    with partial.open("wb") as out:
        yield out
    partial.replace(file)


@contextmanager
def _read(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as lines:
        yield lines


def _demo_model(options: argparse.Namespace) -> None:
    from ..demo_model import run

    run(options.listen, options.delay)


if __name__ == "__main__":
    sys.exit(main())
