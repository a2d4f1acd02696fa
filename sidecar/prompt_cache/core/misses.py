"""What was asked and not found, remembered for an hour, so that a store needs no more than the key and the ticket."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import count
from typing import NamedTuple

import msgspec
from msgspec import Struct

from ..keying.keys import Keyer, canonical_json
from ..keying.request import all_text
from ..responses.usage import Usage, rough_tokens
from ..stores.base import Bounds, Record, RecordQuery, Store, StoreFull, StoreUnavailable
from .entry import Entry, Source
from .learning.shadow import Shadowed
from .matching.candidates import Found, Mark
from .packing import Corrupt, pack, unpack
from .policy import MissReason
from .questions import Question
from .tickets import Ticket

MISS_TTL = 3600.0
NAMESPACE = "!misses"
"""Of misses and what is kept beside them; no caller can name it."""
NEAR = "near:"
"""What the keys of records begin with that are kept beside misses."""
_PREFIX = "miss:"
_BOUNDS = Bounds(max_entries=200_000, max_bytes=512 * 1024 * 1024)
_OLDEST = 64
_LOOKS = 100
_CHECKED_EVERY = 100
"""Misses between two looks at the bounds."""


class Miss(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a store needs to know of the lookup it answers. Times are seconds since the epoch."""

    key: str
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
    leased: bool = False
    """Whether the lookup holds the key's lease, whose token is its ticket."""
    mark: Mark | None = None
    """Where its vector goes, where it was embedded."""
    unmarked: bool = False
    """Whether it was to be embedded, and could not be then."""
    wants_young: bool = False
    """Whether no answer was wanted beyond some age."""
    shadowed: Shadowed | None = None
    """What would have been served, to be compared with the answer."""
    paid: bytes = b""
    """The digest of an answer that was paid for and not stored: sent again by a retry, it does not cost again."""

    def paid_by(self, response: bytes) -> "Miss":
        """The same, once this answer was paid for and not stored."""
        return msgspec.structs.replace(self, paid=_digest(response))

    def was_paid_by(self, response: bytes) -> bool:
        return bool(self.paid) and self.paid == _digest(response)

    @classmethod
    def again(cls, key: str, entry: Entry) -> "Miss":
        """What is known of the question an entry answers, as if it had just been missed."""
        return cls(
            key=key,
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


class Unanswered(NamedTuple):
    """A lookup that nobody has answered yet."""

    ticket: str
    miss: Miss


_decoder = msgspec.msgpack.Decoder(Miss)


class Misses:
    """Keeps misses in the store, a record for each lookup, so that any process can store the answer to it."""

    def __init__(self, store: Store, keyer: Keyer, *, store_prompts: bool, report: Callable[[str, str], None]) -> None:
        self._store = store
        self._keyer = keyer
        self._store_prompts = store_prompts
        self._report = report
        self._remembered = count()

    def of(
        self,
        question: Question,
        source: Source,
        generation: int,
        now: float,
        *,
        leased: bool = False,
        wants_young: bool = False,
        found: Found | None = None,
    ) -> Miss:
        """What a store needs to know of a question that is asked at this generation."""
        parts = question.parts
        return Miss(
            key=question.key,
            namespace=question.namespace,
            missed=now,
            generation=generation,
            model=parts.get("model"),
            attributes=parts.get("attributes", {}),
            digests=self._keyer.digests(parts),
            request=canonical_json(parts) if self._store_prompts else None,
            input_tokens=rough_tokens(all_text(parts)),
            source=source,
            leased=leased,
            wants_young=wants_young,
            mark=found.mark if found else None,
            unmarked=found is not None and found.reason is MissReason.EMBEDDER_UNAVAILABLE,
            shadowed=_shadowed(found),
        )

    def generations(self, namespaces: Iterable[str]) -> dict[str, int]:
        """The generation of each namespace. Raises StoreUnavailable."""
        return {namespace: self._store.versions(namespace, ())[0] for namespace in dict.fromkeys(namespaces)}

    def remember(self, unanswered: Sequence[Unanswered], beside: Sequence[Record] = ()) -> None:
        """Note what is being asked, by whom, and at which generation of its namespace; and what is kept beside it."""
        if not unanswered:
            return
        try:
            self._store.put([*(_record(ticket, miss) for ticket, miss in unanswered), *beside])
            if next(self._remembered) % _CHECKED_EVERY == 0:
                self._bound()
        except StoreUnavailable as error:  # a miss is still a miss: the workflow goes on
            event = "store_full" if isinstance(error, StoreFull) else "miss_not_remembered"
            self._report(event, unanswered[0].miss.key)

    def _bound(self) -> None:
        if (held := self._store.sizes().get(NAMESPACE)) and _BOUNDS.exceeded(held):
            self._store.evict(NAMESPACE, _BOUNDS, held)

    def recall(self, tickets: Sequence[str]) -> dict[str, Miss]:
        """The lookup of each ticket, where it is not answered and not older than an hour. Raises StoreUnavailable."""
        recalled: dict[str, Miss] = {}
        if tickets:
            bodies = self._store.get([_PREFIX + ticket for ticket in tickets])
            for ticket, body in zip(tickets, bodies, strict=True):
                if body and (miss := self._unpacked(ticket, body)):
                    recalled[ticket] = miss
        return recalled

    def _unpacked(self, ticket: str, body: bytes) -> Miss | None:
        try:
            return unpack(body, _decoder)
        except Corrupt:
            self._report("corrupt_miss", ticket)
            self.forget([ticket])
            return None

    def unanswered(self, key: str) -> tuple[Unanswered, Unanswered] | None:
        """The oldest and the newest lookup of a key that nobody has answered yet. Raises StoreUnavailable.

        The oldest is that of the earliest generation. Among lookups of the same moment their times do not tell it.
        """
        query = RecordQuery(namespace=NAMESPACE, labels=(key,))
        for _ in range(_LOOKS):
            newest = self._store.find(query, limit=1)
            found = newest.keys
            if newest.cursor is not None:
                oldest = self._store.find(msgspec.structs.replace(query, order="oldest"), limit=_OLDEST)
                found = [*oldest.keys, *newest.keys]
            tickets = list(dict.fromkeys(key.removeprefix(_PREFIX) for key in found))
            misses = self.recall(tickets)
            known = [Unanswered(ticket, misses[ticket]) for ticket in tickets if ticket in misses]
            if known:
                return min(known, key=lambda each: each.miss.generation), known[-1]
            if newest.cursor is None:
                return None
            # All that were found have been answered since, but there are others between them.
        return None

    def forget(self, tickets: Sequence[str]) -> None:
        """These are answered."""
        if tickets:
            self._store.delete([_PREFIX + ticket for ticket in tickets])

    def namespaces(self) -> set[str]:
        """Where something is asked and not answered yet."""
        return {
            Ticket.parse(key.removeprefix(_PREFIX)).namespace
            for keys in self._store.find_all(RecordQuery(namespace=NAMESPACE))
            for key in keys
            if key.startswith(_PREFIX)
        }


def _digest(response: bytes) -> bytes:
    return blake2b(response, digest_size=8).digest()


def _shadowed(found: Found | None) -> Shadowed | None:
    if found is None or (candidate := found.shadowed) is None:
        return None
    return Shadowed(candidate.key, candidate.entry.created, candidate.similarity)


def _record(ticket: str, miss: Miss) -> Record:
    return Record(
        key=_PREFIX + ticket,
        namespace=NAMESPACE,
        body=pack(miss),
        created=miss.missed,
        expires=miss.missed + MISS_TTL,
        labels=(miss.key,),
    )
