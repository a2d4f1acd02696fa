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


GROUP = "prompt_cache.embedders"
"""The entry points by which other distributions bring embedders: a name, and a subclass of Embedder."""


class Embedder(ABC):
    """Safe to share between threads."""

    name: str
    """Which model makes these vectors: two embedders of one name make the same of the same text."""
    threshold: float | None = None
    """The similarity from which on guards are asked, as measured for this model; None where it was not."""

    @classmethod
    def from_setting(cls, setting: str) -> "Embedder":  # noqa: ARG003 - most have nothing to set
        """Of another distribution: by what stands behind its name, `embedder: "name:setting"`.

        Raises ValueError with a sentence for people when that cannot be meant.
        """
        return cls()

    @abstractmethod
    def embed(self, texts: Sequence[str]) -> Embedded:
        """One vector for each text, in one call. Raises EmbedderUnavailable."""

    def close(self) -> None:  # noqa: B027 - most have nothing to let go of
        """Let go of connections and processes."""


def cosine(one: bytes, other: bytes) -> float:
    """Of two vectors of length one."""
    return sum(a * b for a, b in zip(memoryview(one).cast("f"), memoryview(other).cast("f"), strict=True))
