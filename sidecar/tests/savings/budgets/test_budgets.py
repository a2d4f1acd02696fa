"""Budgets on a store: exact whoever spends at the same time, and no obstacle when the store is away."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompt_cache.savings.buckets import BUDGETS
from prompt_cache.savings.budgets import NOTHING, Budget, Budgets, BudgetState, Charge, Refusal, Reservation, Signal
from prompt_cache.savings.budgets.decision import LAPSE, SLOT
from prompt_cache.savings.prices import PriceOverride
from prompt_cache.stores import Store, open_store
from prompt_cache.stores.base import CounterRow, StoreUnavailable
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import NOW, Clock

DAY = 86400.0
CALL = Charge("default", "gpt-4o-mini", "Mail", "ci")
HELD = Budget(name="held", usd=10.0, per="day", then="cache_only")
WARNED = Budget(name="warned", usd=10.0, per="day", then="warn", namespace="default")


class Flaky(MemoryStore):
    """Away whenever it is told so; counts how often it was asked."""

    away = False
    asked = 0

    def _asked(self) -> None:
        self.asked += 1
        if self.away:
            raise StoreUnavailable

    def increment_and_get(self, counters: Sequence[CounterRow]) -> list[CounterRow]:
        self._asked()
        return super().increment_and_get(counters)

    def acquire(self, key: str, token: str, ttl: float) -> float:
        self._asked()
        return super().acquire(key, token, ttl)


@pytest.fixture
def store(clock: Clock) -> Flaky:
    return Flaky(clock)


def reserved(budgets: Budgets, usd: float = 1.0, charge: Charge = CALL) -> Reservation:
    found = budgets.reserve(charge, usd)
    assert isinstance(found, Reservation)
    return found


def paid(budgets: Budgets, reservation: Reservation, usd: float | None, charge: Charge = CALL) -> None:
    budgets.spend(charge, usd)
    budgets.release(reservation)


def state(budgets: Budgets, name: str = "held") -> BudgetState:
    return next(each for each in budgets.states() if each.name == name)


def test_what_a_call_cost_takes_the_place_of_what_it_reserved(store: Flaky, clock: Clock) -> None:
    budgets = Budgets(store, clock, [HELD])
    first, second = reserved(budgets, 2.0), reserved(budgets, 3.0)
    assert (state(budgets).spent_usd, state(budgets).reserved_usd) == (0.0, 5.0)
    paid(budgets, first, 2.5)
    assert (state(budgets).spent_usd, state(budgets).reserved_usd) == (2.5, 3.0)
    budgets.release(second)
    budgets.release(second)
    assert (state(budgets).spent_usd, state(budgets).reserved_usd) == (2.5, 0.0)
    assert (state(budgets).since, state(budgets).until) == (NOW // DAY * DAY, NOW // DAY * DAY + DAY)


def test_without_room_nothing_is_taken_and_the_refusal_says_for_how_long(store: Flaky, clock: Clock) -> None:
    budgets = Budgets(store, clock, [HELD])
    holding = reserved(budgets, 10.0)
    busy = budgets.reserve(CALL, 1.0)
    assert isinstance(busy, Refusal)
    assert (busy.budget, busy.verdict) == (HELD, "busy")
    assert 0 < busy.retry_after <= 10
    assert state(budgets).reserved_usd == 10.0
    paid(budgets, holding, 10.0)
    exhausted = budgets.reserve(CALL, 0.0)
    assert isinstance(exhausted, Refusal)
    assert exhausted.verdict == "exhausted"
    assert exhausted.retry_after == exhausted.period.until - NOW
    assert state(budgets).state == "exhausted"


def test_used_up_is_known_by_memory_until_the_period_ends(store: Flaky, clock: Clock) -> None:
    budgets, other = Budgets(store, clock, [HELD]), Budgets(store, clock, [HELD])
    assert other.over(CALL) is None
    paid(budgets, reserved(budgets), 10.0)
    assert budgets.over(CALL) is not None
    other.flush()
    asked = store.asked
    refusal = other.over(CALL)
    assert refusal is not None
    assert isinstance(other.reserve(CALL, 1.0), Refusal)
    assert store.asked == asked, "a flood of calls that are refused reaches no store"
    clock.turn(refusal.retry_after)
    assert other.over(CALL) is None
    reserved(other)


def test_a_call_takes_of_all_budgets_or_of_none(store: Flaky, clock: Clock) -> None:
    small = Budget(name="small", usd=1.0, per="hour", then="cache_only", token="ci")
    budgets = Budgets(store, clock, [HELD, small])
    paid(budgets, reserved(budgets, 1.0), 1.0)
    refusal = budgets.reserve(CALL, 1.0)
    assert isinstance(refusal, Refusal)
    assert refusal.budget == small
    assert state(budgets).reserved_usd == 0.0
    reserved(budgets, 1.0, CALL._replace(token="other"))
    assert state(budgets).reserved_usd == 1.0
    assert state(budgets, "small").spent_usd == 1.0


def test_what_falls_under_no_budget_or_one_that_warns_asks_no_store(store: Flaky, clock: Clock) -> None:
    budgets = Budgets(store, clock, [WARNED])
    assert not budgets.limits(CALL)
    assert budgets.reserve(CALL, 100.0) is NOTHING
    budgets.spend(CALL, 100.0)
    budgets.spend(CALL._replace(namespace="elsewhere"), 7.0)
    assert store.asked == 0
    assert budgets.reserve(CALL, 100.0) is NOTHING
    assert state(budgets, "warned").spent_usd == 100.0
    assert state(budgets, "warned").state == "exhausted"


def test_a_killed_workers_reservation_lapses(store: Flaky, clock: Clock) -> None:
    killed, other = Budgets(store, clock, [HELD]), Budgets(store, clock, [HELD])
    reserved(killed, 10.0)
    clock.turn(LAPSE - SLOT)
    assert isinstance(other.reserve(CALL, 1.0), Refusal)
    clock.turn(2 * SLOT)
    assert state(other).reserved_usd == 0.0
    reserved(other, 1.0)


def test_a_call_longer_than_that_is_settled_all_the_same(store: Flaky, clock: Clock) -> None:
    budgets = Budgets(store, clock, [HELD])
    long = reserved(budgets, 4.0)
    clock.turn(LAPSE + 2 * SLOT)
    budgets.tidy()
    paid(budgets, long, 3.0)
    budgets.tidy()
    assert (state(budgets).spent_usd, state(budgets).reserved_usd) == (3.0, 0.0)
    clock.turn(-LAPSE - 2 * SLOT)  # where its slot would still count
    assert state(budgets).reserved_usd == 0.0


def test_while_the_store_is_away_calls_go_on_and_what_they_cost_comes_later(store: Flaky, clock: Clock) -> None:
    budgets = Budgets(store, clock, [HELD, WARNED])
    before = reserved(budgets, 2.0)
    store.away = True
    during = reserved(budgets, 2.0)
    paid(budgets, before, 1.5)
    paid(budgets, during, 4.0)
    with pytest.raises(StoreUnavailable):
        budgets.flush()
    store.away = False
    budgets.flush()
    budgets.flush()
    assert (state(budgets).spent_usd, state(budgets).reserved_usd) == (5.5, 0.0)
    assert state(budgets, "warned").spent_usd == 5.5


def test_calls_without_a_price_count_as_nothing_and_are_counted(store: Flaky, clock: Clock) -> None:
    budgets = Budgets(store, clock, [HELD])
    assert budgets.estimate("no-such-model", 1000, 1000) == 0.0
    paid(budgets, reserved(budgets, 0.0), None)
    assert (state(budgets).spent_usd, state(budgets).unpriced_calls) == (0.0, 1)


def test_an_estimate_goes_by_what_is_allowed_or_by_what_came_so_far(store: Flaky, clock: Clock) -> None:
    prices = {"m": PriceOverride(1.0, 1_000_000.0)}
    budgets = Budgets(store, clock, [HELD], prices=prices)
    assert budgets.estimate("m", 1_000_000, 7) == 8.0
    assert budgets.estimate("m", 0, None) == 1000.0, "of a model that nobody has asked yet"
    budgets.note_answer("m", 10, 2.0)
    assert budgets.estimate("m", 0, None) == 10.0
    for _ in range(100):
        budgets.note_answer("m", 20, 2.0)
    assert budgets.estimate("m", 0, None) == 20.0
    for at in range(2000):
        budgets.note_answer(f"invented-{at}", 1, 1.0)
    assert len(budgets._tokens) <= 1000
    local = Budgets(store, clock, [HELD], prices={"m": PriceOverride(per_second=0.5, per_call=0.25)})
    assert local.estimate("m", 0, None) == 0.25
    local.note_answer("m", 10, 2.0)
    assert local.estimate("m", 0, None) == 1.25


def test_a_changed_limit_keeps_what_was_spent_and_another_name_does_not(store: Flaky, clock: Clock) -> None:
    budgets = Budgets(store, clock, [HELD])
    paid(budgets, reserved(budgets), 10.0)
    more = Budgets(store, clock, [Budget(name="held", usd=20.0, per="day", then="warn", namespace="d*")])
    assert (state(more).spent_usd, state(more).limit_usd, state(more).state) == (10.0, 20.0, "ok")
    renamed = Budgets(store, clock, [Budget(name="other", usd=10.0, per="day")])
    assert state(renamed, "other").spent_usd == 0.0


def test_a_budget_of_nothing_is_used_up_from_the_start(store: Flaky, clock: Clock) -> None:
    budgets = Budgets(store, clock, [Budget(name="held", usd=0.0, per="month", then="cache_only")])
    assert isinstance(budgets.reserve(CALL, 0.0), Refusal)
    budgets.flush()
    assert budgets.over(CALL)


def test_old_periods_and_lapsed_reservations_are_forgotten(store: Flaky, clock: Clock) -> None:
    hourly = Budget(name="hourly", usd=10.0, per="hour", then="cache_only")
    budgets = Budgets(store, clock, [HELD, hourly])
    store.increment([CounterRow("2026-01-01T00Z", "s", {"n": 1}), CounterRow("total", "s", {"n": 1})])
    for _ in range(50):
        paid(budgets, reserved(budgets, 0.1), 0.1)
        clock.turn(3600)
        budgets.tidy()
    rows = list(store.counters(BUDGETS, f"{BUDGETS}~"))
    assert len(rows) <= 6
    assert all(len(row.sums) < 10 for row in rows)
    assert len(list(store.counters("", "~"))) == len(rows) + 2
    assert state(budgets, "held").spent_usd == pytest.approx(0.1 * ((clock() % DAY) // 3600))


def told_by(store: Store, clock: Clock, budget: Budget) -> tuple[Budgets, list[Signal]]:
    told: list[Signal] = []
    return Budgets(store, clock, [budget], tell=told.append), told


def test_each_event_is_told_once_for_all(store: Flaky, clock: Clock) -> None:
    (one, told), (other, elsewhere) = told_by(store, clock, HELD), told_by(store, clock, HELD)
    for usd in (7.0, 1.0, 0.5, 1.5, 3.0):
        one.spend(CALL, usd)
        for budgets in (one, other, other, one):
            budgets.flush()
    events = [(signal.event, signal.spent_usd) for signal in told + elsewhere]
    assert events == [("budget_warning", 8.0), ("budget_exhausted", 10.0)]
    clock.turn(DAY)
    other.spend(CALL, 8.0)
    other.flush()
    one.flush()
    assert [signal.event for signal in elsewhere] == ["budget_warning"]
    assert told[0].period != elsewhere[0].period


def test_a_raised_limit_is_reached_anew(store: Flaky, clock: Clock) -> None:
    budgets, told = told_by(store, clock, HELD)
    budgets.spend(CALL, 10.0)
    budgets.flush()
    raised, again = told_by(store, clock, Budget(name="held", usd=20.0, per="day"))
    raised.spend(CALL, 10.0)
    raised.flush()
    assert len(told) == len(again) == 2


def test_what_could_not_be_told_for_lack_of_a_store_is_told_later(
    store: Flaky, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets, told = told_by(store, clock, HELD)

    def away(*_: object) -> float:
        raise StoreUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(store, "acquire", away)
        budgets.spend(CALL, 10.0)
        budgets.flush()
        assert told == []
    budgets.flush()
    assert len(told) == 2


@pytest.mark.parametrize("url", ["memory://", "sqlite:///{}/cache.db"])
def test_of_many_at_once_so_many_go_as_there_is_room_for(url: str, tmp_path: Path) -> None:
    stores = (
        [open_store(url.format(tmp_path))] * 2 if "memory" in url else [open_store(url.format(tmp_path)) for _ in "ab"]
    )
    workers = [Budgets(store, Clock(), [HELD]) for store in stores]
    start = threading.Barrier(40)

    def call(at: int) -> bool:
        start.wait()
        return isinstance(workers[at % 2].reserve(CALL, 1.0), Reservation)

    with ThreadPoolExecutor(40) as pool:
        assert sum(pool.map(call, range(40))) == 10
    assert state(workers[0]).reserved_usd == 10.0


_steps = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "reserve", "pay", "fail", "kill", "flush", "wait", "native"]),
        st.integers(0, 1),
        st.integers(0, 400),
    ),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(_steps)
def test_property_a_call_goes_if_and_only_if_there_is_room(steps: list[tuple[str, int, int]]) -> None:
    clock = Clock(NOW // DAY * DAY)
    store = MemoryStore(clock)
    workers = [Budgets(store, clock, [HELD]) for _ in range(2)]
    flying: list[tuple[Reservation, int, float]] = []  # with what it reserved, in cents, and when
    killed: list[tuple[Reservation, int, float]] = []
    spent = 0
    for step, at, cents in steps:
        worker = workers[at]
        if step == "reserve":
            held = [(usd, since + LAPSE - clock.now) for _, usd, since in flying + killed]
            found = worker.reserve(CALL, cents / 100)
            if isinstance(found, Reservation):
                assert spent + sum(usd for usd, left in held if left > 0) < 1000
                flying.append((found, cents, clock.now))
            else:
                assert spent + sum(usd for usd, left in held if left > -SLOT) >= 1000
        elif step in ("pay", "fail", "kill") and flying:
            one = flying.pop(cents % len(flying))
            if step == "pay":
                paid(worker, one[0], cents / 100)
                spent += cents
            elif step == "fail":
                worker.release(one[0])
            else:
                killed.append(one)
        elif step == "native":
            worker.spend(CALL, cents / 100)
            worker.flush()
            spent += cents
        elif step == "flush":
            worker.flush()
            assert (worker.over(CALL) is not None) == (spent >= 1000)
        elif step == "wait" and clock.now + cents < NOW // DAY * DAY + DAY:
            clock.turn(cents)
        assert round(state(workers[1 - at]).spent_usd * 100) == spent
