"""What the dashboard's pages run in the browser: its build, redone only when its sources changed."""

import hashlib
import shutil
from pathlib import Path

from .installation import locked
from .node import npm
from .paths import DASHBOARD, SIDECAR, STATE
from .progress import step

_BUILT = SIDECAR / "prompt_cache/http/dashboard/static/built"
_DEPENDENCIES = DASHBOARD / "node_modules" / ".installed-for"
_STAMP = STATE / "dashboard.built-for"


def dashboard_script() -> Path:
    """Return the folder of the built script, which the Python package carries."""
    with locked(STATE / "dashboard.lock"):
        dashboard_dependencies()
        wanted = _digest(_sources())
        if not (_BUILT.exists() and _STAMP.exists() and _STAMP.read_text() == wanted):
            with step("Build the dashboard's script"):
                shutil.rmtree(_BUILT, ignore_errors=True)
                npm("run", "build", cwd=DASHBOARD)
                _STAMP.write_text(wanted)
    return _BUILT


def dashboard_dependencies() -> None:
    """Install what package-lock.json names, unless that is what is there."""
    wanted = _digest([DASHBOARD / "package-lock.json"])
    if _DEPENDENCIES.exists() and _DEPENDENCIES.read_text() == wanted:
        return
    with step("Install the dashboard's dependencies"):
        npm("install", "--no-save", "--ignore-scripts", cwd=DASHBOARD)
        _DEPENDENCIES.write_text(wanted)


def _sources() -> list[Path]:
    return sorted([*DASHBOARD.glob("*.json"), *(DASHBOARD / "src").rglob("*.*")])


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(DASHBOARD)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
