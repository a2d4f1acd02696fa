"""Store: from a model's answer to an entry, or to the reason why there is none. Recall, decide, put, settle, count."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import msgspec
from msgspec import UNSET

from ..keying.expected import expected_of
from ..keying.keys import canonical_json
from ..responses.answer import read_answer
from ..responses.fitting import fits
from ..responses.steps import Steps
from ..savings.currency import Currency
from ..savings.prices import model_id
from ..savings.statistics import Dimensions, Statistics
from ..stores.base import Bounds, Store, StoreUnavailable
from .arriving import Arriving, Loc, NewEntry
from .counting import count_served
from .entries import Entries, Scope
from .entry import Entry, Source
from .errors import InvalidRequest
from .learning.learning import Learning
from .matching import placing
from .matching.matcher import Matcher
from .missed.questions import MissedQuestions
from .misses import Miss, Misses, Unanswered
from .outcome import Stored
from .paying import costs_nothing, is_again, usage_of
from .policy import FLUSH, NotStored, not_stored_reason, outdated
from .questions import Questions
from .recordings import Recordings
from .records import record_of
from .rules import Rules
from .spending import Payment, Spending
from .tickets import Ticket

__all__ = ["NewEntries", "NewEntry"]


class NewEntries:
    """Stores answers, many at once. Raises InvalidRequest, StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        entries: Entries,
        misses: Misses,
        questions: Questions,
        statistics: Statistics,
        rules: Rules,
        recordings: Recordings,
        matcher: Matcher,
        learning: Learning,
        missed: MissedQuestions,
        *,
        spending: Spending,
        currency: Currency,
        never_expires: bool,
        clock: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._store = store
        self._entries = entries
        self._misses = misses
        self._questions = questions
        self._statistics = statistics
        self._rules = rules
        self._recordings = recordings
        self._matcher = matcher
        self._learning = learning
        self._missed = missed
        self._spending = spending
        self._currency = currency
        self._never_expires = never_expires
        self._clock = clock
        self._random = random

    def store(self, new_entries: Sequence[tuple[NewEntry, Loc, Scope]]) -> list[Stored]:
        """What became of each, in order; each comes with its place in what was sent, and its sender's scope."""
        now = self._clock()
        batch = [Arriving(new, loc, scope) for new, loc, scope in new_entries]
        for arriving in batch:
            self._check(arriving)
        self._recall(batch, now)
        if self._store.keeps:
            self._decide(batch, now)
            self._record(batch)
            self._put(batch)
            self._place(batch)
            self._compare(batch)
            self._settle(batch)
            self._count(batch, now)
            self._note(batch)
        else:
            for arriving in batch:
                arriving.reason = NotStored.CACHING_OFF
        return [arriving.stored(now, self._currency) for arriving in batch]

    def _check(self, arriving: Arriving) -> None:
        if arriving.new.ttl is None and not self._never_expires:
            msg = "null (never expires) is switched off here: give a duration, or set `never_expires: true`"
            raise InvalidRequest((*arriving.loc, "ttl"), msg)
        if arriving.new.ticket is not None:
            try:
                arriving.ticket = Ticket.parse(arriving.new.ticket)
            except ValueError as error:
                raise InvalidRequest((*arriving.loc, "ticket"), str(error)) from None
        try:
            arriving.answer = read_answer(msgspec.json.decode(arriving.new.response))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            msg = "not JSON that can be replayed: cut off, not UTF-8, nested too deeply, or a number out of range"
            raise InvalidRequest((*arriving.loc, "response"), msg) from None

    def _recall(self, batch: Sequence[Arriving], now: float) -> None:
        """Find the lookup that each answers: by its ticket, its key, or one made of its request."""
        recalled = self._misses.recall([arriving.new.ticket for arriving in batch if arriving.new.ticket])
        for arriving in batch:
            new = arriving.new
            question = None if new.request is None else self._questions.of(new.request, arriving.loc)
            if question:
                arriving.question, arriving.key = question, question.key
            if new.ticket in recalled:
                arriving.answers = Unanswered(new.ticket, recalled[new.ticket])
                arriving.miss = arriving.answers.miss
                arriving.leases = _leases(arriving.answers)
            elif unanswered := self._misses.unanswered(arriving.key):
                # Nobody can tell whose answer this is. So it counts as the oldest one's, which may be outdated, and
                # answers the newest: the oldest one may still come.
                oldest, arriving.answers = unanswered
                arriving.leases = _leases(*unanswered)
                arriving.miss = msgspec.structs.replace(arriving.answers.miss, generation=oldest.miss.generation)
            elif question:
                arriving.miss = self._misses.of(question, new.source or Source(), 0, now)
                arriving.asked_now = arriving.ticket is None
            self._check_ticket(arriving)
        # A key that was looked up and hit may be stored anew: its entry knows as much as a miss.
        unasked = [arriving for arriving in batch if arriving.answers is None and arriving.reason is None]
        unasked = [arriving for arriving in unasked if arriving.miss is None or arriving.new.paid]
        stored = self._entries.load(list(dict.fromkeys(arriving.key for arriving in unasked))) if unasked else {}
        for arriving in unasked:
            entry = arriving.there = stored[arriving.key].entry
            if entry and arriving.miss is None:
                arriving.miss = Miss.again(arriving.key, entry)
                self._check_ticket(arriving)

    @staticmethod
    def _check_ticket(arriving: Arriving) -> None:
        """A ticket says by itself when it was asked."""
        ticket, miss = arriving.ticket, arriving.miss
        if ticket is None or miss is None:
            return
        if miss.key != arriving.key or miss.namespace != ticket.namespace:
            arriving.miss, arriving.reason = None, NotStored.FOREIGN_TICKET
        if arriving.miss is None or (arriving.answers and arriving.answers.ticket != arriving.new.ticket):
            arriving.answers, arriving.leases = None, []
        if arriving.miss:
            arriving.miss = msgspec.structs.replace(miss, generation=ticket.generation)

    def _decide(self, batch: Sequence[Arriving], now: float) -> None:
        versions = self._versions(batch)
        steps = Steps()
        for arriving in batch:
            if arriving.reason:
                continue
            if arriving.miss is None or not arriving.scope(arriving.miss.namespace):
                arriving.miss, arriving.answers, arriving.reason = None, None, NotStored.UNKNOWN_KEY
                continue
            arriving.payment = self._payment(arriving, arriving.miss)
            generation, numbers = versions[arriving.miss.namespace]
            if arriving.asked_now:
                arriving.miss = msgspec.structs.replace(arriving.miss, generation=generation)
            elif arriving.miss.generation > generation:
                # Asked of a database that is gone; its bumps cannot be told from those of this one.
                arriving.reason = NotStored.FLUSHED
                continue
            decided = self._entry(arriving, arriving.miss, arriving.payment, numbers, steps, now)
            if isinstance(decided, Entry):
                arriving.entry = decided
                continue
            arriving.reason = decided
            if arriving.settles and arriving.ticket is None and arriving.answers:
                self._explain(arriving, arriving.answers.miss, numbers)

    @staticmethod
    def _explain(arriving: Arriving, newest: Miss, versions: Mapping[str, int]) -> None:
        if not outdated((FLUSH, *arriving.new.depends_on), newest.generation, versions):
            arriving.detail = (
                "an older lookup of this key is still unanswered, and this may be its answer: "
                "give back the `ticket` of the lookup that was answered"
            )

    def _versions(self, batch: Sequence[Arriving]) -> dict[str, tuple[int, dict[str, int]]]:
        """By namespace its generation, and that of its last flush and of each name that something depends on."""
        names: dict[str, set[str]] = {}
        for arriving in batch:
            if arriving.miss:
                names.setdefault(arriving.miss.namespace, {FLUSH}).update(arriving.new.depends_on)
        return {namespace: self._store.versions(namespace, sorted(some)) for namespace, some in names.items()}

    def _entry(
        self, arriving: Arriving, miss: Miss, paid: Payment, versions: Mapping[str, int], steps: Steps, now: float
    ) -> Entry | NotStored:
        new, answer = arriving.new, arriving.answer
        if (recording := self._recordings.recording(miss.namespace)) and recording.mode == "replay":
            return NotStored.REPLAYED
        reason = not_stored_reason(answer, finish_reason=new.finish_reason, asked_model=miss.model, model_id=model_id)
        if reason:
            return reason
        if outdated((FLUSH,), miss.generation, versions):
            return NotStored.FLUSHED
        if outdated(new.depends_on, miss.generation, versions):
            return NotStored.VERSION_CHANGED
        if not _is_usable(arriving, miss, steps):
            return NotStored.UNUSABLE_OUTPUT
        lifetime, random = self._rules[miss.namespace].lifetime, self._random()
        ttl = lifetime.of(miss.model, random) if new.ttl is UNSET else lifetime.bounded(new.ttl, random)
        if ttl == 0:
            return NotStored.TTL_ZERO
        return Entry(
            namespace=miss.namespace,
            response=new.response,
            created=now if new.created is None else min(new.created, now),
            expires=None if ttl is None else now + ttl,
            model=miss.model,
            answered_by=answer.model,
            attributes=miss.attributes,
            tags=sorted(set(new.tags)),
            depends_on=sorted(set(new.depends_on)),
            generation=miss.generation,
            admitted=miss.generation,
            usage=paid.usage,
            cost_usd=paid.cost_usd,
            latency=new.latency,
            finish_reason=new.finish_reason or answer.finish_reason,
            digests=miss.digests,
            request=miss.request,
            source=new.source or miss.source,
        )

    def _payment(self, arriving: Arriving, miss: Miss) -> Payment:
        new, answer, source = arriving.new, arriving.answer, arriving.source
        return self._spending.priced(
            Dimensions(miss.namespace, miss.model or answer.model or "", source.workflow, source.node),
            (answer.model, miss.model),
            usage_of(new.usage, answer, miss.input_tokens),
            new.latency,
            cost_usd=new.cost_usd,
            calls=new.calls,
            caller=new.caller,
        )

    def _record(self, batch: Sequence[Arriving]) -> None:
        for arriving in batch:
            if arriving.miss:
                new = arriving.new
                self._recordings.record(arriving.miss.namespace, arriving.miss.request, new.response, arriving.reason)

    def _put(self, batch: Sequence[Arriving]) -> None:
        records = {
            arriving.key: record_of(arriving.key, arriving.entry, self._rules[arriving.entry.namespace].keep_stale)
            for arriving in batch
            if arriving.entry
        }
        if records:
            self._store.put(list(records.values()))

    def _place(self, batch: Sequence[Arriving]) -> None:
        """Have what was stored found by questions that are worded differently; an answer that calls tools never is."""
        stored = [
            placing.Stored(
                arriving.key,
                arriving.entry,
                arriving.miss.mark,
                "semantic" if arriving.miss.unmarked else arriving.new.match,
            )
            for arriving in batch
            if arriving.entry and arriving.miss and not arriving.answer.has_tool_calls
        ]
        placing.place(self._matcher, stored)

    def _compare(self, batch: Sequence[Arriving]) -> None:
        """What would have been served, had this answer not been awaited, against it."""
        for arriving in batch:
            if arriving.entry and arriving.miss and (shadowed := arriving.miss.shadowed):
                self._learning.compared(shadowed, arriving.key, arriving.entry)

    def _settle(self, batch: Sequence[Arriving]) -> None:
        """Forget the lookups that are answered, keep the namespaces within their bounds, give the leases back."""
        answered = [arriving.answers.ticket for arriving in batch if arriving.answers and arriving.settles]
        # What was put is there, and is to be counted: whoever was told otherwise would send it again.
        with suppress(StoreUnavailable):
            self._misses.forget(answered)
            self._bound([arriving for arriving in batch if arriving.entry])
            for arriving in batch:
                if arriving.new.lease and arriving.miss:
                    self._store.release(arriving.key, arriving.new.lease)
                elif arriving.settles:
                    for lease in arriving.leases:
                        self._store.release(arriving.key, lease)

    def _bound(self, stored: Sequence[Arriving]) -> None:
        """Make room for what was just stored, which nobody had the time to ask for and so never gives way itself."""
        names = {arriving.entry.namespace for arriving in stored if arriving.entry}
        bounded = {name: self._rules[name].bounds for name in names if self._rules[name].bounds != Bounds()}
        if bounded:
            sizes, keep = self._store.sizes(), {arriving.key for arriving in stored}
            for namespace, bounds in bounded.items():
                if (held := sizes.get(namespace)) and bounds.exceeded(held):
                    self._store.evict(namespace, bounds, held, keep)

    def _count(self, batch: Sequence[Arriving], now: float) -> None:
        paid: set[tuple[str, bytes]] = set()
        refused: list[Unanswered] = []
        for arriving in batch:
            payment, entry, answers = arriving.payment, arriving.entry, arriving.answers
            if payment is None:
                continue
            counts = {"stored": 1} if entry else {"refused": 1, f"refused:{arriving.reason}": 1}
            self._statistics.count(payment.dimensions, **counts)
            if entry and arriving.new.repeats and not _is_again(arriving, now):
                count_served(self._statistics, arriving.key, entry, arriving.source, times=arriving.new.repeats)
            one = answers.ticket if answers else arriving.key, arriving.new.response
            if one not in paid and self._is_paid(arriving, payment, now):
                paid.add(one)
                self._spending.answer(payment)
                if answers and not arriving.settles:
                    refused.append(Unanswered(answers.ticket, answers.miss.paid_by(arriving.new.response)))
        self._misses.remember(refused)

    @staticmethod
    def _is_paid(arriving: Arriving, payment: Payment, now: float) -> bool:
        """Whether somebody paid for it, and that is not counted yet: who hears nothing of a store sends it again."""
        new, answers = arriving.new, arriving.answers
        if not new.paid or costs_nothing(arriving.reason, payment.usage, new.cost_usd):
            return False
        if answers:
            return not answers.miss.was_paid_by(new.response)
        return not _is_again(arriving, now)

    def _note(self, batch: Sequence[Arriving]) -> None:
        """Of questions that somebody looked up, what became of them."""
        for arriving in batch:
            if arriving.miss is None or not (arriving.answers or arriving.ticket):
                continue
            if arriving.entry:
                by_rule = arriving.new.ttl is UNSET
                self._missed.note_stored(arriving.miss, arriving.entry, arriving.answer, by_rule=by_rule)
            elif arriving.reason:
                self._missed.note_refused(arriving.miss, arriving.reason)


def _is_again(arriving: Arriving, now: float) -> bool:
    return arriving.answers is None and is_again(arriving.there, arriving.new.response, now)


def _leases(*lookups: Unanswered) -> list[str]:
    return list({lookup.ticket for lookup in lookups if lookup.miss.leased})


def _is_usable(arriving: Arriving, miss: Miss, steps: Steps) -> bool:
    """Whether the answer can be what its request says it has to be, where it is known what was requested."""
    request = miss.request or (canonical_json(arriving.question.parts) if arriving.question else None)
    try:
        expected = expected_of(msgspec.json.decode(request)) if request else None
        return expected is None or fits(expected, msgspec.json.decode(arriving.new.response), arriving.answer, steps)
    except RecursionError:
        return True
