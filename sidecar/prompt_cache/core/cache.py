"""The heart: look up, store, invalidate. Knows no HTTP and no engine."""

import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from random import random as _random
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from ..keying.keys import Keyer
from ..keying.normalize import Normalizers
from ..keying.request import Request, canonical
from ..responses.answer import Answer, read_answer
from ..responses.usage import Usage
from ..savings.prices import PriceOverride
from ..savings.statistics import Dimensions, Statistics
from ..stores.base import Bounds, NamespaceSize, Record, Store, StoreFull
from .entry import Corrupt, Entry, Miss, Source, unpack_entry
from .filters import EntryFilter
from .misses import MISSES, Misses, is_miss
from .new_entry import NewEntry, entry_from, missed_again, record_of, worth
from .outcome import Outcome, Saved, Stored, served
from .policy import MissReason, NotStored, Rules, freshness_of

LEASE_TTL = 120.0
"""Seconds a lease lasts when its length is not said: longer than most answers take."""
_LONGEST_WAIT = 1.0

Scope = Callable[[str], bool]
"""Whether the caller may touch a namespace."""


class InvalidRequest(ValueError):
    """A request that cannot be meant; `loc` is the path of the field."""

    def __init__(self, loc: Sequence[str | int], msg: str) -> None:
        super().__init__(msg)
        self.loc = tuple(loc)
        self.msg = msg


class UnknownKey(LookupError):
    """Nobody looked this key up within the hour, or it is out of the caller's scope."""


class Lookup(Struct, frozen=True, kw_only=True):
    """A question to the cache; durations in seconds."""

    request: Request
    max_age: float | None = None
    max_stale: float | None = None
    lease: float | None = None
    """Ask for a lease of that length on a miss."""
    source: Source = Source()


