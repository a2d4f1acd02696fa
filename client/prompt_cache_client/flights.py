"""One request on its way to an answer: from the cache, or by a call. No network and no clock of its own."""

import copy
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from .acts import Act, Acts, Make, Wait
from .answers import Form, NotCacheable, Unwanted
from .errors import BudgetExhausted, CacheUnavailable, Forbidden, NotRecorded, PromptCacheError
from .shared import Shared
from .values import Outcome

T = TypeVar("T")

LEASE = 30.0
"""Seconds that a call has before another may ask the same: as long as a killed caller keeps the others waiting."""
_FIRST_WAIT = 0.05
"""Seconds before the first look at what is pending; each wait after it is twice as long."""
_LONGEST_WAIT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is asked, and what is kept with its answer."""

    lookup: Mapping[str, Any]
    keep: Mapping[str, Any]
    usage: Mapping[str, Any] | Callable[[Any], Mapping[str, Any] | None] | None = None
    lease: float = LEASE
    within_budget: bool = False
    waits_once: bool = False
    """Whether whoever waited in vain asks beside all others: for answers that may well not be kept."""


class Found(NamedTuple):
    """An answer of the cache."""

    answer: Any


class Flight:
    """Whatever the cache does wrong, the call is made; only what is not on a cassette is an error."""

    def __init__(self, shared: Shared, terms: Terms, form: Form) -> None:
        self._shared = shared
        self._operations = shared.operations
        self._clock = shared.clock
        self._terms = terms
        self._form = form
        self._missed: Outcome | None = None
        self._stale: Found | None = None

    def begin(self) -> Acts[Found | None]:
        """The cache's answer; None when the call is to be made. Raises NotRecorded, BudgetExhausted."""
        began, wait, lease = self._clock(), _FIRST_WAIT, self._terms.lease
        waited = False
        while True:
            leased = self._clock() - began < 2 * lease
            outcome = yield from self._look(lease if leased else 0)
            if outcome is None:
                return None
            if outcome.status != "pending":
                found = self._found(outcome)
                if found is None and outcome.over_budget and self._terms.within_budget:
                    return (yield from self._refuse(outcome.over_budget))
                if found is None and waited and (self._terms.waits_once or self._shared.keeps_little):
                    yield from self._let_others_ask()
                return found
            if not leased:
                return None
            waited = True
            yield Wait(min(wait, outcome.retry_after or wait))
            wait = min(2 * wait, _LONGEST_WAIT)

    def _refuse(self, budget: str) -> Acts[Found]:
        if stale := (yield from self.fail()):
            return stale
        raise BudgetExhausted(f"the budget {budget!r} is used up: only what is cached is answered")

    def _found(self, outcome: Outcome) -> Found | None:
        found = None
        if outcome.served:
            try:
                found = Found(self._form.of_json(outcome.response))
            except NotCacheable as error:
                self._shared.warn("an answer in the cache is not of the type that is returned", error)
        if outcome.status == "hit" and found:
            return found
        if outcome.status == "stale" and found and not outcome.lease:
            return found  # somebody else asks anew already
        self._missed, self._stale = outcome, found
        return None

    def end(self, answer: Any, latency: float) -> Acts[None]:
        """Keep the answer that the call gave after so many seconds; of a stream, its items."""
        missed = self._missed
        if missed is None:
            return
        try:
            response = self._form.to_json(answer)
        except Unwanted:
            yield from self.fail()
            return
        except (NotCacheable, RecursionError) as error:
            self._shared.keeps_little = True
            self._shared.warn("an answer is not cached", error)
            yield from self.fail()
            return
        fields = {**self._terms.keep, "key": missed.key, "ticket": missed.ticket, "lease": missed.lease}
        if (usage := self._usage(answer.seen if isinstance(answer, _Kept) else answer)) is not None:
            fields["usage"] = usage
        stored = yield from self._safely(self._operations.store(response, {**fields, "latency": round(latency, 6)}))
        if stored is None:
            yield from self.fail()
        elif not stored.stored:  # the cache has taken the lease back
            self._shared.keeps_little = True

    def _usage(self, answer: Any) -> Mapping[str, Any] | None:
        if not callable(usage := self._terms.usage):
            return usage
        try:
            return usage(answer)
        except Exception as error:
            self._shared.warn("usage: the function failed", type(error).__name__)
            return None

    def fail(self) -> Acts[Found | None]:
        """Let others ask, and return what is still good enough when the call failed."""
        yield from self._let_others_ask()
        self._missed = None
        return self._stale

    def _let_others_ask(self) -> Acts[None]:
        if self._missed and self._missed.lease:
            yield from self._safely(self._operations.release(self._missed.key, self._missed.lease))
            self._missed = replace(self._missed, lease=None)

    def _look(self, lease: float) -> Acts[Outcome | None]:
        plain = self._operations.lookup(None, self._terms.lookup)
        if not lease or self._shared.reads_only:
            return (yield from self._safely(plain, NotRecorded))
        leased = self._operations.lookup(None, {**self._terms.lookup, "lease": lease})
        try:
            return (yield from self._safely(leased, NotRecorded, Forbidden))
        except Forbidden:  # a reader's token may have no lease, but it may have answers
            outcome = yield from self._safely(plain, NotRecorded)
            self._shared.reads_only = outcome is not None
            return outcome

    def _safely(self, acts: Acts[T], *raised: type[PromptCacheError]) -> Acts[T | None]:
        """None where the cache does not do it, but for what is `raised`."""
        away = "the cache cannot be used, calls are made without it"
        try:
            result = yield from acts
        except raised:
            raise
        except CacheUnavailable as error:
            self._shared.warn(away, error)
            return None
        except PromptCacheError as error:
            self._shared.warn(f"the cache refuses a request ({getattr(error, 'type', 'not-recorded')})", error)
            return None
        self._shared.recovered(away)
        return result


