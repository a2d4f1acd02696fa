"""What the commands that move entries share: progress, files, and what became of it all."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from ..service.transfer import Transferred
from .progress import Progress


@contextmanager
def progress_of(label: str, options: argparse.Namespace, unit: str = "entries") -> Iterator[Progress]:
    """A bar on standard error that ends with the block."""
    progress = Progress(label, sys.stderr, forced=options.progress, unit=unit)
    try:
        yield progress
    finally:
        progress.close()


def tell(done: Transferred) -> None:
    """Say what became of what was there."""
    kinds = msgspec.to_builtins(done).items()
    print(", ".join(f"{count} {kind}" for kind, count in kinds if count or kind == "entries"), file=sys.stderr)
