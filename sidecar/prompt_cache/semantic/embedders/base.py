"""What turns texts into vectors."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from msgspec import Struct


class EmbedderUnavailable(Exception):
    """It cannot be reached, did not answer in time, or refused; the message names the cause, never a text."""


class EmbedderStarting(EmbedderUnavailable):
    """It will answer in a moment, and nothing is wrong with it."""


class Embedded(Struct, frozen=True):
    """Vectors in the order of the texts: little-endian float32, of length one."""

    vectors: list[bytes]
    tokens: int = 0
    """What was paid for; texts that were known cost nothing."""


class Embedder(ABC):
    """Safe to share between threads."""

    name: str
    """Which model makes these vectors: two embedders of one name make the same of the same text."""
    threshold: float | None = None
    """The similarity from which on guards are asked, as measured for this model; None where it was not."""

    @abstractmethod
    def embed(self, texts: Sequence[str]) -> Embedded:
        """One vector for each text, in one call. Raises EmbedderUnavailable."""

    def close(self) -> None:  # noqa: B027 - most have nothing to let go of
        """Let go of connections and processes."""


def cosine(one: bytes, other: bytes) -> float:
    """Of two vectors of length one."""
    return sum(a * b for a, b in zip(memoryview(one).cast("f"), memoryview(other).cast("f"), strict=True))
