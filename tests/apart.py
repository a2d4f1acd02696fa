"""What is installed for tests alone: once for each user, apart from the clone, as it is much and heavy."""

import hashlib
import shutil
import sys
from pathlib import Path

from stack.installation import installed, run
from stack.node import npm


def python(name: str, described: str, constraints: Path, *packages: str) -> Path:
    """A Python that has pytest and these packages, in the versions that a file of constraints names."""

    def build(target: Path) -> None:
        run([sys.executable, "-m", "venv", target])
        run([target / "bin/python", "-m", "pip", "install", "-q", "-c", constraints, "pytest", *packages])

    return installed(named(name, constraints), described, build) / "bin/python"


def node_modules(name: str, described: str, folder: Path) -> Path:
    """The folder of the packages that a folder's lock file names."""
    lists = [folder / each for each in ("package.json", "package-lock.json", ".npmrc")]

    def build(target: Path) -> None:
        for file in lists:
            shutil.copy(file, target)
        npm("ci", "--ignore-scripts", cwd=target)

    return installed(f"{name}-node-{_digest(*lists)}", described, build) / "node_modules"


def named(name: str, constraints: Path) -> str:
    """The folder of what belongs to a Python and a file of constraints."""
    return f"{name}-python-{sys.version_info.major}.{sys.version_info.minor}-{_digest(constraints)}"


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
