"""What the cache would do with each pair: the second question is answered already, and the first is asked."""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager

from msgspec import Struct

from ..embedders.base import Embedded, Embedder, EmbedderUnavailable, cosine
from ..guards.names import Verdict
from ..partition import Place, Unplaced
from .pairs import Pair, Side

Watch = Callable[[str, str], AbstractContextManager[Callable[[int, int], None]]]
"""Of a part of the work, by its name and the unit in which it counts: told how many are done, of how many."""

_BATCH = 32
_WAITS = (6.0, 15.0, 30.0)
"""Seconds after which an embedder that answered before is asked again: one timeout does not cost thousands of texts."""


class Read(Struct, frozen=True):
    """A question as the cache reads it."""

    key: str
    place: Place | Unplaced


class Judged(Struct, frozen=True):
    """A pair, and all that decides about it but the threshold."""

    pair: Pair
    exact: bool = False
    """Whether both are one question to the cache already."""
    similarity: float | None = None
    """None where the two are never compared."""
    guard: str | None = None
    """The first guard that does not agree."""
    why_not: str | None = None
    """Why they are never compared."""

    def served(self, threshold: float, *, guarded: bool = True) -> bool:
        """Whether the answer to one is given to the other."""
        if self.exact:
            return True
        close = self.similarity is not None and self.similarity >= threshold
        return close and not (guarded and self.guard)


def judge(
    pairs: Sequence[Pair],
    read: Callable[[Side], Read],
    embedder: Embedder,
    compare: Callable[[str, str], Collection[Verdict]],
    *,
    watch: Watch,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Judged]:
    """Each of the pairs, in their order.

    `read` raises ValueError for what cannot be asked, and so does this, with the line. Raises EmbedderUnavailable.
    """
    found = [(pair, _read(pair, "a", read), _read(pair, "b", read)) for pair in pairs]
    first = [_before_comparing(*each) for each in found]
    texts = {
        place.text: None
        for (_, a, b), known in zip(found, first, strict=True)
        if known is None
        for place in (a.place, b.place)
        if isinstance(place, Place)
    }
    vectors = _embedded(list(texts), embedder, watch, sleep)
    judged: list[Judged] = []
    with watch("Compare", "pairs") as progress:
        for at, ((pair, a, b), known) in enumerate(zip(found, first, strict=True), 1):
            judged.append(known or _compared(pair, a.place, b.place, vectors, compare))  # type: ignore[arg-type]
            progress(at, len(pairs))
    return judged


def _read(pair: Pair, name: str, read: Callable[[Side], Read]) -> Read:
    try:
        return read(pair.a if name == "a" else pair.b)
    except ValueError as error:
        raise ValueError(f"line {pair.line}: `{name}`: {error}") from None


def _before_comparing(pair: Pair, a: Read, b: Read) -> Judged | None:
    """What is known without their texts; None where those decide."""
    if a.key == b.key:
        return Judged(pair, exact=True)
    for read in (a, b):
        if isinstance(read.place, Unplaced):
            return Judged(pair, why_not=read.place.why)
    if a.place.partition != b.place.partition:  # type: ignore[union-attr]
        return Judged(pair, why_not="what was said before differs")
    return None


def _embedded(
    texts: Sequence[str], embedder: Embedder, watch: Watch, sleep: Callable[[float], None]
) -> dict[str, bytes]:
    vectors: list[bytes] = []
    with watch("Embed", "texts") as progress:
        while len(vectors) < len(texts):
            some = texts[len(vectors) : len(vectors) + _BATCH]
            vectors += _asked(some, embedder, _WAITS if vectors else (), sleep).vectors
            progress(len(vectors), len(texts))
    return dict(zip(texts, vectors, strict=True))


def _asked(
    texts: Sequence[str], embedder: Embedder, waits: Sequence[float], sleep: Callable[[float], None]
) -> Embedded:
    for wait in waits:
        try:
            return embedder.embed(texts)
        except EmbedderUnavailable:
            sleep(wait)
    return embedder.embed(texts)


def _compared(
    pair: Pair,
    a: Place,
    b: Place,
    vectors: dict[str, bytes],
    compare: Callable[[str, str], Collection[Verdict]],
) -> Judged:
    similarity = min(1.0, cosine(vectors[a.text], vectors[b.text]))
    refusing = (verdict.guard for verdict in compare(a.text, b.text) if not verdict.agrees)
    return Judged(pair, similarity=similarity, guard=next(refusing, None))
