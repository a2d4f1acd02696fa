"""Other caches, measured in the same run as ours when asked for: a file each, and a line here."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from . import gptcache, litellm, nginx
from .peer import Exchanges, Filled

Serve = Callable[[Path, int, Exchanges], AbstractContextManager[Filled]]
"""Starts a peer in a folder, with so many workers, and has it keep the answer to each prompt."""

PEERS: dict[str, Serve] = {
    "GPTCache's server, exact": gptcache.serve,
    "LiteLLM's proxy, local cache": litellm.serve,
    "nginx proxy_cache": nginx.serve,
}
"""What cannot be installed or started on this machine, or not with so many workers, raises `Failure`."""
