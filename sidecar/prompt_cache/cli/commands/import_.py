"""`prompt-cache import`."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from msgspec import UNSET

from ...config import Config, load, rules
from ...service.imports import SOURCES
from ...service.imports.bring import Brought, bring
from ...service.open import cache_on
from ...service.transfer import import_lines
from ...values.durations import seconds
from ...values.names import is_namespace
from ..opening import opened
from ..options import add_config, add_progress
from ..transferring import progress_of, tell

NAME = "import"
HELP = "store what an export wrote, or what another cache kept; what is there already stays"

_EXPORT = "export"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="where from (default: standard input)")
    parser.add_argument(
        "--from",
        dest="source",
        choices=[_EXPORT, *SOURCES],
        default=_EXPORT,
        help="whose format it is (default: export, our own); docs/migrating.md tells about each",
    )
    others = parser.add_argument_group("from others")
    others.add_argument("--namespace", metavar="NAME", help="where to: a cache of its own is best")
    others.add_argument("--model", metavar="NAME", help="the model that answered, where the file does not say")
    others.add_argument("--ttl", metavar="DURATION", help="how long they live from now on, such as 30d")
    add_progress(parser)
    add_config(parser)


def run(options: argparse.Namespace) -> None:
    if options.source != _EXPORT:
        _bring(options, load(options.config))
        return
    for name in ("namespace", "model", "ttl"):
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} goes with --from {' or '.join(SOURCES)}: an export says it for each entry")
    config = load(options.config)
    with (
        _read(options.file) as lines,
        opened(config) as store,
        progress_of("Import", options, unit="bytes") as progress,
    ):
        size = os.fstat(lines.fileno()).st_size or None
        done = import_lines(store, lines, rules=rules(config), progress=progress, size=size)
    tell(done)


@contextmanager
def _read(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as lines:
        yield lines


def _bring(options: argparse.Namespace, config: Config) -> None:
    source, namespace = SOURCES[options.source], options.namespace
    if options.file == "-" and options.source != "pairs":
        raise ValueError(f"--from {options.source}: name the FILE")
    if namespace is None or not is_namespace(namespace):
        raise ValueError("--namespace: say where to, in 1 to 64 letters, digits, dots, dashes and underscores")
    if options.model is not None and not 0 < len(options.model) <= 256:
        raise ValueError("--model: a model's name has 1 to 256 characters")
    if rules(config)[namespace].recording:
        raise ValueError(f"--namespace {namespace}: is answered from a cassette, where nothing is imported")
    ttl = UNSET if options.ttl is None else seconds(options.ttl)
    tag = f"imported:{options.source}"
    with (
        source.read(Path("/dev/stdin" if options.file == "-" else options.file), namespace, options.model) as found,
        opened(config) as store,
        progress_of("Import", options, unit="rows") as progress,
    ):
        # Its statistics are never handed over: nobody asked, and nothing was saved.
        cache = cache_on(store, config, report=lambda _event, _key: None)
        done = bring(cache, found, tags=[tag], ttl=ttl, progress=progress)
    _tell(done, source.KEPT, f"namespace {namespace}, tag {tag}")


def _tell(done: Brought, kept: str, where: str) -> None:
    parts = [f"{done.entries} entries", f"{done.present} present" if done.present else ""]
    parts += [f"{count} left out: {why} (first: {done.first[why]})" for why, count in done.left.items()]
    print(", ".join(filter(None, parts)), file=sys.stderr)
    if done.entries:
        life = "for ever" if done.shortest is None else f"for {done.shortest / 3600:.4g} hours or longer (--ttl)"
        print(f"They are in {where}, {life}. {kept}", file=sys.stderr)
