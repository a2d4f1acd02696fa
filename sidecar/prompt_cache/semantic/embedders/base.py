"""What turns texts into vectors."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

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
    calls: int = 0
    """How many calls to somebody else's model that took."""

    def shared(self, weights: Mapping[str, int]) -> "dict[str, Embedded]":
        """What was paid, divided by weights; the calls are those of the first one."""
        left, weight_left, parts = self.tokens, sum(weights.values()), {}
        for at, (name, weight) in enumerate(weights.items()):
            tokens = left * weight // weight_left if weight_left else 0
            parts[name] = Embedded([], tokens, 0 if at else self.calls)
            left, weight_left = left - tokens, weight_left - weight
        return parts


GROUP = "prompt_cache.embedders"
"""The entry points by which other distributions bring embedders: a name, and a subclass of Embedder."""


class Embedder(ABC):
    """Safe to share between threads."""

    name: str
    """Which model makes these vectors: two embedders of one name make the same of the same text."""
    model: str = ""
    """The model by whose price it is paid; empty where that is its name."""
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
