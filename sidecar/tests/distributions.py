"""Distributions that bring plugins, as an installer lays them down."""

from collections.abc import Mapping
from pathlib import Path


def lay_down(folder: Path, distribution: str, brought: Mapping[str, str], group: str = "prompt_cache.stores") -> None:
    """A distribution's metadata: that it is there, and what it brings, by name: stores by scheme."""
    info = folder / f"{distribution.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1.0\n")
    lines = [f"{name} = {value}" for name, value in brought.items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines]) + "\n")
