"""Look up: from a question to its outcome. Load, decide, lease, remember, count."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import UNSET, Struct

from ..keying.request import Request
from ..savings.statistics import Dimensions, Statistics
from ..stores.base import Store, StoreFull
from .counting import count_hits
from .entries import Entries, Loaded
from .entry import Source
from .misses import Misses
from .outcome import EXACT, Outcome, served
from .policy import freshness_of
from .questions import Question

LEASE_TTL = 120.0
"""Seconds a lease lasts when its length is not said: longer than most answers take."""
_LONGEST_WAIT = 1.0


class Lookup(Struct, frozen=True, kw_only=True):
    """A question to the cache; durations in seconds."""

    request: Request
    max_age: float | None = None
    max_stale: float | None = None
    lease: float | None = None
    """Ask for a lease of that length on a miss."""
    source: Source = Source()


class _Asked:
    """One item of a batch on its way to its outcome."""

    __slots__ = ("at", "loaded", "lookup", "outcome", "question")

    def __init__(self, at: int, lookup: Lookup, question: Question) -> None:
        self.at = at
        self.lookup = lookup
        self.question = question
        self.loaded = Loaded()
        self.outcome = Outcome(status="miss", key=question.key)

    @property
    def missed(self) -> bool:
        """Whether the model has to be asked, here or by who holds the lease."""
        return self.outcome.status != "hit"

    @property
    def same(self) -> tuple[str, float | None, float | None]:
        """Equal for items that one answer serves."""
        return self.question.key, self.lookup.max_age, self.lookup.max_stale


class Lookups:
    """Answers lookups, many at once. Raises StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        entries: Entries,
        misses: Misses,
        statistics: Statistics,
        *,
        clock: Callable[[], float],
        token: Callable[[], str],
    ) -> None:
        self._store = store
        self._entries = entries
        self._misses = misses
        self._statistics = statistics
        self._clock = clock
        self._token = token

    def answer(self, lookups: Sequence[tuple[Lookup, Question]]) -> list[Outcome]:
        """One outcome each, in order; repeats say which they repeat."""
        batch = [_Asked(at, lookup, question) for at, (lookup, question) in enumerate(lookups)]
        firsts: dict[tuple[str, float | None, float | None], _Asked] = {}
        for asked in batch:
            firsts.setdefault(asked.same, asked)
        unique = list(firsts.values())

        self._load(unique)
        now = self._clock()
        for asked in unique:
            self._decide(asked, now)
        missed = [asked for asked in unique if asked.missed]
        self._lease(missed)
        self._remember(missed, now)
        for asked in batch:
            first = firsts[asked.same]
            if first is not asked:
                self._repeat(asked, first)
            self._count(asked)
        return [asked.outcome for asked in batch]

    def hit(self, lookup: Lookup, question: Question) -> Outcome | None:
        """A fresh answer, counted, by reading alone; None where there is more to do."""
        asked = _Asked(0, lookup, question)
        asked.loaded = self._entries.peek(question.key)
        self._decide(asked, self._clock())
        if asked.missed:
            return None
        self._count(asked)
        return asked.outcome

    def _load(self, some: Sequence[_Asked]) -> None:
        loaded = self._entries.load(list(dict.fromkeys(asked.question.key for asked in some)))
        for asked in some:
            asked.loaded = loaded[asked.question.key]

    def _decide(self, asked: _Asked, now: float) -> None:
        key, loaded, lookup = asked.question.key, asked.loaded, asked.lookup
        if loaded.entry is None:
            asked.outcome = Outcome(status="miss", key=key, reason=loaded.reason)
            return
        freshness = freshness_of(loaded.entry, now, loaded.versions, max_age=lookup.max_age, max_stale=lookup.max_stale)
        if freshness.fresh or freshness.stale:
            asked.outcome = served(key, loaded.entry, freshness, EXACT, now)
        else:
            asked.outcome = Outcome(status="miss", key=key, reason=freshness.reason or UNSET)

    def _lease(self, missed: Sequence[_Asked]) -> None:
        """Give each winner of a lease its token; the others' misses become pending."""
        won: list[_Asked] = []
        for asked in missed:
            if asked.lookup.lease is None:
                continue
            key, token = asked.question.key, self._token()
            try:
                left = self._store.acquire(key, token, asked.lookup.lease)
            except StoreFull:
                continue  # a miss without a lease is still a miss
            if not left:
                won.append(asked)
                asked.outcome = msgspec.structs.replace(asked.outcome, lease=token)
            elif asked.outcome.status == "miss":
                asked.outcome = Outcome(status="pending", key=key, retry_after=round(min(left, _LONGEST_WAIT), 3))
        if won:
            self._look_again(won)

    def _look_again(self, won: Sequence[_Asked]) -> None:
        """Between our look and our lease the holder before us may have stored: then there is nothing to ask."""
        leases = {asked.at: asked.outcome for asked in won}
        self._load(won)
        now = self._clock()
        for asked in won:
            self._decide(asked, now)
            if asked.missed:
                asked.outcome = leases[asked.at]
            else:
                self._store.release(asked.question.key, str(leases[asked.at].lease))

    def _remember(self, missed: Sequence[_Asked], now: float) -> None:
        # What is pending is the holder's to store, and counts from when the holder asked.
        asking = [asked for asked in missed if asked.outcome.status in ("miss", "stale")]
        self._misses.remember([(asked.question, asked.lookup.source) for asked in asking], now)

    def _repeat(self, asked: _Asked, first: _Asked) -> None:
        asked.loaded = first.loaded
        asked.outcome = msgspec.structs.replace(first.outcome, duplicate_of=first.at, lease=UNSET)

    def _count(self, asked: _Asked) -> None:
        outcome, entry, source = asked.outcome, asked.loaded.entry, asked.lookup.source
        if outcome.status == "hit" and entry:
            count_hits(self._statistics, entry, source, 1)
            self._statistics.add_worth(outcome.key, entry.worth)
        elif outcome.status != "pending" and outcome.duplicate_of is UNSET:
            # What is pending comes back, and a repeat is served with its first: neither asks the model.
            request = asked.lookup.request
            dimensions = Dimensions(request.namespace, request.model or "", source.workflow, source.node)
            self._statistics.count(dimensions, **{"stale" if outcome.status == "stale" else "misses": 1})
