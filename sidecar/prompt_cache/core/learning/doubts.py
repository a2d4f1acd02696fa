"""Pairs that wait to be judged: by a model that is asked, or by their answers, which are compared."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Literal

import msgspec
from msgspec import Struct

from ...stores.base import Bounds, Record, RecordQuery, Store
from ..packing import Corrupt, pack, unpack

LIFE = 86400.0
"""Seconds after which nobody cares any more."""
PAUSES = (10.0, 60.0, 300.0, 1800.0)
"""Seconds between a try that failed and the next one; after the last there is none."""
_NAMESPACE = "!doubts"
"""Nobody can name it; where room is short, it gives way like misses."""
_PREFIX = "doubt:"
_BOUNDS = Bounds(max_entries=20_000, max_bytes=64 * 1024**2)
_CHECKED_EVERY = 100
_AT_ONCE = 8
_LEASE = 60.0
"""Seconds that a judgement has; whoever is killed in it keeps the pair from others for so long."""


class Doubt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pair in doubt. What is asked stands in it where prompts are kept, and nowhere else."""

    kind: Literal["questions", "answers"]
    """Whether its questions are to be judged, or its answers."""
    namespace: str
    asked: str
    """The key of the question that was asked."""
    key: str
    """Of the stored entry."""
    created: float
    """When that entry was stored: what is judged is this answer, no other under its key."""
    similarity: float
    band: str | None = None
    """That in which it is evidence; None where the guards would not have let the pair through."""
    request: bytes = b""
    """The canonical request that was asked."""
    digests: dict[str, str] = {}
    tries: int = 0


_decoder = msgspec.msgpack.Decoder(Doubt)


class Doubts:
    """Keeps them in the store: a killed worker loses none, and no two judge the same. Raises StoreUnavailable."""

    def __init__(self, store: Store, clock: Callable[[], float], token: Callable[[], str]) -> None:
        self._store = store
        self._clock = clock
        self._token = token
        self._added = count()

    def add(self, digest: str, doubt: Doubt) -> None:
        """Have a pair judged, unless it waits already."""
        key = f"{_PREFIX}{doubt.kind}:{digest}"
        if self._store.get([key])[0] is None:
            self._put(key, doubt, self._clock())
            if next(self._added) % _CHECKED_EVERY == 0:
                held = self._store.sizes().get(_NAMESPACE)
                if held and _BOUNDS.exceeded(held):
                    self._store.evict(_NAMESPACE, _BOUNDS, held)

    @contextmanager
    def holding(self, digest: str, seconds: float) -> Iterator[bool]:
        """Whether a pair is ours to judge, for so long: nobody else does meanwhile."""
        key, token = f"{_PREFIX}questions:{digest}", self._token()
        if self._store.acquire(key, token, seconds):
            yield False
            return
        try:
            yield True
        finally:
            self._store.release(key, token)

    @contextmanager
    def next(self) -> Iterator["Waiting | None"]:
        """The one that has waited longest and that nobody judges, None where there is none."""
        query = RecordQuery(namespace=_NAMESPACE, created_before=self._clock() + 1e-3, order="oldest")
        for key in self._store.find(query, limit=_AT_ONCE).keys:
            token = self._token()
            if self._store.acquire(key, token, _LEASE):
                continue
            try:
                if waiting := self._waiting(key):
                    yield waiting
                    return
            finally:
                self._store.release(key, token)
        yield None

    def done(self, waiting: "Waiting") -> None:
        """It is judged, or can never be."""
        self._store.delete([waiting.key])

    def again(self, waiting: "Waiting") -> bool:
        """It could not be judged now: try again after a pause, some times. False where this was the last one."""
        tries = waiting.doubt.tries
        if tries >= len(PAUSES):
            self.done(waiting)
            return False
        doubt = msgspec.structs.replace(waiting.doubt, tries=tries + 1)
        self._put(waiting.key, doubt, self._clock() + PAUSES[tries])
        return True

    def _waiting(self, key: str) -> "Waiting | None":
        (body,) = self._store.get([key])
        if body is None:
            return None  # somebody judged it between our look and our lease
        try:
            return Waiting(key, unpack(body, _decoder))
        except Corrupt:
            self._store.delete([key])
            return None

    def _put(self, key: str, doubt: Doubt, due: float) -> None:
        # The order is that of the times of creation: so it is created when it is due.
        record = Record(key=key, namespace=_NAMESPACE, body=pack(doubt), created=due, expires=due + LIFE)
        self._store.put([record])


class Waiting(Struct, frozen=True):
    """A doubt, and the record that it waits in."""

    key: str
    doubt: Doubt
