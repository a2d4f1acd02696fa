"""What was asked and not found, remembered for an hour, so that a store needs no more than the key."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ..keying.keys import Keyer, canonical_json
from ..keying.request import all_text
from ..responses.usage import Usage, rough_tokens
from ..stores.base import Bounds, NamespaceSize, Record, Store, StoreFull
from .entry import Entry, Source
from .packing import Corrupt, pack, unpack
from .questions import Question

MISS_TTL = 3600.0
_NAMESPACE = "!misses"  # which no caller can name
_PREFIX = "miss:"
_BOUNDS = Bounds(max_entries=200_000, max_bytes=512 * 1024 * 1024)


class Miss(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a store needs to know of the lookup it answers. Times are seconds since the epoch."""

    namespace: str
    missed: float
    generation: int
    """The namespace's generation when it was asked."""
    model: str | None = None
    attributes: dict[str, str] = {}
    digests: dict[str, str] = {}
    request: bytes | None = None
    """The canonical request's JSON, where prompts are kept."""
    input_tokens: int = 0
    """A rough count of what was asked, for answers that carry no usage."""
    source: Source = Source()

    @classmethod
    def again(cls, entry: Entry) -> "Miss":
        """What is known of the question an entry answers, as if it had just been missed."""
        return cls(
            namespace=entry.namespace,
            missed=entry.created,
            generation=entry.generation,
            model=entry.model,
            attributes=entry.attributes,
            digests=entry.digests,
            request=entry.request,
            input_tokens=(entry.usage or Usage()).input_tokens or 0,
            source=entry.source,
        )


_decoder = msgspec.msgpack.Decoder(Miss)


class Misses:
    """Keeps misses in the store, so that any process can store the answer to what another looked up."""

    def __init__(self, store: Store, keyer: Keyer, *, store_prompts: bool, report: Callable[[str, str], None]) -> None:
        self._store = store
        self._keyer = keyer
        self._store_prompts = store_prompts
        self._report = report

    def of(self, parts: Mapping[str, Any], source: Source, generation: int, now: float) -> Miss:
        """What a store needs to know of a request, by its canonical form, that is asked at this generation."""
        return Miss(
            namespace=parts["namespace"],
            missed=now,
            generation=generation,
            model=parts.get("model"),
            attributes=parts.get("attributes", {}),
            digests=self._keyer.digests(parts),
            request=canonical_json(parts) if self._store_prompts else None,
            input_tokens=rough_tokens(all_text(parts)),
            source=source,
        )

    def remember(self, asked: Sequence[tuple[Question, Source]], now: float) -> None:
        """Note what is being asked, by whom, and at which generation of its namespace. Raises StoreUnavailable."""
        if not asked:
            return
        generations = dict.fromkeys([question.namespace for question, _ in asked], 0)
        for namespace in generations:
            generations[namespace] = self._store.versions(namespace, ())[0]
        before = self.recall([question.key for question, _ in asked])
        records = []
        for question, source in asked:
            miss = self.of(question.parts, source, generations[question.namespace], now)
            if unanswered := before[question.key]:
                # Whoever asked before may still store: an answer from before a bump must not pass for one after it.
                miss = msgspec.structs.replace(miss, generation=min(miss.generation, unanswered.generation))
            records.append(_record(question.key, miss))
        try:
            self._store.put(records)
            if (held := self._store.sizes().get(_NAMESPACE)) and _BOUNDS.exceeded(held):
                self._store.evict(_NAMESPACE, _BOUNDS, held)
        except StoreFull:
            self._report("store_full", asked[0][0].key)  # a miss is still a miss: the workflow goes on

    def recall(self, keys: Sequence[str]) -> dict[str, Miss | None]:
        """The miss of each key, None where nobody asked within the hour or it is answered."""
        unique = list(dict.fromkeys(keys))
        recalled: dict[str, Miss | None] = dict.fromkeys(unique)
        if unique:
            for key, body in zip(unique, self._store.get([_PREFIX + key for key in unique]), strict=True):
                try:
                    recalled[key] = unpack(body, _decoder) if body else None
                except Corrupt:
                    self._report("corrupt_miss", key)
        return recalled

    def forget(self, keys: Sequence[str]) -> None:
        """These are answered."""
        if keys:
            self._store.delete([_PREFIX + key for key in keys])


def _record(key: str, miss: Miss) -> Record:
    return Record(
        key=_PREFIX + key,
        namespace=_NAMESPACE,
        body=pack(miss),
        created=miss.missed,
        expires=miss.missed + MISS_TTL,
    )


def is_miss(key: str) -> bool:
    """Whether a store's key is that of a remembered miss."""
    return key.startswith(_PREFIX)


def without_misses(sizes: Mapping[str, NamespaceSize]) -> dict[str, NamespaceSize]:
    """The namespaces of a store that callers name."""
    return {namespace: size for namespace, size in sizes.items() if namespace != _NAMESPACE}