def calling(flight: Flight, call: Callable[[], Any], clock: Callable[[], float]) -> Acts[Any]:
    """The answer to one call. Raises what the call raises, NotRecorded and BudgetExhausted."""
    if found := (yield from flight.begin()):
        return found.answer
    began = clock()
    try:
        answer = yield Make(call)
    except BaseException as error:
        stale = yield from flight.fail()
        if stale and isinstance(error, Exception):
            return stale.answer
        raise
    yield from flight.end(answer, clock() - began)
    return answer


# -- streams -----


class Next:
    """Take the next item of what was to be cached; an End comes back after the last."""


@dataclass(frozen=True, slots=True)
class End:
    """A stream is over, and returned a value of its own."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Emit:
    """Hand an item to whoever reads."""

    item: Any


StreamActs = Generator[Act | Next | Emit, Any, None]


def streaming(flight: Flight, form: Form, clock: Callable[[], float]) -> StreamActs:
    """The items of one stream as they come; kept when it is exhausted, and only then."""
    if found := (yield from flight.begin()):
        for item in found.answer:
            yield Emit(item)
        return
    began, items, kept = clock(), 0, _Kept(form)
    try:
        while not isinstance(item := (yield Next()), End):
            kept.add(item)
            items += 1
            yield Emit(item)
    except BaseException as error:
        stale = yield from flight.fail()
        if not stale or items or not isinstance(error, Exception):
            raise
        for item in stale.answer:
            yield Emit(item)
        return
    kept.returned(item.value)
    yield from flight.end(kept, clock() - began)


class _Kept:
    """The items of a stream so far, in JSON: whoever got one may change it."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self.items: list[Any] = []
        self.seen: list[Any] = []
        self.why_not: NotCacheable | None = None

    def add(self, item: Any) -> None:
        if self.why_not is None:
            self.seen.append(item)
            try:
                data = self._form.to_json(item)
                self.items.append(data if isinstance(data, str) else copy.deepcopy(data))
            except (NotCacheable, RecursionError) as error:
                self.why_not = NotCacheable(error)
                self.items.clear()

    def returned(self, value: Any) -> None:
        if value is not None:
            self.why_not = NotCacheable("a generator that returns a value beside its items")


class StreamForm:
    """The form of a whole stream, by that of its items."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def to_json(self, answer: _Kept) -> list[Any]:
        if answer.why_not:
            raise answer.why_not
        return answer.items

    def of_json(self, data: Any) -> list[Any]:
        if type(data) is not list:
            raise NotCacheable("what is stored is no stream")
        return [self._form.of_json(item) for item in data]
