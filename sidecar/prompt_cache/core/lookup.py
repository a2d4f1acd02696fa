"""Look up: from a question to its outcome. Load, decide, lease, remember, count."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Literal

import msgspec
from msgspec import UNSET, Struct

from ..keying.request import Request
from ..savings.currency import Currency
from ..savings.statistics import Dimensions, Statistics
from ..stores.base import Store, StoreUnavailable
from .counting import count_miss, count_served
from .entries import Entries, Loaded
from .entry import Source
from .errors import NotRecorded
from .explaining import Explanations
from .matching.candidates import Found
from .matching.matcher import Asked, Matcher
from .missed.questions import MissedQuestions
from .misses import Misses, Unanswered
from .near import Near, Neighbours
from .outcome import EXACT, Match, Matched, Outcome, served
from .policy import MissReason, freshness_of
from .questions import Question
from .recordings import Recordings
from .tickets import Ticket

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
    match: Literal["exact", "semantic"] | None = None
    """None is as the namespace says."""
    threshold: float | None = None
    """Of semantic matching; it may only tighten the namespace's."""
    explain: bool = False
    """Whether the outcome says what is close, and why that is not served."""


class _Asked:
    """What equal items of a batch ask, on its way to its outcome."""

    __slots__ = ("found", "items", "lease", "loaded", "not_recorded", "outcome", "pending", "question", "ticket")

    def __init__(self, question: Question) -> None:
        self.question = question
        self.items: list[tuple[int, Lookup]] = []
        """Each with its place in the batch; the first one speaks for all."""
        self.loaded: Loaded | None = None
        self.found: Found | None = None
        """What there is beyond the same question, where that was looked for."""
        self.outcome = Outcome(status="pending", key=question.key, retry_after=0.0)
        self.ticket = Ticket(question.namespace, 0, "")
        self.lease: str | None = None
        """The token of the lease that was won."""
        self.not_recorded: NotRecorded | None = None
        """Why the model is not to be asked, and there is no outcome."""
        self.pending: Outcome | None = None
        """What those hear who asked for a lease that somebody else holds."""

    @property
    def first(self) -> Lookup:
        return self.items[0][1]

    @property
    def wanted_lease(self) -> float | None:
        return next((lookup.lease for _, lookup in self.items if lookup.lease is not None), None)

    @property
    def missed(self) -> bool:
        """Whether the model has to be asked, here or by who holds the lease."""
        return self.outcome.status in ("miss", "stale") and self.not_recorded is None

    @property
    def asking(self) -> bool:
        """Whether an item of these goes on to ask the model."""
        return self.missed and (self.pending is None or any(lookup.lease is None for _, lookup in self.items))

    def outcomes(self, carriers: dict[str, int]) -> Iterator[tuple[int, Lookup, Outcome, bool]]:
        """That of each item, with its place, and whether the item repeats one which was told the same before.

        `carriers` knows where an answer stands: no batch holds one twice.
        """
        first_places: dict[str, int] = {}  # who waits for another's lease repeats nobody who may ask the model
        lease = self.lease
        for place, lookup in self.items:
            outcome = self.outcome
            if self.pending and lookup.lease is not None:
                outcome = self.pending
            elif lease and lookup.lease is not None:
                outcome, lease = msgspec.structs.replace(outcome, lease=lease), None
            first_place = first_places.setdefault(outcome.status, place)
            if outcome.response is not UNSET:
                carrier = carriers.setdefault(outcome.key, place)
                if carrier != place:
                    outcome = msgspec.structs.replace(outcome, duplicate_of=carrier, response=UNSET)
            elif place != first_place:
                outcome = msgspec.structs.replace(outcome, duplicate_of=first_place)
            yield place, lookup, outcome, place != first_place


