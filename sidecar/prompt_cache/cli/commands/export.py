"""`prompt-cache export`."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ...config import load
from ...service.transfer import export_lines
from ..opening import opened
from ..options import add_config, add_namespaces, add_progress, namespaces
from ..transferring import progress_of, tell

NAME = "export"
HELP = "write what is stored as lines of JSON"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="where to (default: standard output)")
    add_namespaces(parser)
    add_progress(parser)
    add_config(parser)


def run(options: argparse.Namespace) -> None:
    config = load(options.config)
    with opened(config, holds=True) as store, _written(options.file) as out, progress_of("Export", options) as progress:
        done = export_lines(store, out, namespaces=namespaces(options), progress=progress)
    tell(done)


@contextmanager
def _written(file: str) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears when it is whole."""
    if file == "-":
        yield sys.stdout.buffer
        return
    if Path(file).is_dir():
        raise IsADirectoryError(None, None, file)
    if not Path(file).absolute().parent.is_dir():
        raise NotADirectoryError(None, "its folder is not there; make it first", file)
    partial = Path(f"{file}.partial")
    with partial.open("wb") as out:
        yield out
    partial.replace(file)
