"""All budgets: reserve before a call, settle after it, and know from memory what is used up."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from ...responses.usage import Usage
from ...stores.base import CounterMove, CounterRow, Store, StoreUnavailable
from ..buckets import BUDGETS
from ..prices import PriceOverride, price
from .budget import Budget, Charge, Per, Period, Then
from .decision import (
    REFUSED,
    RESERVED,
    SPENT,
    UNPRICED,
    Balance,
    State,
    Verdict,
    decide,
    has_lapsed,
    looked_at,
    nanos,
    slot,
)
from .estimates import Averages
from .reservation import NOTHING, Claim, Place, Reservation
from .signals import Signal, Signals

_PERS: tuple[Per, ...] = ("hour", "day", "month")

_TOKENS = 1000
"""Of an answer that nobody has set a bound to, by a model that nobody has asked yet."""
_SOON = 5.0
"""Seconds after which a call may have ended that has reserved the rest of a budget."""

_Sums = dict[str, float]


class BudgetState(Struct, frozen=True, kw_only=True):
    """A budget as it stands, in US dollars."""

    name: str
    namespace: str
    model: str
    workflow: str
    token: str
    per: Per
    then: Then
    limit_usd: float
    spent_usd: float
    reserved_usd: float
    """For calls that are on their way."""
    unpriced_calls: int
    """Calls that count as nothing, as nobody knows their price."""
    refused_calls: int
    """Calls that were not made, because it was used up."""
    warn_at: float
    state: State
    since: float
    until: float
    """Seconds since the epoch, excluded."""


class Refusal(Struct, frozen=True):
    """Why a call may not be made."""

    budget: Budget
    verdict: Verdict
    period: Period
    retry_after: float
    """Seconds after which it may be different."""


class Budgets:
    """Kept in the counters of the store, so that all workers and sidecars on it spend of the same.

    The store away: calls go on, and what they cost is handed over later. Safe to share between threads.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        budgets: Sequence[Budget] = (),
        *,
        prices: Mapping[str, PriceOverride] | None = None,
        tell: Callable[[Signal], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._budgets = tuple(budgets)
        self._prices = prices
        self._signals = Signals(store, clock, tell)
        self._tokens, self._seconds = Averages(_TOKENS), Averages(0.0)
        self._lock = threading.Lock()
        self._exchanging = threading.Lock()
        """Held while something is handed over, never by a hit: what a call spent must be there before what it reserved
        goes."""
        self._failed = 0
        """How often nothing could be handed over."""
        self._pending: dict[Place, _Sums] = {}
        """What the store was not given yet."""
        self._seen: dict[str, tuple[Period, float]] = {}
        """By name, what was spent of each when the store was last looked at."""
        self._used_up: tuple[tuple[Budget, Period], ...] = ()

    # -- a call -----

    def over(self, charge: Charge) -> Refusal | None:
        """By memory alone, no older than a second: why a call of this kind may not be made."""
        if not self._used_up:
            return None
        now = self._clock()
        for budget, period in self._used_up:
            if now < period.until and budget.covers(charge):
                return Refusal(budget, "exhausted", period, period.until - now)
        return None

    def limits(self, charge: Charge) -> bool:
        """Whether a call of this kind has to reserve what it may cost."""
        return any(budget.then == "cache_only" and budget.covers(charge) for budget in self._budgets)

    def estimate(self, model: str, input_tokens: int, most: int | None) -> float:
        """Dollars that a call may cost, 0 where its model has no price.

        `most` is how many tokens of an answer it allows, for they may come; without it, as many as came so far.
        """
        expected = round(self._tokens[model]) if most is None else most
        usage = Usage(input_tokens=input_tokens, output_tokens=expected, estimated=True)
        return price(model, usage, self._prices, seconds=self._seconds[model]) or 0.0

    def reserve(self, charge: Charge, usd: float) -> Reservation | Refusal:
        """Take so much of each budget that the call falls under; nothing where one of them has no room.

        Of budgets that only warn nothing is taken, so that the call waits for no store.
        """
        if refusal := self.over(charge):
            return refusal
        now = self._clock()
        amount, here = nanos(usd), slot(now)
        claims = [
            Claim(budget, Period.of(budget.per, now), here, amount)
            for budget in self._budgets
            if budget.then == "cache_only" and budget.covers(charge)
        ]
        if not claims:
            return NOTHING
        try:
            found = self._store.increment_and_get(
                [CounterRow(*claim.place, {**looked_at(now), here: amount}) for claim in claims]
            )
        except StoreUnavailable:
            # What arrived nevertheless lapses. Given back, it might be taken from what others reserved.
            return NOTHING
        reservation = Reservation(claims)
        for claim, row in zip(claims, found, strict=True):
            others = Balance.of({**row.sums, here: row.sums[here] - amount}, now)
            verdict = decide(claim.budget, others)
            if verdict != "go":
                self.release(reservation)
                left = claim.period.until - now
                return Refusal(
                    claim.budget, verdict, claim.period, left if verdict == "exhausted" else min(left, _SOON)
                )
        return reservation

    def note_refusal(self, refusal: Refusal) -> None:
        """A call was not made because of it."""
        self._wait(_place(refusal.budget, refusal.period), {REFUSED: 1.0})

    def spend(self, charge: Charge, usd: float | None) -> None:
        """What a call cost, None where its price is not known. The store hears of it within a second."""
        now = self._clock()
        for budget in self._budgets:
            if budget.covers(charge):
                self._wait(_place(budget, Period.of(budget.per, now)), _cost(usd))

    def release(self, reservation: Reservation) -> None:
        """After a call, whatever came of it: what it spent takes the place of what it reserved, in one go."""
        claims = reservation.take()
        if not claims:
            return
        for claim in claims:
            self._wait(claim.place, {claim.slot: -claim.amount})
        with suppress(StoreUnavailable):
            self._exchange()

    def note_answer(self, model: str, output_tokens: int, seconds: float) -> None:
        """How long an answer was: the next one of its model may be as long."""
        self._tokens.note(model, output_tokens)
        self._seconds.note(model, seconds)

    # -- the store -----

    def flush(self) -> None:
        """Hand over what waits, and see how all budgets stand. Raises StoreUnavailable."""
        if self._budgets:
            self._exchange()
            self._note(self._store.counters(BUDGETS, f"{BUDGETS}~"))

    def states(self, allowed: Callable[[str], bool] = lambda _: True) -> list[BudgetState]:
        """How the budgets stand that may be seen by their namespaces, in the order of the configuration.

        `allowed` is asked for each pattern of namespaces. Raises StoreUnavailable.
        """
        if not self._budgets:
            return []
        self._exchange()
        found = {(row.bucket, row.series): row.sums for row in self._store.counters(BUDGETS, f"{BUDGETS}~")}
        now, states = self._clock(), []
        for budget in self._budgets:
            if allowed(budget.namespace):
                period = Period.of(budget.per, now)
                states.append(_state(budget, period, Balance.of(found.get((period.bucket, budget.name), {}), now)))
        return states

    def tidy(self) -> None:
        """Forget periods before the last one, and what was reserved and lapsed. Raises StoreUnavailable."""
        if not self._budgets:
            return
        now = self._clock()
        moves: list[CounterMove] = []
        for per in _PERS:
            last = Period.of(per, Period.of(per, now).since - 1).bucket
            first = f"{BUDGETS}{per}:"
            moves += [CounterMove(row) for row in self._store.counters(first, last)]
            for row in self._store.counters(last, f"{first}~"):
                lapsed = {
                    name: value
                    for name, value in row.sums.items()
                    if name.startswith(RESERVED) and has_lapsed(name, now)
                }
                if lapsed:
                    moves.append(CounterMove(CounterRow(row.bucket, row.series, lapsed)))
        if moves:
            self._store.move_counters(moves)

    def _wait(self, place: Place, sums: _Sums) -> None:
        """Until what waits is handed over."""
        with self._lock:
            _add(self._pending.setdefault(place, {}), sums)

    def _exchange(self) -> None:
        """Hand over what waits, and note how that stands then. Raises StoreUnavailable."""
        failed = self._failed
        with self._exchanging:
            if failed != self._failed:
                raise StoreUnavailable("whoever was here before has waited for it in vain")
            self._hand_over()

    def _hand_over(self) -> None:
        with self._lock:
            sums, self._pending = self._pending, {}
        if not sums:
            return  # whoever was here before took it along
        look = looked_at(self._clock())
        try:
            found = self._store.increment_and_get(
                [CounterRow(*place, {**look, **each}) for place, each in sums.items()]
            )
        except StoreUnavailable:
            self._failed += 1
            with self._lock:
                for place, each in sums.items():
                    _add(self._pending.setdefault(place, {}), each)
            raise
        self._note(found)

    def _note(self, found: Iterable[CounterRow]) -> None:
        now = self._clock()
        rows = {(row.bucket, row.series): row.sums for row in found}
        used_up = []
        for budget in self._budgets:
            period = Period.of(budget.per, now)
            if (sums := rows.get((period.bucket, budget.name))) is not None:
                balance = Balance.of(sums, now)
                self._seen[budget.name] = period, balance.spent
                self._signals.look(budget, period, balance)
            seen, spent = self._seen.get(budget.name, (period, 0.0))
            if budget.then == "cache_only" and (spent if seen == period else 0.0) >= budget.usd:
                used_up.append((budget, period))
        self._used_up = tuple(used_up)


def _state(budget: Budget, period: Period, balance: Balance) -> BudgetState:
    return BudgetState(
        name=budget.name,
        namespace=budget.namespace,
        model=budget.model,
        workflow=budget.workflow,
        token=budget.token,
        per=budget.per,
        then=budget.then,
        warn_at=budget.warn_at,
        limit_usd=budget.usd,
        spent_usd=balance.spent,
        reserved_usd=balance.reserved,
        unpriced_calls=balance.unpriced,
        refused_calls=balance.refused,
        state=balance.state(budget),
        since=period.since,
        until=period.until,
    )


def _place(budget: Budget, period: Period) -> Place:
    return period.bucket, budget.name


def _cost(usd: float | None) -> _Sums:
    return {UNPRICED: 1.0} if usd is None else {SPENT: nanos(usd)}


def _add(sums: _Sums, more: Mapping[str, float]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0.0) + value
