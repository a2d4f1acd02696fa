"""The cache as others see it: every act is one method."""

import secrets
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from ..keying.request import Request
from ..savings.price_list import ListedModel, listed_models
from ..savings.seen import SeenModel, seen_models
from ..savings.series import OTHER
from ..stores.base import NamespaceSize, Order, StoreUnavailable
from ..values.names import DEFAULT_NAMESPACE
from .alike import Alike, Beyond, Usable
from .entries import Scope, Weight
from .entry import Entry
from .errors import InvalidRequest, NotRecorded, UnknownKey
from .filters import EntryFilter
from .learning.verification import parts_of
from .lookup import Lookup
from .outcome import Outcome, Stored
from .policy import FLUSH, Freshness, NotStored, outdated
from .questions import Question
from .rules import NamespaceRules
from .store import NewEntry
from .tickets import Ticket
from .wiring import Wired

_USED_WITHIN = 7 * 86400.0


def _anywhere(_: str) -> bool:
    return True


class PromptCache(Wired):
    """Remembers the answers of LLM calls. Safe to share between threads; state lives in the store alone.

    Every method that touches the store raises StoreUnavailable.
    """

    # -- look up, store -----

    def key_of(self, request: Request, loc: Sequence[str | int] = ()) -> str:
        """The key of a request, which stands at `loc` in what was sent. Raises InvalidRequest."""
        return self._questions.of(request, loc).key

    def lookup(self, lookup: Lookup) -> Outcome:
        """One lookup. Raises InvalidRequest, NotRecorded."""
        outcome = self._lookups.answer([(lookup, self.question(lookup))])[0]
        if isinstance(outcome, NotRecorded):
            raise outcome
        return outcome

    @property
    def local(self) -> bool:
        """Whether `hit` waits for nothing."""
        return self._store.local

    @property
    def shared(self) -> bool:
        """Whether all processes see what one of them keeps."""
        return self._store.shared

    @property
    def keeps(self) -> bool:
        """Whether anything is kept."""
        return self._store.keeps

    def question(self, lookup: Lookup, loc: Sequence[str | int] = ()) -> Question:
        """What a lookup asks: always the same of the same request. Raises InvalidRequest."""
        question = self._questions.of(lookup.request, loc)
        self._matcher.require(question.namespace, lookup, loc)
        return question

    @property
    def matches(self) -> Sequence[str]:
        """The kinds of matching that there are here."""
        return ("exact", "semantic") if self._matcher.is_possible else ("exact",)

    def is_semantic(self, lookup: Lookup) -> bool:
        """Whether a lookup goes beyond the same question, or says what is close: then it may wait for an embedder."""
        return lookup.explain or self._matcher.applies(lookup.request.namespace, lookup.match)

    def may_embed(self, new_entry: NewEntry) -> bool:
        """Whether storing an answer may wait for an embedder."""
        if new_entry.request is not None:
            return self._matcher.applies(new_entry.request.namespace, new_entry.match)
        try:
            namespace = Ticket.parse(new_entry.ticket or "").namespace
        except ValueError:  # nobody knows yet where it goes
            return self._matcher.is_possible and new_entry.match != "exact"
        return self._matcher.applies(namespace, new_entry.match)

    def hit(self, lookup: Lookup, question: Question) -> Outcome | None:
        """The hit that a lookup of this question would be, by reading alone; None where it may be anything else."""
        return self._lookups.hit(lookup, question)

    def lookup_many(self, lookups: Sequence[Lookup]) -> list[Outcome]:
        """One outcome each, in order; repeats say which they repeat. Raises InvalidRequest, NotRecorded."""
        questions = [self.question(each, ("items", at)) for at, each in enumerate(lookups)]
        outcomes = []
        for at, outcome in enumerate(self._lookups.answer(list(zip(lookups, questions, strict=True)))):
            if isinstance(outcome, NotRecorded):
                raise NotRecorded(outcome.msg, ("items", at))
            outcomes.append(outcome)
        return outcomes

    def lookup_each(self, lookups: Sequence[tuple[Lookup, Question]]) -> list[Outcome | NotRecorded]:
        """What several callers would be told alone, in one go; what is too much for that is `pending`, at once."""
        return self._lookups.answer(lookups, apart=True)

    def answers(
        self, request: Request, most: int = 1, usable: Usable = lambda _: True, beyond: Beyond | None = None
    ) -> list[Alike]:
        """The usable entries that answer a request, whatever attributes they have beside its own; `most` is up to 100.

        Where there are none, one with its very attributes whose question is worded differently, as far as `beyond`.

        Nothing of it is remembered: whoever stores the answer sends the request again. Raises InvalidRequest,
        NotRecorded.
        """
        return self._alikes.of(request, most, usable, beyond)

    def ticket(self, namespace: str) -> str:
        """That of a question which nobody looked up, and which is asked now."""
        return str(Ticket(namespace, self._store.versions(namespace, ())[0], self._token()))

    def store(self, new_entry: NewEntry, scope: Scope = _anywhere) -> Stored:
        """Store one answer. Raises UnknownKey, InvalidRequest."""
        stored = self._new_entries.store([(new_entry, (), scope)])[0]
        if stored.reason is NotStored.UNKNOWN_KEY:
            raise UnknownKey(stored.key)
        return stored

    def store_many(self, new_entries: Sequence[NewEntry], scope: Scope = _anywhere) -> list[Stored]:
        """Store many; what cannot be stored has a reason of its own. Raises InvalidRequest."""
        return self._new_entries.store([(each, ("items", at), scope) for at, each in enumerate(new_entries)])

    def store_each(self, new_entries: Sequence[tuple[NewEntry, Scope]]) -> list[Stored]:
        """What each of several callers would be told alone, in one go, an unknown key apart. Raises InvalidRequest."""
        return self._new_entries.store([(new_entry, (), scope) for new_entry, scope in new_entries])

    def release(self, key: str, lease: str, scope: Scope = _anywhere) -> bool:
        """Give a lease back without storing; False when it was not held (any more)."""
        try:
            within = scope(Ticket.parse(lease).namespace)  # a lease is its lookup's ticket
        except ValueError:
            return False
        return within and self._store.release(key, lease)

    def renew(self, key: str, lease: str, seconds: float) -> bool:
        """Hold a lease for so long from now; False where somebody else has it."""
        return not self._store.acquire(key, lease, seconds)

    def is_outdated(self, ticket: str, depends_on: Sequence[str] = ()) -> bool:
        """Whether its namespace was flushed, or one of these names bumped, since the lookup of a ticket."""
        asked = Ticket.parse(ticket)
        names = (FLUSH, *depends_on)
        generation, versions = self._store.versions(asked.namespace, names)
        return asked.generation > generation or outdated(names, asked.generation, versions)

    def rules_of(self, namespace: str) -> NamespaceRules:
        """What holds in a namespace."""
        return self._rules[namespace]

    # -- look inside -----

    def entry(self, key: str, scope: Scope = _anywhere) -> Entry:
        """The entry of a key, served or not. Raises UnknownKey."""
        return self._entries.one(key, scope)

    def look(self, key: str, scope: Scope = _anywhere) -> tuple[Entry, Freshness]:
        """The entry of a key, and whether it would be served now. Raises UnknownKey."""
        return self._entries.look(key, scope)

    def entries(
        self,
        entry_filter: EntryFilter,
        *,
        text: str | None = None,
        order: Order = "newest",
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[tuple[str, Entry]], str | None]:
        """One page of (key, entry without its answer), and the next page's cursor.

        A page ends early when it grows large. Raises ValueError about the cursor.
        """
        return self._entries.page(entry_filter, text, limit, cursor, order)

    def hits(self, keys: Sequence[str]) -> list[int]:
        """How often the entry of each key was served since it was stored, up to a second ago."""
        return self._entries.hits(keys)

    def aliases(self, key: str, namespace: str, limit: int = 20) -> tuple[list[tuple[str, Entry]], bool]:
        """The newest aliases of an entry, without their answers, and whether there are more."""
        return self._entries.aliases(key, namespace, limit)

    def weigh(self, entry_filter: EntryFilter, *, text: str | None = None) -> Weight:
        """How many entries a filter lets through and what they saved so far, before they are deleted."""
        return self._entries.weigh(entry_filter, text)

    def sizes(self, scope: Scope = _anywhere) -> dict[str, NamespaceSize]:
        """How much each namespace in the scope holds."""
        return self._entries.sizes(scope)

    def namespaces(self, scope: Scope = _anywhere) -> dict[str, NamespaceSize]:
        """How much each namespace in the scope holds, with those of the configuration that hold nothing."""
        empty = {name: NamespaceSize() for name in (DEFAULT_NAMESPACE, *self._rules.names) if scope(name)}
        return empty | self.sizes(scope)

    def used_models(self, scope: Scope = _anywhere) -> list[str]:
        """The models that were asked in the scope within a week, those asked most first."""
        _, groups = self.statistics.report(scope, since=self._clock() - _USED_WITHIN, group_by=("model",))
        used = sorted(groups, key=lambda group: group.lookups, reverse=True)
        return [each.group for each in used if each.group not in ("", OTHER)]

    def models(self, search: str, limit: int, used: Sequence[str] = ()) -> list[ListedModel]:
        """Models and their prices: the used ones first, then what is configured, then the price list."""
        return listed_models(self.prices, used, search, limit)

    def seen_models(self, scope: Scope = _anywhere, since: float | None = None) -> list[SeenModel]:
        """The models that were asked in the scope, those without a price first."""
        _, groups = self.statistics.report(scope, since=since, group_by=("model",))
        return seen_models(groups, self.prices)

    # -- learn -----

    def reject(self, key: str, request: Request | None = None, scope: Scope = _anywhere) -> int:
        """The entry of a key does not answer this request, or its own: it is never served to it again.

        Returns how many entries are gone. Raises InvalidRequest, UnknownKey.
        """
        asked = None if request is None else self._questions.of(request, ("request",))
        return self._learning.reject(key, self._entries.one(key, scope), asked)

    def reject_wording(self, key: str, text: str, scope: Scope = _anywhere) -> int:
        """The entry of a key does not answer its question in these words: it is never served to them again.

        Returns how many entries are gone. Raises InvalidRequest, UnknownKey.
        """
        entry = self._entries.one(key, scope)
        if entry.request is None:
            raise InvalidRequest(
                ("request",), "prompts are not kept here, so nobody knows what else is in its question"
            )
        return self._learning.reject(key, entry, self._questions.reworded(parts_of(entry.request), text))

    def accept(self, key: str, request: Request, scope: Scope = _anywhere) -> tuple[str, str]:
        """The entry of a key answers this request as well, which is an alias of it from now on.

        Returns the alias's key, and that of the entry. Raises InvalidRequest, UnknownKey.
        """
        asked = self._questions.of(request, ("request",))
        return asked.key, self._learning.accept(key, self._entries.one(key, scope), asked)

    @property
    def learns(self) -> bool:
        """Whether `learn` or `index` may ever have something to do."""
        return self._matcher.is_possible or self._learning.has_work

    def learn(self) -> float:
        """Judge one pair of questions that waits for it; returns the seconds after which there may be more to do."""
        return self._learning.work()

    # -- take out -----

    def invalidate(
        self,
        entry_filter: EntryFilter,
        *,
        text: str | None = None,
        dry_run: bool = False,
        scope: Scope = _anywhere,
    ) -> int:
        """Delete what the filter lets through; returns how many entries that were, or in a dry run would be."""
        if entry_filter.request is not None and entry_filter.any_attributes:
            question = self._questions.of(entry_filter.request)
            return self._entries.invalidate_alike(entry_filter, self._keyer.digests(question.parts), dry_run)
        key = entry_filter.key if entry_filter.request is None else self.key_of(entry_filter.request)
        if key is not None and not dry_run:
            self.missed.forget_one(key, scope)
        return self._entries.invalidate(entry_filter, key, dry_run, scope, text)

    def delete(self, key: str, scope: Scope = _anywhere) -> int:
        """Forget one entry, or that its question was missed; returns how many entries that were. Raises UnknownKey."""
        try:
            return self._entries.delete(key, scope)
        except UnknownKey:
            if not self.missed.forget_one(key, scope):
                raise
            return 0

    def flush(self, namespace: str | None = None, scope: Scope = _anywhere) -> int:
        """Delete all entries of a namespace, or of all there are in the scope; returns how many.

        What is asked and not answered yet will not be stored either.
        """
        return self._flushes.all(scope) if namespace is None else self._flushes.one(namespace)

    def bump(self, namespace: str, names: Sequence[str]) -> dict[str, int]:
        """Everything in the namespace that depends on these names is stale from now on; returns their generation."""
        return dict.fromkeys(names, self._store.bump(namespace, names))

    # -- run -----

    def check_cassettes(self) -> None:
        """Read what is recorded. Raises ValueError where it cannot be used."""
        self._recordings.check()

    @property
    def recorded(self) -> list[str]:
        """What was done with each cassette, a sentence each."""
        return self._recordings.summary

    def ping(self) -> None:
        """Return when the store answers."""
        self._store.ping()

    def prepare(self) -> None:
        """Load what semantic matching needs, before somebody waits for it."""
        self._matcher.prepare()

    def index(self) -> bool:
        """Have some entries found by other wordings that were stored before there was an embedder.

        False when there is nothing left to do.
        """
        return self._indexing.step()

    def sweep(self, every: float) -> int:
        """Free what has expired, unless another process on this store did so in the last `every` seconds.

        Now and then, also forget old statistics.
        """
        if self._store.acquire("!sweep", secrets.token_hex(8), every * 0.9):
            return 0
        with ExitStack() as others:  # whatever becomes of the sweep, or of one of them
            others.callback(self.budgets.tidy)
            others.callback(self.statistics.tidy)
            return self._store.sweep()

    def close(self) -> None:
        """Hand over the last counts and let go of the store."""
        with ExitStack() as others:  # each, whatever becomes of the one before
            others.callback(self._store.close)
            for model in (self._embedder, self._verifier):
                if model is not None:
                    others.callback(model.close)
            others.enter_context(suppress(StoreUnavailable))
            others.callback(self.missed.flush)
            others.callback(self.budgets.flush)
            self.statistics.flush()
