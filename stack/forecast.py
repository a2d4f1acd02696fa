"""How long `make up` will take, by what is missing: nobody should give up in the third minute of six."""

from collections.abc import Callable

from .community_package import node_dependencies_are_installed
from .installation import is_installed
from .n8n import N8N_FOLDER
from .paths import STATE
from .python import venv_is_installed

_START = 30
# Seconds on two processors and an ordinary line.
_ONCE: list[tuple[Callable[[], bool], int]] = [
    (lambda: is_installed(N8N_FOLDER), 270),
    (lambda: venv_is_installed("local"), 45),
    (node_dependencies_are_installed, 40),
    (lambda: (STATE / "n8n").exists(), 30),  # n8n makes its database, and takes the samples in
]


def forecast() -> str:
    """The line that `make up` begins with."""
    once = sum(seconds for is_there, seconds in _ONCE if not is_there())
    if not once:
        return f"Starting Prompt Cache: about {_rounded(_START)}."
    size = "" if is_installed(N8N_FOLDER) else ", as n8n (2.8 GB) has to be installed"
    return f"Starting Prompt Cache: about {_rounded(_START + once)} this time{size}; {_rounded(_START)} from then on."


def _rounded(seconds: int) -> str:
    return f"{round(seconds / 60)} minutes" if seconds > 90 else f"{round(seconds, -1)} s"
