"""`prompt-cache import`."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ...config import load, rules
from ...service.transfer import import_lines
from ..opening import opened
from ..options import add_config, add_progress
from ..transferring import progress_of, tell

NAME = "import"
HELP = "store what an export wrote; what is there already stays"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="where from (default: standard input)")
    add_progress(parser)
    add_config(parser)


def run(options: argparse.Namespace) -> None:
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
