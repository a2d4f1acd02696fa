"""What a peer is made of: where it answers, what to call, and a place of its own to be installed in."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stack import Failure
from stack.installation import installed, run
from stack.web import HttpClient

from ..load import Call


@dataclass(frozen=True)
class Exchanges:
    """Prompts, and the answer to each of them."""

    prompts: Sequence[str]
    answer: str


@dataclass(frozen=True)
class Filled:
    """A running peer, and calls that it answers from its cache."""

    url: str
    calls: Sequence[Call]


class OneProcessOnly(Failure):
    """Its cache lives in one process, so that it has no row for two workers; neither has `memory://`."""


def python_with(name: str, version: str, *requirements: str) -> Path:
    """The Python of a virtual environment in the per-user cache that has these, installed on first use."""

    def build(target: Path) -> None:
        run([sys.executable, "-m", "venv", target])
        run([target / "bin/python", "-m", "pip", "install", "-q", *requirements])

    # Its programs would name the folder that it was made in; its Python finds what it needs from wherever it is.
    release = f"python-{sys.version_info.major}.{sys.version_info.minor}"
    return installed(f"peer-{name}-{version}-{release}", f"{name} {version}", build) / "bin/python"


def fill_by_asking(url: str, calls: Sequence[Call]) -> Filled:
    """Ask a cache that fetches for itself. Each answer has an id of its own, so that a repeated one is a hit."""
    client = HttpClient(url)
    first, again = ([client.post(path, body)["id"] for path, body in calls] for _ in range(2))
    if first != again:
        raise Failure(f"What {url} has answered it does not answer again from its cache.")
    return Filled(url, calls)