class Lookups:
    """Answers lookups, many at once. Raises StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        entries: Entries,
        misses: Misses,
        neighbours: Neighbours,
        matcher: Matcher,
        explanations: Explanations,
        statistics: Statistics,
        recordings: Recordings,
        missed: MissedQuestions,
        *,
        currency: Currency,
        clock: Callable[[], float],
        token: Callable[[], str],
    ) -> None:
        self._store = store
        self._entries = entries
        self._misses = misses
        self._neighbours = neighbours
        self._matcher = matcher
        self._explanations = explanations
        self._statistics = statistics
        self._recordings = recordings
        self._missed = missed
        self._currency = currency
        self._clock = clock
        self._token = token

    def answer(self, lookups: Sequence[tuple[Lookup, Question]], *, apart: bool = False) -> list[Outcome | NotRecorded]:
        """One outcome each, in order; repeats say which they repeat, unless others ask each: `apart`."""
        batch: dict[tuple[object, ...], _Asked] = {}
        for place, (lookup, question) in enumerate(lookups):
            ways = lookup.max_age, lookup.max_stale, lookup.match, lookup.threshold, lookup.explain
            same = question.key, *ways, place if apart else 0
            if same not in batch:
                batch[same] = _Asked(question)
            batch[same].items.append((place, lookup))
        unique = list(batch.values())

        self._load(unique, apart=apart)
        now = self._clock()
        for asked in unique:
            self._decide(asked, now)
        self._match([asked for asked in unique if asked.missed])
        if missed := [asked for asked in unique if asked.missed]:
            self._note_tickets(missed)
            self._lease([asked for asked in missed if asked.wanted_lease is not None])
            self._remember([asked for asked in missed if asked.asking], now)
        self._explain(unique)
        outcomes: list[Outcome | NotRecorded | None] = [None] * len(lookups)
        carriers: dict[str, int] = {}
        for asked in unique:
            if asked.not_recorded:
                for place, _ in asked.items:
                    outcomes[place] = asked.not_recorded
                continue
            for place, lookup, outcome, repeat in asked.outcomes({} if apart else carriers):
                self._count(asked, lookup, outcome, repeat=repeat)
                outcomes[place] = outcome
        return [outcome for outcome in outcomes if outcome]

    def hit(self, lookup: Lookup, question: Question) -> Outcome | None:
        """A fresh answer, counted, by reading alone; None where there is more to do."""
        if lookup.explain:
            return None
        key, now = question.key, self._clock()
        if self._recordings.recording(question.namespace):
            loaded = Loaded(self._recordings.entry_at_once(question, now))
        else:
            loaded = self._entries.peek(key, question.namespace)
        if loaded.entry is None:
            return None
        freshness = freshness_of(loaded.entry, now, loaded.versions, max_age=lookup.max_age, max_stale=lookup.max_stale)
        if not freshness.fresh:
            return None
        count_served(self._statistics, key, loaded.entry, lookup.source)
        return served(key, loaded.entry, freshness, EXACT, now, self._currency)

    def _load(self, some: Sequence[_Asked], *, apart: bool = False) -> None:
        stored: list[_Asked] = []
        recorded: list[_Asked] = []
        for asked in some:
            (recorded if self._recordings.recording(asked.question.namespace) else stored).append(asked)
        if stored:
            self._load_stored(stored)
        if recorded:
            self._load_recorded(recorded, apart=apart)

    def _load_recorded(self, some: Sequence[_Asked], *, apart: bool) -> None:
        now, first = self._clock(), None
        for asked in some:
            try:
                asked.loaded = Loaded(self._recordings.entry(asked.question, now), MissReason.NOT_RECORDED)
                if asked.loaded.entry is None:  # of a batch, only the first one is told
                    asked.not_recorded = first or self._recordings.not_recorded(asked.question)
                    first = None if apart else asked.not_recorded
            except NotRecorded as broken:
                asked.loaded, asked.not_recorded = Loaded(), broken

    def _load_stored(self, some: Sequence[_Asked]) -> None:
        keys = list(dict.fromkeys(asked.question.key for asked in some))
        namespaces = {asked.question.namespace for asked in some}
        loaded = self._entries.load_within(keys, namespaces.pop() if len(namespaces) == 1 else None)
        for asked in some:
            asked.loaded = loaded.get(asked.question.key)

    def _decide(self, asked: _Asked, now: float) -> None:
        key, loaded, lookup = asked.question.key, asked.loaded, asked.first
        if loaded is None:
            return
        if loaded.entry is None:
            asked.outcome = Outcome(status="miss", key=key, reason=loaded.reason)
            return
        freshness = freshness_of(loaded.entry, now, loaded.versions, max_age=lookup.max_age, max_stale=lookup.max_stale)
        if freshness.fresh or freshness.stale:
            asked.outcome = served(key, loaded.entry, freshness, EXACT, now, self._currency)
        else:
            asked.outcome = Outcome(status="miss", key=key, reason=freshness.reason or UNSET)

    def _match(self, missed: Sequence[_Asked]) -> None:
        """Look beyond the same question, where nothing of its own may be served."""
        looking = [
            asked
            for asked in missed
            if (self._matcher.applies(asked.question.namespace, asked.first.match) or asked.first.explain)
            and not self._recordings.recording(asked.question.namespace)
        ]
        if not looking:
            return
        found, now = self._matcher.match([Asked(asked.question, asked.first) for asked in looking]), self._clock()
        for asked, each in zip(looking, found, strict=True):
            asked.found = each
            if (candidate := each.served) is not None:
                asked.loaded = Loaded(candidate.entry)
                match = Match("semantic", candidate.similarity, Matched(candidate.key, candidate.question))
                asked.outcome = served(
                    asked.question.key, candidate.entry, candidate.freshness, match, now, self._currency
                )
            elif each.reason and asked.outcome.reason is MissReason.NOT_FOUND:
                asked.outcome = msgspec.structs.replace(asked.outcome, reason=each.reason)

    def _explain(self, some: Sequence[_Asked]) -> None:
        newest = cache(self._explanations.newest)  # a batch reads them once
        for asked in some:
            if asked.first.explain and asked.not_recorded is None:
                explanation = self._explanations.of(asked.question, asked.found, newest, hit=not asked.missed)
                asked.outcome = msgspec.structs.replace(asked.outcome, explanation=explanation)

    def _note_tickets(self, missed: Sequence[_Asked]) -> None:
        known = {
            asked.question.namespace: asked.loaded.generation
            for asked in missed
            if asked.loaded and asked.loaded.generation is not None
        }
        generations = known | self._misses.generations(
            asked.question.namespace for asked in missed if asked.question.namespace not in known
        )
        for asked in missed:
            namespace = asked.question.namespace
            asked.ticket = Ticket(namespace, generations[namespace], self._token())
            asked.outcome = msgspec.structs.replace(asked.outcome, ticket=str(asked.ticket))

    def _lease(self, wanting: Sequence[_Asked]) -> None:
        """Give each winner of a lease its token; the others' misses become pending."""
        won: list[_Asked] = []
        for asked in wanting:
            key, token = asked.question.key, str(asked.ticket)
            try:
                left = self._store.acquire(key, token, asked.wanted_lease or LEASE_TTL)
            except StoreUnavailable:
                continue  # a miss without a lease is still a miss
            if not left:
                won.append(asked)
                asked.lease = token
            elif asked.outcome.status == "miss":
                asked.pending = Outcome(status="pending", key=key, retry_after=round(min(left, _LONGEST_WAIT), 3))
        if won:
            self._look_again(won)

    def _look_again(self, won: Sequence[_Asked]) -> None:
        """Between our look and our lease the holder before us may have stored: then there is nothing to ask."""
        misses = [(asked, asked.outcome) for asked in won]
        self._load(won)
        now = self._clock()
        for asked, miss in misses:
            self._decide(asked, now)
            if asked.missed or asked.loaded is None:
                asked.outcome = miss
            else:
                self._store.release(asked.question.key, str(asked.ticket))
                asked.lease = None

    def _remember(self, asking: Sequence[_Asked], now: float) -> None:
        if not asking:
            return
        near, beside = self._neighbours.of([asked.question for asked in asking], now)
        for asked in asking:
            if asked.question.key in near and asked.outcome.reason is MissReason.NOT_FOUND:
                asked.outcome = msgspec.structs.replace(asked.outcome, near=Near())
        # What is pending is the holder's to store, and counts from when the holder asked.
        unanswered = [
            Unanswered(
                str(asked.ticket),
                self._misses.of(
                    asked.question,
                    asked.first.source,
                    asked.ticket.generation,
                    now,
                    leased=asked.lease is not None,
                    wants_young=asked.first.max_age is not None,
                    found=asked.found,
                ),
            )
            for asked in asking
        ]
        self._misses.remember(unanswered, beside)
        for asked, (_, miss) in zip(asking, unanswered, strict=True):
            self._missed.note_miss(miss, str(asked.outcome.reason or MissReason.EXPIRED), asked.found)

    def _count(self, asked: _Asked, lookup: Lookup, outcome: Outcome, *, repeat: bool) -> None:
        entry, source = asked.loaded.entry if asked.loaded else None, lookup.source
        if outcome.status == "hit" and entry:
            matched = asked.found.served if asked.found else None
            count_served(self._statistics, matched.key if matched else outcome.key, entry, source, matched is not None)
        elif outcome.status != "pending" and not repeat:
            # What is pending comes back, and a repeat is served with its first: neither asks the model.
            request = lookup.request
            dimensions = Dimensions(request.namespace, request.model or "", source.workflow, source.node)
            if outcome.status == "stale":
                self._statistics.count(dimensions, stale=1)
            else:
                count_miss(self._statistics, dimensions, outcome.reason or MissReason.NOT_FOUND)
