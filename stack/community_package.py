"""The n8n node package: its dependencies, its build and its tarball, redone only when its sources changed."""

import hashlib
import shutil
from pathlib import Path

from .installation import locked
from .node import npm
from .paths import NODE_PACKAGE, STATE
from .progress import step

_STAMP = NODE_PACKAGE / "node_modules" / ".installed-for"
_NOT_SOURCES = {"node_modules", "dist", "coverage"}


def node_dependencies() -> None:
    """Install what package-lock.json names, unless that is what is there."""
    with locked(STATE / "node-package.lock"):
        _install_dependencies()


def node_package() -> Path:
    """Return the tarball that a user would install, built from the sources as they are now."""
    with locked(STATE / "node-package.lock"):
        _install_dependencies()
        folder = STATE / "package" / _digest(_sources())
        if not folder.exists():
            with step("Build the n8n node package"):
                shutil.rmtree(STATE / "package", ignore_errors=True)
                partial = STATE / "package" / "partial"
                partial.mkdir(parents=True)
                npm("run", "build", cwd=NODE_PACKAGE)
                npm("pack", "--ignore-scripts", "--pack-destination", partial, cwd=NODE_PACKAGE)
                partial.rename(folder)
        return next(folder.glob("*.tgz"))


def node_dependencies_are_installed() -> bool:
    """Whether `node_dependencies` would find everything in place."""
    return _STAMP.exists() and _STAMP.read_text() == _wanted()


def _wanted() -> str:
    return _digest([NODE_PACKAGE / "package-lock.json"])


def _install_dependencies() -> None:
    if node_dependencies_are_installed():
        return
    with step("Install the node package's dependencies"):
        # Scripts: n8n's tooling has one that refuses npm. Not `npm ci`: it fails on a registry that lacks the newest
        # build of an optional dependency for some other platform.
        npm("install", "--no-save", "--ignore-scripts", cwd=NODE_PACKAGE)
        _STAMP.write_text(_wanted())


def _sources() -> list[Path]:
    return sorted(
        path
        for path in NODE_PACKAGE.rglob("*")
        if path.is_file() and _NOT_SOURCES.isdisjoint(path.relative_to(NODE_PACKAGE).parts)
    )


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(NODE_PACKAGE)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
