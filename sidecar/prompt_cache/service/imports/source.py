"""What a format has to give: questions with their answers. All it reads is untrusted."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from msgspec import UNSET, Struct, UnsetType

from ...keying.request import Request

LARGEST = 10 * 1024**2
"""Bytes of a question, of an answer, or of a line with both: what is larger is left where it is."""


class Row(Struct, frozen=True, kw_only=True):
    """A question and its answer."""

    place: str
    """Where it stands, for people: `question 7`, `line 7`."""
    request: Request
    response: bytes
    """JSON."""
    created: float | None = None
    """When the answer was made, in seconds since the epoch, where that is known."""
    ttl: float | UnsetType = UNSET
    tags: Sequence[str] = ()
    usage: Mapping[str, Any] | None = None
    cost_usd: float | None = None
    latency: float | None = None
    """Seconds the model took."""
    finish_reason: str | None = None


class Left(Struct, frozen=True):
    """What stays where it is, and why: a word or two that can be counted."""

    place: str
    why: str


class Found(Struct, frozen=True):
    """What is in a file; `total` where it is known beforehand."""

    rows: Iterator[Row | Left]
    total: int | None = None


class Source(Protocol):
    """The module of a format."""

    KEPT: str
    """A sentence for people: what this program kept of a question, and so which calls the entries answer."""

    def read(self, file: Path, namespace: str, model: str | None) -> AbstractContextManager[Found]:
        """Rows as requests of this namespace, and of this model where the file names none.

        Raises OSError, and ValueError with a sentence where the file as a whole is not of the format.
        """
