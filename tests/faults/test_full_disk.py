"""A disk that is full to the last byte can be cleared."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack.paths import REPOSITORY

SIZE = "96m"


@pytest.mark.parametrize("size", [2_000, 2_000_000])
@pytest.mark.parametrize("way", ["flush", "sweep", "purge", "delete"])
@pytest.mark.parametrize("engine", ["sqlite", "file"])
def test_a_full_disk_can_be_cleared(tmp_path: Path, engine: str, way: str, size: int) -> None:
    url = f"sqlite:///{tmp_path}/cache.db" if engine == "sqlite" else f"file://{tmp_path}/cache"
    on_a_small_disk(tmp_path, "tests.faults.full_disk", url, str(tmp_path), str(size), way)


def test_a_cassette_is_whole_where_the_disk_is_full(tmp_path: Path) -> None:
    on_a_small_disk(tmp_path, "tests.faults.full_cassette", str(tmp_path))


def on_a_small_disk(folder: Path, module: str, *arguments: str) -> None:
    """Run a module where a disk of its own is mounted at the folder, seen by nobody else and gone afterwards."""
    root = [] if os.getuid() == 0 else ["--map-root-user"]
    mount = f'mount -t tmpfs -o size={SIZE} tmpfs "$0" && exec "$@"'
    inside = ["sh", "-c", mount, str(folder), sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        ["unshare", *root, "--mount", *inside], cwd=REPOSITORY, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
