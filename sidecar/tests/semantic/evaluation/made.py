"""An evaluation that can be counted by hand: vectors of known angles, and one guard that compares digits."""

import math
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from prompt_cache.keying.keys import Keyer
from prompt_cache.keying.normalize import Normalizers
from prompt_cache.keying.request import Request, canonical
from prompt_cache.semantic.embedders.base import Embedded, Embedder
from prompt_cache.semantic.evaluation.judging import Judged, Read, judge
from prompt_cache.semantic.evaluation.pairs import Pair, Side
from prompt_cache.semantic.guards.names import Verdict
from prompt_cache.semantic.partition import place_of

KEYER = Keyer()
Guards = Callable[[str, str], Collection[Verdict]]


class Angles(Embedder):
    """Texts that begin with `~0.9` have that similarity to all that do not."""

    name = "angles"
    threshold = 0.6

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def embed(self, texts: Sequence[str]) -> Embedded:
        self.asked.append(list(texts))
        return Embedded([vector(text) for text in texts])


def vector(text: str) -> bytes:
    cosine = float(found[1]) if (found := re.match(r"~([\d.]+) ", text)) else 1.0
    return np.array([cosine, math.sqrt(1 - cosine**2)], dtype="<f4").tobytes()


def digits(asked: str, stored: str) -> list[Verdict]:
    """In place of all guards."""
    numbers = [re.findall(r"#(\d+)", text) for text in (asked, stored)]
    return [Verdict("language", True), Verdict("numbers", numbers[0] == numbers[1])]


def no_guards(_asked: str, _stored: str) -> list[Verdict]:
    return []


def read(side: Side) -> Read:
    request = Request(prompt=side) if isinstance(side, str) else Request(messages=side)
    parts = canonical(request, Normalizers()["whitespace"])
    return Read(KEYER.key(parts), place_of(parts, KEYER))


def judged(*pairs: Pair, embedder: Embedder | None = None, guards: Guards = digits) -> list[Judged]:
    return judge(pairs, read, embedder or Angles(), guards, watch=nobody)


@contextmanager
def nobody(_label: str, _unit: str) -> Iterator[Callable[[int, int], None]]:
    """Watches."""
    yield lambda _done, _total: None


def pair(similarity: float, same: bool, *, numbers: bool = True, kind: str | None = None, line: int = 1) -> Pair:
    """Two texts of this similarity, in which the guard finds the same numbers or not."""
    tail = f"#1 of {line}"
    return Pair(line, f"~{similarity} ask {tail}", f"ask #{1 if numbers else 2} of {line}", same, kind)
