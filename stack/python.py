"""The clone's virtual environment with the sidecar in it, editable."""

import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path

from .installation import locked, run
from .paths import SIDECAR, STATE, VENV
from .progress import Failure, step


def venv(extras: str = "") -> Path:
    """Return the folder of the venv's programs, with the sidecar and its comma-separated `extras` installed."""
    with locked(STATE / "venv.lock"):
        _install(set(filter(None, extras.split(","))))
    return VENV / "bin"


def _install(extras: set[str]) -> None:
    stamp = VENV / ".installed-for"
    inputs = (SIDECAR / "pyproject.toml", SIDECAR / "constraints.txt")
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in inputs)).hexdigest()[:16]
    python = VENV / "bin/python"
    there = stamp.read_text().split() if stamp.exists() else []
    if there[:1] == [digest] and extras <= set(there[1:]) and python.exists():
        return
    extras |= set(there[1:])
    with step("Install the sidecar" + (" and the test tools" if "dev" in extras else "")):
        if not python.exists():
            if importlib.util.find_spec("ensurepip") is None:
                raise Failure("This Python has no venv module: install it (Debian and Ubuntu: python3-venv).")
            shutil.rmtree(VENV, ignore_errors=True)
            run([sys.executable, "-m", "venv", VENV])
        wanted = f"{SIDECAR}[{','.join(sorted(extras))}]" if extras else str(SIDECAR)
        run([python, "-m", "pip", "install", "-q", "-c", SIDECAR / "constraints.txt", "-e", wanted])
        stamp.write_text(" ".join([digest, *sorted(extras)]))
