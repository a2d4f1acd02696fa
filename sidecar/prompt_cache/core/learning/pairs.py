"""What was said of pairs of questions, by whom and when."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from math import inf
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from ...keying.keys import Keyer
from ...stores.base import Bounds, Record, RecordQuery, Store
from ..packing import Corrupt, pack, unpack

By = Literal["people", "verifier", "shadow"]
WEIGHT: tuple[By, ...] = ("people", "verifier", "shadow")
"""Whose word counts before whose."""

_NAMESPACE = "~pairs:"
"""Of a caller's namespace, with its name after it: nobody can name or flush it, and it gives way to nothing."""
_PREFIX = "pair:"
_BOUNDS = Bounds(max_entries=100_000)
_LIFE_OF_COMPARISONS = 30 * 86400.0
"""Seconds: answers differ by chance as well, and models change."""
_CHECKED_EVERY = 100
_WORTH = {"people": 1e9, "verifier": 0.0, "shadow": 0.0}
"""Where there are too many, the oldest words of models go first, those of people last."""


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether one answer serves both questions of a pair."""

    same: bool
    by: By
    at: float
    """Seconds since the epoch."""
    with_: str = msgspec.field(default="", name="with")
    """The model that said it, and the version of the prompt it was asked with."""
    band: str | None = None
    """That in which it is evidence; None where the guards would not have let the pair through."""


_decoder = msgspec.msgpack.Decoder(Said)


class KeptPair(Struct, frozen=True):
    """What was said of a pair, as it travels from store to store."""

    pair: Annotated[str, Meta(pattern=r"^pair:[0-9a-f]{64}:(people|verifier|shadow)$(?!\n)")]
    """The key of its record."""
    namespace: str
    said: Said


class Pairs:
    """Keeps a record for each pair and each who said something of it. Raises StoreUnavailable."""

    def __init__(self, store: Store, keyer: Keyer, report: Callable[[str, str], None]) -> None:
        self._store = store
        self._keyer = keyer
        self._report = report
        self._said = count()

    def digest(self, one: str, other: str) -> str:
        """What a pair of questions' keys is known by, whichever was asked first."""
        return self._keyer.pair(one, other)

    def known(self, asked: str, stored: Sequence[str]) -> dict[str, Said]:
        """By the latter's key what counts of what was said of each pair, in one trip.

        That two answers were compared and are the same says nothing beyond what the guards say anyway.
        """
        return self.known_each([(asked, stored)])[0]

    def known_each(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[dict[str, Said]]:
        """The same for many questions, each with its entries, in one trip."""
        wanted = [
            {key: [_key(self.digest(asked, key), by) for by in WEIGHT] for key in dict.fromkeys(stored)}
            for asked, stored in pairs
        ]
        bodies = dict(self._bodies(name for each in wanted for names in each.values() for name in names))
        return [self._counting(each, bodies) for each in wanted]

    @staticmethod
    def _counting(wanted: Mapping[str, Sequence[str]], bodies: Mapping[str, Said]) -> dict[str, Said]:
        known: dict[str, Said] = {}
        for key, names in wanted.items():
            said = next((bodies[name] for name in names if name in bodies), None)
            if said and not (said.by == "shadow" and said.same):
                known[key] = said
        return known

    def all(self, one: str, other: str) -> dict[By, Said]:
        """All that was said of a pair, by who said it; what counts most comes first."""
        digest = self.digest(one, other)
        bodies = dict(self._bodies(_key(digest, by) for by in WEIGHT))
        return {by: bodies[_key(digest, by)] for by in WEIGHT if _key(digest, by) in bodies}

    def say(self, namespace: str, one: str, other: str, said: Said) -> None:
        """Holds at once, for everybody on this store."""
        pair = KeptPair(_key(self.digest(one, other), said.by), namespace, said)
        self._store.put([_record(pair)])
        if next(self._said) % _CHECKED_EVERY == 0:
            self._bound(_NAMESPACE + namespace, pair.pair)

    def _bound(self, space: str, keep: str) -> None:
        if (held := self._store.sizes().get(space)) and _BOUNDS.exceeded(held):
            self._store.evict(space, _BOUNDS, held, (keep,))

    def _bodies(self, names: Iterable[str]) -> Iterable[tuple[str, Said]]:
        asked = list(names)
        if not asked:
            return
        for name, body in zip(asked, self._store.get(asked), strict=True):
            if body is None:
                continue
            try:
                yield name, unpack(body, _decoder)
            except Corrupt:
                self._report("corrupt_pair", name)
                # Nobody knows what it said: so that no answer is served for it, it stands for a reject.
                yield name, Said(same=False, by="people", at=0.0)


def _key(digest: str, by: By) -> str:
    return f"{_PREFIX}{digest}:{by}"


def _record(pair: KeptPair) -> Record:
    said = pair.said
    return Record(
        key=pair.pair,
        namespace=_NAMESPACE + pair.namespace,
        body=pack(said),
        created=said.at,
        expires=said.at + _LIFE_OF_COMPARISONS if said.by == "shadow" else None,
        worth=_WORTH[said.by],
    )


def kept_pairs(store: Store, namespaces: Collection[str] | None) -> Iterator[KeptPair]:
    """What was said of pairs of these namespaces, or of all, but what is damaged."""
    for space in sorted(store.sizes()):
        namespace = space.removeprefix(_NAMESPACE)
        if namespace == space or (namespaces is not None and namespace not in namespaces):
            continue
        for keys in store.find_all(RecordQuery(namespace=space)):
            for key, body in zip(keys, store.get(keys), strict=True):
                with suppress(Corrupt):
                    if body is not None:
                        yield KeptPair(key, namespace, unpack(body, _decoder))


def keep_pairs(store: Store, pairs: Sequence[KeptPair]) -> int:
    """Keep those of which the store knows nothing later; returns how many that were."""
    missing = []
    for pair, body in zip(pairs, store.get([each.pair for each in pairs]), strict=True):
        try:
            known = -inf if body is None else unpack(body, _decoder).at
        except Corrupt:
            known = -inf
        if known < pair.said.at:
            missing.append(_record(pair))
    if missing:
        store.put(missing)
    return len(missing)
