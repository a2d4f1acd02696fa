"""Notes what is missed in memory, off the callers' path, until whoever keeps house writes it down."""

import secrets
import threading
from collections.abc import Callable, Sequence

import msgspec

from ...keying.keys import Keyer
from ...responses.answer import Answer
from ...stores.base import Store, StoreUnavailable
from ..entry import Entry
from ..misses import Miss, Misses
from ..policy import FLUSH, outdated
from .keeping import Keeping
from .look_alikes import templates_of
from .record import Asked, Closest, Missed, Noted, Paid

_QUESTIONS = 500
"""That are noted at a time; of a flood of others nothing is."""
_BYTES = 16 * 1024**2
_EVENTS = 1000
"""That are noted of one question at a time."""
_LONGEST = 64 * 1024
"""Bytes of a request that are remembered."""
_READ = 500_000
"""Bytes of requests whose templates are made at a time: it takes a tenth of a second."""
_UNREAD = 100
"""That wait for the next time."""
_COMPARED = 10
"""Pairs that guards look at at a time."""
_LEASE = 5.0

Compare = Callable[[Missed, Closest], Closest | None]
"""What guards say of a question and the one that is closest to it; None where that is gone."""


class Noting:
    """What this process has seen and not written down. Safe to share between threads."""

    def __init__(self, store: Store, keeping: Keeping, misses: Misses, keyer: Keyer, compare: Compare) -> None:
        self._store = store
        self._keeping = keeping
        self._misses = misses
        self._keyer = keyer
        self._compare = compare
        self._lock = threading.Lock()
        self._noted: dict[str, Noted] = {}
        self._bytes = 0
        self._not_offered: list[tuple[str, str]] = []

    def miss(self, miss: Miss, reason: str, closest: Closest | None = None) -> None:
        """That a question was missed."""
        with self._lock:
            if (noted := self._of(miss, miss.missed)) and len(noted.asked) < _EVENTS:
                noted.asked.append(Asked(miss.missed, reason, miss.wants_young))
                if closest:
                    noted.missed = msgspec.structs.replace(noted.missed, closest=closest)

    def stored(self, miss: Miss, entry: Entry, answer: Answer, *, by_rule: bool, bounded: bool) -> None:
        """That its answer was paid for and stored."""
        said = self._keyer.text(answer.text or entry.response.decode("utf-8", "replace"))
        paid = Paid(
            asked=min(miss.missed, entry.created),
            stored=entry.created,
            expires=entry.expires,
            cost_usd=entry.cost_usd,
            text=said,
            by_rule=by_rule,
            lasting=not (entry.depends_on or bounded),
            depends=bool(entry.depends_on),
            wanted_young=miss.wants_young,
        )
        with self._lock:
            if (noted := self._of(miss, miss.missed)) and len(noted.paid) < _EVENTS:
                noted.paid.append(paid)

    def refused(self, miss: Miss, reason: str) -> None:
        """That its answer was not stored."""
        with self._lock:
            if (noted := self._of(miss, miss.missed)) and len(noted.refused) < _EVENTS:
                noted.refused.append(reason)

    def not_offered(self, ticket: str, reason: str) -> None:
        """That the answer to a lookup never came to be stored."""
        with self._lock:
            if len(self._not_offered) < _EVENTS:
                self._not_offered.append((ticket, reason))

    def _recall(self) -> None:
        """What was asked, of answers that never came."""
        with self._lock:
            some, self._not_offered = self._not_offered, []
        recalled = self._misses.recall([ticket for ticket, _ in some])
        for ticket, reason in some:
            if miss := recalled.get(ticket):
                self.refused(miss, reason)

    def _of(self, miss: Miss, at: float) -> Noted | None:
        """Where to note something of a question; None where there is no room."""
        noted = self._noted.get(miss.key)
        if noted is None:
            request = miss.request if miss.request and len(miss.request) <= _LONGEST else None
            if len(self._noted) >= _QUESTIONS or self._bytes + len(request or b"") > _BYTES:
                return None
            self._bytes += len(request or b"")
            missed = Missed(
                key=miss.key,
                namespace=miss.namespace,
                first=at,
                last=at,
                model=miss.model,
                source=miss.source,
                digests=miss.digests,
                request=request,
                input_tokens=miss.input_tokens,
            )
            noted = self._noted[miss.key] = Noted(missed, miss.generation, [], [], [])
        elif at > noted.missed.last:
            noted.missed = msgspec.structs.replace(noted.missed, last=at, source=miss.source)
        noted.generation = max(noted.generation, miss.generation)
        return noted

    def noted(self, key: str) -> Missed | None:
        """What is noted of a question and not written down."""
        with self._lock:
            noted = self._noted.get(key)
            return noted.missed if noted else None

    def forget(self, keys: Sequence[str] | None = None, namespace: str | None = None) -> None:
        """Write nothing down of these questions, or of those of a namespace."""
        with self._lock:
            if namespace is not None:
                keys = [key for key, noted in self._noted.items() if noted.missed.namespace == namespace]
            for key in keys or ():
                if noted := self._noted.pop(key, None):
                    self._bytes -= len(noted.missed.request or b"")

    def flush(self) -> None:
        """Write down what was noted. One process does so at a time: the others keep theirs for the next second.

        Raises StoreUnavailable.
        """
        self._recall()
        with self._lock:
            noted, self._noted, self._bytes = self._noted, {}, 0
        if not noted:
            return
        token = secrets.token_hex(8)
        try:
            if self._store.acquire("!missed", token, _LEASE):
                self._put_back(noted)
                return
        except StoreUnavailable:
            self._put_back(noted)
            raise
        try:
            known = self._read(noted)
            # From here on nothing is put back: what may have been written is not written twice.
            seen, unread = self._looked_at(
                {key: each.added_to(known.get(key)) for key, each in noted.items() if each.is_new or key in known}
            )
            self._keeping.write(seen)
            self._take_back(noted)
            self._put_back({key: Noted(noted[key].missed, noted[key].generation, [], [], []) for key in unread})
        finally:
            self._store.release("!missed", token)

    def _read(self, noted: dict[str, Noted]) -> dict[str, Missed]:
        try:
            return self._keeping.read(list(noted))
        except StoreUnavailable:
            self._put_back(noted)
            raise

    def _put_back(self, noted: dict[str, Noted]) -> None:
        with self._lock:
            later, self._noted = self._noted, noted
            for key, each in later.items():
                if before := noted.get(key):
                    each.asked[:0], each.paid[:0], each.refused[:0] = before.asked, before.paid, before.refused
                    each.missed = msgspec.structs.replace(each.missed, first=before.missed.first)
                if before or len(noted) < _QUESTIONS:
                    noted[key] = each
            self._bytes = sum(len(each.missed.request or b"") for each in noted.values())

    def _looked_at(self, some: dict[str, Missed]) -> tuple[list[Missed], list[str]]:
        """With what takes a moment to find out, for so many that hits do not feel it; and who waits for the next time.

        In a flood most of them never have their turn.
        """
        left, uncompared, seen, unread = _READ, _COMPARED, list[Missed](), list[str]()
        for key, missed in some.items():
            if missed.request and not missed.templates:
                if left > 0:
                    left -= len(missed.request)
                    missed = msgspec.structs.replace(missed, templates=self._templates(missed))
                elif len(unread) < _UNREAD:
                    unread.append(key)
            if (closest := missed.closest) and not closest.compared and uncompared:
                uncompared -= 1
                missed = msgspec.structs.replace(missed, closest=self._compared(missed, closest))
            seen.append(missed)
        return seen, unread

    def _templates(self, missed: Missed) -> tuple[str, ...]:
        """No text may keep the others from being written down."""
        try:
            return templates_of(missed.request or b"", self._keyer)
        except Exception:
            return ()

    def _compared(self, missed: Missed, closest: Closest) -> Closest | None:
        try:
            return self._compare(missed, closest)
        except StoreUnavailable:
            raise
        except Exception:
            return None

    def _take_back(self, noted: dict[str, Noted]) -> None:
        """What was asked before a flush goes with it, though it was written down after that."""
        flushed = {
            namespace: self._store.versions(namespace, (FLUSH,))[1]
            for namespace in {each.missed.namespace for each in noted.values()}
        }
        self._keeping.forget(
            [key for key, each in noted.items() if outdated((FLUSH,), each.generation, flushed[each.missed.namespace])]
        )