class PromptCache:
    """Remembers the answers of LLM calls. Safe to share between threads; state lives in the store alone."""

    def __init__(
        self,
        store: Store,
        *,
        rules: Rules | None = None,
        keyer: Keyer | None = None,
        normalizers: Normalizers | None = None,
        prices: Mapping[str, PriceOverride] | None = None,
        store_prompts: bool = True,
        never_expires: bool = False,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] = _random,
        token: Callable[[], str] = lambda: secrets.token_urlsafe(16),
        report: Callable[[str, str], None] | None = None,
    ) -> None:
        self._store = store
        self.statistics = Statistics(store, clock)
        self._rules = rules or Rules()
        self._keyer = keyer or Keyer()
        self._normalizers = normalizers or Normalizers()
        self._prices = prices or {}
        self._never_expires = never_expires
        self._clock = clock
        self._random = random
        self._token = token
        self._report = report or (lambda _event, _key: None)
        self._misses = Misses(store, self._keyer, store_prompts=store_prompts, report=self._report)

    # -- look up -----

    def key_of(self, request: Request, loc: Sequence[str | int] = ()) -> tuple[str, dict[str, Any]]:
        """(key, canonical form) of a request. Raises InvalidRequest."""
        if wrong := request.check():
            raise InvalidRequest((*loc, *wrong[0].split(".")), wrong[1])
        rules = self._rules[request.namespace]
        try:
            normalizer = self._normalizers[request.normalize if request.normalize is not None else rules.normalize]
        except ValueError as error:
            raise InvalidRequest((*loc, "normalize"), str(error)) from None
        try:
            parts = canonical(request, normalizer, rules.ignore)
            return self._keyer.key(parts), parts
        except RecursionError:
            raise InvalidRequest(loc, "nested too deeply") from None

    def lookup(self, lookup: Lookup) -> Outcome:
        """One lookup. Raises InvalidRequest, StoreUnavailable."""
        return self._lookup([lookup], [self.key_of(lookup.request)])[0]

    def lookup_many(self, lookups: Sequence[Lookup]) -> list[Outcome]:
        """One outcome each, in order; repeats say which they repeat. Raises InvalidRequest, StoreUnavailable."""
        return self._lookup(lookups, [self.key_of(each.request, ("items", at)) for at, each in enumerate(lookups)])

    def _lookup(self, lookups: Sequence[Lookup], asked: Sequence[tuple[str, dict[str, Any]]]) -> list[Outcome]:
        keys = list(dict.fromkeys(key for key, _ in asked))
        found = self._entries(keys)
        versions = self._versions(found.values())
        now = self._clock()
        outcomes: list[Outcome] = []
        first: dict[tuple[str, float | None, float | None], int] = {}
        missed: list[int] = []
        for at, (lookup, (key, _)) in enumerate(zip(lookups, asked, strict=True)):
            before = first.setdefault((key, lookup.max_age, lookup.max_stale), at)
            if before != at:
                outcomes.append(Outcome(status="miss", key=key, duplicate_of=before))
                continue
            outcomes.append(self._outcome(key, found[key], lookup, versions, now))
            if outcomes[at].status != "hit":
                missed.append(at)
        if missed:
            self._lease({at: lookups[at] for at in missed}, outcomes, found)
            # What is pending is the holder's to store, and counts from when the holder asked.
            asking = [at for at in missed if outcomes[at].status in ("miss", "stale")]
            self._misses.remember([(*asked[at], lookups[at].source) for at in asking], now)
        for at, (lookup, outcome) in enumerate(zip(lookups, outcomes, strict=True)):
            if outcome.duplicate_of is not UNSET:
                original = outcomes[outcome.duplicate_of]
                outcomes[at] = msgspec.structs.replace(original, duplicate_of=outcome.duplicate_of, lease=UNSET)
            self._count(lookup, outcomes[at], found[outcome.key])
        return outcomes

    def _entries(self, keys: Sequence[str]) -> dict[str, Entry | MissReason]:
        entries: dict[str, Entry | MissReason] = {}
        for key, body in zip(keys, self._store.get(keys), strict=True):
            if body is None:
                entries[key] = MissReason.NOT_FOUND
                continue
            try:
                entries[key] = unpack_entry(body)
            except Corrupt:
                if is_miss(key):
                    entries[key] = MissReason.NOT_FOUND
                    continue
                entries[key] = MissReason.CORRUPT
                self._report("corrupt_entry", key)
                self._store.delete([key])
        return entries

    def _versions(self, entries: Collection[Entry | MissReason]) -> dict[str, dict[str, int]]:
        names: dict[str, set[str]] = {}
        for entry in entries:
            if isinstance(entry, Entry) and entry.depends_on:
                names.setdefault(entry.namespace, set()).update(entry.depends_on)
        return {namespace: self._store.versions(namespace, sorted(each))[1] for namespace, each in names.items()}

    def _outcome(
        self,
        key: str,
        entry: Entry | MissReason,
        lookup: Lookup,
        versions: Mapping[str, Mapping[str, int]],
        now: float,
    ) -> Outcome:
        if not isinstance(entry, Entry):
            return Outcome(status="miss", key=key, reason=entry)
        numbers = versions.get(entry.namespace, {})
        freshness = freshness_of(entry, now, numbers, max_age=lookup.max_age, max_stale=lookup.max_stale)
        if freshness.fresh or freshness.stale:
            return served(key, entry, freshness, now)
        return Outcome(status="miss", key=key, reason=freshness.reason or UNSET)

    def _lease(
        self, wanting: Mapping[int, Lookup], outcomes: list[Outcome], found: dict[str, Entry | MissReason]
    ) -> None:
        """Give each winner of a lease its token; the others' misses become pending."""
        won: dict[int, str] = {}
        for at, lookup in wanting.items():
            if lookup.lease is None:
                continue
            outcome, token = outcomes[at], self._token()
            try:
                left = self._store.acquire(outcome.key, token, lookup.lease)
            except StoreFull:
                continue  # a miss without a lease is still a miss
            if not left:
                won[at] = token
                outcomes[at] = msgspec.structs.replace(outcome, lease=token)
            elif outcome.status == "miss":
                wait = round(min(left, _LONGEST_WAIT), 3)
                outcomes[at] = Outcome(status="pending", key=outcome.key, retry_after=wait)
        if won:
            # Between our look and our lease the holder before us may have stored: then there is nothing to ask.
            found |= self._entries([outcomes[at].key for at in won])
            versions, now = self._versions(found.values()), self._clock()
            for at, token in won.items():
                key = outcomes[at].key
                outcome = self._outcome(key, found[key], wanting[at], versions, now)
                if outcome.status == "hit":
                    self._store.release(key, token)
                    outcomes[at] = outcome

    def _count(self, lookup: Lookup, outcome: Outcome, entry: Entry | MissReason) -> None:
        request, source = lookup.request, lookup.source
        if outcome.status == "hit" and isinstance(entry, Entry):
            self._count_hits(entry, source, 1)
            self.statistics.add_worth(outcome.key, worth(entry))
        elif outcome.status != "pending" and outcome.duplicate_of is UNSET:
            # What is pending comes back, and a repeat is served with its first: neither asks the model.
            series = Dimensions(request.namespace, request.model or "", source.workflow, source.node)
            self.statistics.count(series, **{"stale" if outcome.status == "stale" else "misses": 1})

    def _count_hits(self, entry: Entry, source: Source, hits: int) -> None:
        usage = entry.usage or Usage()
        self.statistics.count(
            Dimensions(entry.namespace, entry.model or entry.answered_by or "", source.workflow, source.node),
            hits=hits,
            cost_usd=hits * (entry.cost_usd or 0.0),
            unpriced_hits=hits * (entry.cost_usd is None),
            input_tokens=hits * (usage.input_tokens or 0),
            output_tokens=hits * (usage.output_tokens or 0),
            seconds=hits * (entry.latency or 0.0),
        )

    # -- store -----

    def store(self, new_entry: NewEntry, scope: Scope = lambda _: True) -> Stored:
        """Store one answer. Raises UnknownKey, InvalidRequest, StoreUnavailable."""
        stored = self._store_all([new_entry], scope, [()])[0]
        if stored.reason is NotStored.UNKNOWN_KEY:
            raise UnknownKey(stored.key)
        return stored

    def store_many(self, new_entries: Sequence[NewEntry], scope: Scope = lambda _: True) -> list[Stored]:
        """Store many; what cannot be stored is refused by itself. Raises InvalidRequest, StoreUnavailable."""
        return self._store_all(new_entries, scope, [("items", at) for at in range(len(new_entries))])

    def _store_all(
        self, new_entries: Sequence[NewEntry], scope: Scope, locs: Sequence[tuple[str | int, ...]]
    ) -> list[Stored]:
        now = self._clock()
        answers: list[Answer] = []
        for new_entry, loc in zip(new_entries, locs, strict=True):
            if new_entry.ttl is None and not self._never_expires:
                msg = "null (never expires) is switched off here: give a duration, or set `never_expires: true`"
                raise InvalidRequest((*loc, "ttl"), msg)
            try:
                answers.append(read_answer(msgspec.json.decode(new_entry.response)))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                msg = "not JSON that can be replayed: cut off, not UTF-8, nested too deeply, or a number out of range"
                raise InvalidRequest((*loc, "response"), msg) from None
        if not self._store.keeps:
            keys = [self.key_of(each.request)[0] if each.request else each.key or "" for each in new_entries]
            return [Stored(key=key, stored=False, reason=NotStored.CACHING_OFF) for key in keys]
        misses = self._answered(new_entries, locs, now)
        numbers = self._numbers(new_entries, misses)
        stored: list[Stored] = []
        records: dict[str, Record] = {}
        for new_entry, answer, (key, miss) in zip(new_entries, answers, misses, strict=True):
            if miss is None or not scope(miss.namespace):
                stored.append(Stored(key=key, stored=False, reason=NotStored.UNKNOWN_KEY))
                continue
            rules = self._rules[miss.namespace]
            entry = entry_from(
                new_entry,
                answer,
                miss,
                numbers=numbers.get(miss.namespace, {}),
                lifetime=rules.lifetime,
                prices=self._prices,
                now=now,
                random=self._random(),
            )
            source = entry.source if isinstance(entry, Entry) else new_entry.source or miss.source
            series = Dimensions(miss.namespace, miss.model or "", source.workflow, source.node)
            if isinstance(entry, NotStored):
                stored.append(Stored(key=key, stored=False, reason=entry))
                self.statistics.count(series, refused=1)
                continue
            records[key] = record_of(key, entry, rules.keep_stale)
            ttl = None if entry.expires is None else entry.expires - now
            stored.append(Stored(key=key, stored=True, ttl=ttl, saved=Saved.by(entry)))
            self.statistics.count(series, stored=1)
            if new_entry.repeats:
                self._count_hits(entry, source, new_entry.repeats)
        if records:
            self._store.put(list(records.values()))
        # What came too late for a bump is settled as well: who asks from now on gets the new generation.
        self._misses.forget([each.key for each in stored if each.stored or each.reason is NotStored.VERSION_CHANGED])
        if records:
            self._bound({record.namespace for record in records.values()})
        for new_entry, (key, miss) in zip(new_entries, misses, strict=True):
            if new_entry.lease and miss is not None and scope(miss.namespace):
                self._store.release(key, new_entry.lease)
        return stored

    def _answered(
        self, new_entries: Sequence[NewEntry], locs: Sequence[tuple[str | int, ...]], now: float
    ) -> list[tuple[str, Miss | None]]:
        """The key of each new_entry, and the miss it answers."""
        placed = zip(new_entries, locs, strict=True)
        asked = [self.key_of(each.request, loc) if each.request else None for each, loc in placed]
        remembered = self._recall([each.key or "" for each in new_entries if not each.request])
        answered: list[tuple[str, Miss | None]] = []
        for new_entry, question in zip(new_entries, asked, strict=True):
            if question is None:
                answered.append((new_entry.key or "", remembered[new_entry.key or ""]))
                continue
            key, parts = question
            generation = self._store.versions(parts["namespace"], ())[0] if new_entry.depends_on else 0
            answered.append((key, self._misses.of(parts, new_entry.source or Source(), generation, now)))
        return answered

    def _recall(self, keys: Sequence[str]) -> dict[str, Miss | None]:
        recalled = self._misses.recall(keys)
        unknown = [key for key, miss in recalled.items() if miss is None]
        if unknown:  # a key that was looked up and hit may be stored anew: its entry knows as much as a miss
            for key, entry in self._entries(unknown).items():
                if isinstance(entry, Entry):
                    recalled[key] = missed_again(entry)
        return recalled

    def _numbers(
        self, new_entries: Sequence[NewEntry], misses: Sequence[tuple[str, Miss | None]]
    ) -> dict[str, dict[str, int]]:
        names: dict[str, set[str]] = {}
        for new_entry, (_, miss) in zip(new_entries, misses, strict=True):
            if miss and new_entry.depends_on:
                names.setdefault(miss.namespace, set()).update(new_entry.depends_on)
        return {namespace: self._store.versions(namespace, sorted(each))[1] for namespace, each in names.items()}

    def _bound(self, namespaces: Collection[str]) -> None:
        bounded = {name: self._rules[name].bounds for name in namespaces if self._rules[name].bounds != Bounds()}
        if bounded:
            usage = self._store.sizes()
            for namespace, bounds in bounded.items():
                if (held := usage.get(namespace)) and bounds.exceeded(held):
                    self._store.evict(namespace, bounds, held)

    # -- look inside, take out -----

    def entry(self, key: str, scope: Scope = lambda _: True) -> Entry:
        """The entry of a key, served or not. Raises UnknownKey."""
        entry = self._entries([key])[key]
        if not isinstance(entry, Entry) or not scope(entry.namespace):
            raise UnknownKey(key)
        return entry

    def entries(
        self, entry_filter: EntryFilter, *, text: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> tuple[list[tuple[str, Entry]], str | None]:
        """One page of (key, entry), newest first, and the cursor of the next."""
        page = self._store.find(entry_filter.query(self._clock(), text), limit=limit, cursor=cursor)
        entries = self._entries(page.keys) if page.keys else {}
        return [(key, entry) for key, entry in entries.items() if isinstance(entry, Entry)], page.cursor

    def invalidate(self, entry_filter: EntryFilter, *, dry_run: bool = False, scope: Scope = lambda _: True) -> int:
        """Delete what is selected; returns how many entries that were, or in a dry run would be."""
        deleted = 0
        for keys in self._selected(entry_filter, scope):
            deleted += len(keys) if dry_run else self._store.delete(keys)
        return deleted

    def _selected(self, entry_filter: EntryFilter, scope: Scope) -> Iterator[list[str]]:
        key = entry_filter.key
        if entry_filter.request is not None:
            key, _ = self.key_of(entry_filter.request)
        if key is None:
            yield from self._store.selected(entry_filter.query(self._clock()))
            return
        entry = self._entries([key])[key]
        if isinstance(entry, Entry) and scope(entry.namespace) and entry_filter.matches(entry, self._clock()):
            yield [key]

    def delete(self, key: str, scope: Scope = lambda _: True) -> int:
        """Forget one entry; returns how many that were. Raises UnknownKey."""
        self.entry(key, scope)
        return self._store.delete([key])

    def flush(self, namespace: str | None = None, scope: Scope = lambda _: True) -> int:
        """Delete all entries of a namespace, or of all there are in the scope; returns how many."""
        namespaces = list(self.sizes(scope)) if namespace is None else [namespace]
        return sum(self._store.clear(name) for name in namespaces)

    def sizes(self, scope: Scope = lambda _: True) -> dict[str, NamespaceSize]:
        """How much each namespace in the scope holds."""
        return {name: size for name, size in self._store.sizes().items() if name != MISSES and scope(name)}

    def bump(self, namespace: str, names: Sequence[str]) -> dict[str, int]:
        """Everything in the namespace that depends on these names is stale from now on; returns the new numbers."""
        return dict.fromkeys(names, self._store.bump(namespace, names))

    def release(self, key: str, lease: str) -> bool:
        """Give a lease back without storing; False when it was not held (any more)."""
        return self._store.release(key, lease)

    def ping(self) -> None:
        """Return when the store answers. Raises StoreUnavailable."""
        self._store.ping()

    def sweep(self, every: float) -> int:
        """Free what has expired, unless another process on this store did so in the last `every` seconds."""
        if self._store.acquire("!sweep", "sweeper", every * 0.9):
            return 0
        return self._store.sweep()

    def close(self) -> None:
        """Hand over the last sums and let go of the store."""
        self.statistics.flush()
        self._store.close()
