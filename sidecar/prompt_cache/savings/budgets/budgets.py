"""All budgets: reserve before a call, settle after it, and know from memory what is used up."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ...responses.usage import Usage
from ...stores.base import CounterMove, CounterRow, Store, StoreUnavailable
from ..prices import PriceOverride, price
from .budget import ROWS, Budget, Charge, Per, Period, Then
from .decision import RESERVED, SPENT, UNPRICED, Balance, State, Verdict, decide, has_lapsed, looked_at, nanos, slot
from .estimates import Averages
from .reservation import NOTHING, Claim, Place, Reservation
from .signals import Signal, Signals

_PERS: tuple[Per, ...] = ("hour", "day", "month")

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
    warn_at: float
    state: State
    since: float
    until: float
    """Seconds since the epoch, excluded."""


class Refusal(Struct, frozen=True):
    """Why a call may not be made: which budget, and until when (seconds since the epoch)."""

    budget: Budget
    verdict: Verdict
    until: float


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
        self._averages = Averages()
        self._lock = threading.Lock()
        self._pending: dict[Place, _Sums] = {}
        """What the store was not given yet, by bucket and budget."""
        self._seen: dict[str, tuple[Period, Balance]] = {}
        """By name, how each stood when the store was last looked at."""
        self._used_up: tuple[tuple[Budget, float], ...] = ()
        """Those that are, with the end of their period."""

    def __bool__(self) -> bool:
        return bool(self._budgets)

    # -- a call -----

    def covering(self, charge: Charge) -> list[Budget]:
        """The budgets that a call falls under."""
        return [budget for budget in self._budgets if budget.covers(charge)]

    def over(self, charge: Charge) -> Refusal | None:
        """By memory alone, no older than a second: why a call of this kind may not be made."""
        if not self._used_up:
            return None
        now = self._clock()
        for budget, until in self._used_up:
            if now < until and budget.covers(charge):
                return Refusal(budget, "exhausted", until)
        return None

    def estimate(self, model: str, input_tokens: int, most: int | None) -> float:
        """Dollars that a call may cost, 0 where its model has no price. `most` is how many tokens it allows."""
        usage = Usage(input_tokens=input_tokens, output_tokens=self._averages.expected(model, most), estimated=True)
        return price(model, usage, self._prices) or 0.0

    def reserve(self, charge: Charge, usd: float) -> Reservation | Refusal:
        """Take so much of each budget that the call falls under; nothing where one of them has no room.

        Of budgets that only warn nothing is taken, so that the call waits for no store.
        """
        covering = self.covering(charge)
        if not covering:
            return NOTHING
        if refusal := self.over(charge):
            return refusal
        now = self._clock()
        amount, here = nanos(usd), slot(now)
        claims = [
            Claim(budget, Period.of(budget.per, now), "" if budget.then == "warn" else here, amount)
            for budget in covering
        ]
        taking = [claim for claim in claims if claim.slot]
        rows = [CounterRow(*claim.place, {**looked_at(now), here: amount}) for claim in taking]
        try:
            found = self._store.increment_and_get(rows) if rows else []
        except StoreUnavailable:
            # What arrived nevertheless lapses. Given back, it might be taken from what others reserved.
            return Reservation(charge, tuple(claim._replace(slot="") for claim in claims))
        for claim, row in zip(taking, found, strict=True):
            others = Balance.of({**row.sums, here: row.sums[here] - amount}, now)
            verdict = decide(claim.budget, others)
            if verdict != "go":
                self._hand_over({claim.place: {here: -amount} for claim in taking})
                return Refusal(claim.budget, verdict, claim.period.until)
        return Reservation(charge, tuple(claims))

    def settle(self, settled: Iterable[tuple[Reservation, float | None]]) -> None:
        """What calls cost that reserved something, None where their price is not known; in one go."""
        rows: dict[Place, _Sums] = {}
        for reservation, usd in settled:
            for claim in reservation.take():
                if claim.slot:
                    _add(rows.setdefault(claim.place, {}), {**_cost(usd), claim.slot: -claim.amount})
                else:
                    self._wait(claim.place, _cost(usd))
        if rows:
            self._hand_over(rows)

    def give_back(self, reservation: Reservation) -> None:
        """Of a call that cost nothing; of one that is settled, nothing."""
        rows = {claim.place: {claim.slot: -claim.amount} for claim in reservation.take() if claim.slot}
        if rows:
            self._hand_over(rows)

    def spend(self, charge: Charge, usd: float | None) -> None:
        """What a call cost that reserved nothing, None where its price is not known. The store hears of it later."""
        covering = self.covering(charge)
        if not covering:
            return
        now = self._clock()
        for budget in covering:
            self._wait((Period.of(budget.per, now).bucket, budget.name), _cost(usd))

    def note_answer(self, model: str, output_tokens: int) -> None:
        """How long an answer was: the next one of its model may be as long."""
        if self._budgets:
            self._averages.note(model, output_tokens)

    # -- the store -----

    def flush(self) -> None:
        """Hand over what waits, and see how all budgets stand. Raises StoreUnavailable."""
        if not self._budgets:
            return
        now = self._clock()
        places = [(Period.of(budget.per, now).bucket, budget.name) for budget in self._budgets]
        self._exchange({place: {} for place in places})

    def states(self, allowed: Callable[[str], bool] = lambda _: True) -> list[BudgetState]:
        """How the budgets stand whose namespaces may all be seen, in the order of the configuration.

        `allowed` is asked for each pattern of namespaces. Raises StoreUnavailable.
        """
        self.flush()
        now = self._clock()
        return [self._state(budget, now) for budget in self._budgets if allowed(budget.namespace)]

    def tidy(self) -> None:
        """Forget periods before the last one, and what was reserved and lapsed. Raises StoreUnavailable."""
        now = self._clock()
        moves: list[CounterMove] = []
        for per in _PERS:
            last = Period.of(per, Period.of(per, now).since - 1).bucket
            first = f"{ROWS}{per}:"
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
        with self._lock:
            _add(self._pending.setdefault(place, {}), sums)

    def _hand_over(self, rows: Mapping[Place, _Sums]) -> None:
        try:
            self._exchange(rows)
        except StoreUnavailable:
            return

    def _exchange(self, rows: Mapping[Place, _Sums]) -> None:
        """Add to the sums, with all that waits, and note what they are then. Raises StoreUnavailable; then it waits."""
        with self._lock:
            sums, self._pending = self._pending, {}
        for place, more in rows.items():
            _add(sums.setdefault(place, {}), more)
        look = looked_at(self._clock())
        try:
            found = self._store.increment_and_get(
                [CounterRow(*place, {**look, **each}) for place, each in sums.items()]
            )
        except StoreUnavailable:
            with self._lock:
                for place, each in sums.items():
                    if each:
                        _add(self._pending.setdefault(place, {}), each)
            raise
        self._note(found)

    def _note(self, found: Iterable[CounterRow]) -> None:
        now = self._clock()
        budgets = {budget.name: budget for budget in self._budgets}
        for row in found:
            budget = budgets[row.series]
            period = Period.of(budget.per, now)
            if row.bucket == period.bucket:
                balance = Balance.of(row.sums, now)
                self._seen[budget.name] = (period, balance)
                self._signals.look(budget, period, balance)
        self._used_up = tuple(
            (budget, period.until)
            for budget in self._budgets
            if budget.then == "cache_only"
            for period, balance in (self._seen.get(budget.name, _UNSEEN),)
            if balance.state(budget) == "exhausted"
        )

    def _state(self, budget: Budget, now: float) -> BudgetState:
        period = Period.of(budget.per, now)
        seen, balance = self._seen.get(budget.name, _UNSEEN)
        if seen != period:
            balance = Balance()
        about: dict[str, Any] = msgspec.structs.asdict(budget)
        return BudgetState(
            **{
                name: about[name]
                for name in ("name", "namespace", "model", "workflow", "token", "per", "then", "warn_at")
            },
            limit_usd=budget.usd,
            spent_usd=balance.spent,
            reserved_usd=balance.reserved,
            unpriced_calls=balance.unpriced,
            state=balance.state(budget),
            since=period.since,
            until=period.until,
        )


_UNSEEN = (Period("", 0.0, 0.0), Balance())


def _cost(usd: float | None) -> _Sums:
    return {UNPRICED: 1.0} if usd is None else {SPENT: nanos(usd)}


def _add(sums: _Sums, more: Mapping[str, float]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0.0) + value
