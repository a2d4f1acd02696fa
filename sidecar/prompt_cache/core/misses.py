"""What was asked and not found, remembered for an hour, so that a store needs no more than the key."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ..keying.keys import Keyer, canonical_json
from ..responses.usage import rough_tokens
from ..stores.base import Bounds, Record, Store, StoreFull
from .entry import Corrupt, Miss, Source, pack, unpack_miss
from .new_entry import asked_text

MISSES = "!misses"
"""The namespace where stores keep them; no caller can name it."""
MISS_TTL = 3600.0
_PREFIX = "miss:"
_BOUNDS = Bounds(max_entries=200_000, max_bytes=512 * 1024 * 1024)

Asked = tuple[str, Mapping[str, Any], Source]
"""(key, canonical form of the request, who asked)"""


class Misses:
    """Keeps misses in the store, so that any process can store the answer to what another looked up."""

    def __init__(self, store: Store, keyer: Keyer, *, store_prompts: bool, report: Callable[[str, str], None]) -> None:
        self._store = store
        self._keyer = keyer
        self._store_prompts = store_prompts
        self._report = report

    def of(self, parts: Mapping[str, Any], source: Source, generation: int, now: float) -> Miss:
        """What a store needs to know of a request that is asked at this generation."""
        return Miss(
            namespace=parts["namespace"],
            missed=now,
            generation=generation,
            model=parts.get("model"),
            attributes=parts.get("attributes", {}),
            digests=self._keyer.digests(parts),
            request=canonical_json(parts) if self._store_prompts else None,
            input_tokens=rough_tokens(asked_text(parts)),
            source=source,
        )

    def remember(self, asked: Sequence[Asked], now: float) -> None:
        """Note what is being asked, and at which generation of its namespace. Raises StoreUnavailable."""
        if not asked:
            return
        generations = dict.fromkeys([parts["namespace"] for _, parts, _ in asked], 0)
        for namespace in generations:
            generations[namespace] = self._store.versions(namespace, ())[0]
        before = self.recall([key for key, _, _ in asked])
        records = []
        for key, parts, source in asked:
            miss = self.of(parts, source, generations[parts["namespace"]], now)
            if unanswered := before[key]:
                # Whoever asked before may still store: an answer from before a bump must not pass for one after it.
                miss = msgspec.structs.replace(miss, generation=min(miss.generation, unanswered.generation))
            record = Record(key=_PREFIX + key, namespace=MISSES, body=pack(miss), created=now, expires=now + MISS_TTL)
            records.append(record)
        try:
            self._store.put(records)
            if (held := self._store.sizes().get(MISSES)) and _BOUNDS.exceeded(held):
                self._store.evict(MISSES, _BOUNDS, held)
        except StoreFull:
            self._report("store_full", asked[0][0])  # a miss is still a miss: the workflow goes on

    def recall(self, keys: Sequence[str]) -> dict[str, Miss | None]:
        """The miss of each key, None where nobody asked within the hour or it is answered."""
        unique = list(dict.fromkeys(keys))
        recalled: dict[str, Miss | None] = dict.fromkeys(unique)
        if unique:
            for key, body in zip(unique, self._store.get([_PREFIX + key for key in unique]), strict=True):
                try:
                    recalled[key] = unpack_miss(body) if body else None
                except Corrupt:
                    self._report("corrupt_miss", key)
        return recalled

    def forget(self, keys: Sequence[str]) -> None:
        """These are answered."""
        if keys:
            self._store.delete([_PREFIX + key for key in keys])


def is_miss(key: str) -> bool:
    """Whether a store's key is that of a remembered miss."""
    return key.startswith(_PREFIX)
