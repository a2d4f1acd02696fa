"""Where the stack reads and writes."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SIDECAR = REPOSITORY / "sidecar"
CLIENT = REPOSITORY / "client"
NODE_PACKAGE = REPOSITORY / "n8n-node"
DASHBOARD = REPOSITORY / "dashboard"
WORKFLOWS = REPOSITORY / "workflows"
VENV = REPOSITORY / ".venv"
STATE = REPOSITORY / ".prompt-cache"


def cache() -> Path:
    """Per-user folder of everything that is installed once and shared by all clones."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "prompt-cache"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
