"""`prompt-cache export`."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ...config import load
from ...service.open import open_configured_store
from ...service.transfer import export_lines
from ..options import add_config, add_namespaces, add_progress
from ..transferring import progress_of, tell

NAME = "export"
HELP = "write what is stored as lines of JSON"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="where to (default: standard output)")
    add_namespaces(parser)
    add_progress(parser)
    add_config(parser)


def run(options: argparse.Namespace) -> None:
    store = open_configured_store(load(options.config))
    with progress_of("Export", options) as progress, _written(options.file) as out:
        done = export_lines(store, out, namespaces=options.namespace, progress=progress)
    tell(done)


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
