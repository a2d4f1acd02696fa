"""Every storage engine in one run, as processes on loopback."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from stack import Postgres, Redis

from . import store_sizes

_EACH_ON_DISK = 100_000
"""Files are written one by one and flushed each: a million would take an hour."""


def run(sizes: Sequence[int] = store_sizes.SIZES, only: Sequence[str] = ()) -> None:
    """Print the table of all engines, or of some."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engines: dict[str, Callable[[], str]] = {
            "memory": lambda: "memory://?max_bytes=16GB",
            "sqlite": lambda: f"sqlite:///{folder}/{{}}.db",
            "redis": lambda: stack.enter_context(Redis(folder, major=8)).url,
            "postgresql": lambda: stack.enter_context(Postgres(folder)).url,
            "file": lambda: f"file:///{folder}/files-{{}}",
        }
        print("\n".join(store_sizes.table([])), flush=True)
        for name, start in engines.items():
            if only and name not in only:
                continue
            fitting = [size for size in sizes if name != "file" or size <= _EACH_ON_DISK]
            for row in store_sizes.measure(name, start(), fitting):
                *_, line = store_sizes.table([row])
                print(line, flush=True)
