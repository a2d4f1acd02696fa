"""What a month will cost: never from too little, and as sure as it says."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import gamma, pi, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.savings.forecast import _T, CONFIDENCE, DAYS, Day, Forecast, forecast
from prompt_cache.savings.measured import measured_days
from prompt_cache.savings.series import Dimensions
from prompt_cache.savings.statistics import Statistics
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import Clock

NONE = Day(0.0, 0.0)
DAY = 86400


def noon(day: int) -> float:
    """Of a day of November 2026; the 1st is a Sunday."""
    return datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp() + (day - 1) * DAY


def midnight(day: int) -> float:
    return noon(day) - DAY / 2


def of(values: Sequence[float], now: float, so_far: float = 0.0) -> Forecast:
    found = forecast([Day(value, 2 * value) for value in values], Day(so_far, 2 * so_far), now)
    assert found
    return found


@pytest.mark.parametrize("days", [0, 1, 2])
def test_forecast__never_from_less_than_three_days(days: int) -> None:
    assert forecast([Day(1.0, 2.0)] * days, NONE, noon(10)) is None


def test_forecast__adds_what_is_left_of_the_month_to_what_is_spent() -> None:
    found = of([2.0] * 7, noon(21), so_far=40.0)
    assert (found.month, found.days_measured, found.spent_so_far) == ("2026-11", 7, 40.0)
    assert (found.with_cache.low, found.with_cache.high) == pytest.approx((40 + 2 * 9.5, 40 + 2 * 9.5))
    assert found.without_cache.expected == pytest.approx(80 + 4 * 9.5)


def test_forecast__of_the_last_moment_is_what_was_spent() -> None:
    found = of([1.0, 5.0, 9.0] * 4, midnight(31) - 0.001, so_far=40.0)
    assert found.with_cache.low == pytest.approx(40.0, abs=0.01)
    assert found.with_cache.high == pytest.approx(40.0, abs=0.01)


def test_forecast__looks_at_the_last_four_weeks() -> None:
    recent = [float(at % 5) for at in range(DAYS)]
    assert of([1000.0] * 30 + recent, noon(29)) == of(recent, noon(29))


def test_forecast__weekdays_are_told_apart_where_they_differ() -> None:
    rng = random.Random(1)
    weeks = [(1.0 if (6 + at) % 7 >= 5 else 10.0) + rng.random() for at in range(28)]  # from a Sunday on
    found = of(weeks, midnight(29))  # a Sunday and a Monday are left
    assert found.with_cache.expected == pytest.approx(12, abs=1)
    assert found.with_cache.high - found.with_cache.low < 3


def test_forecast__weekdays_are_not_told_apart_by_chance() -> None:
    rng = random.Random(1)
    told = 0
    for _ in range(200):
        values = [rng.gauss(10, 2) for _ in range(28)]
        plain = 2 * sum(values) / len(values)
        told += of(values, midnight(29)).with_cache.expected != pytest.approx(plain)
    assert told < 30


def test_forecast__is_wider_with_fewer_days() -> None:
    values = [8.0, 12.0, 9.0, 11.0] * 7
    widths = [(found := of(values[:days], noon(15)).with_cache).high - found.low for days in (3, 5, 8, 12, 28)]
    assert all(fewer > more for fewer, more in pairwise(widths))


def test_forecast__of_days_that_lack_a_sunday_allows_for_one() -> None:
    five = of([10.0] * 5, midnight(14)).with_cache  # Monday to Friday; three Saturdays and three Sundays are left
    assert five.low <= 11 * 10.0 <= five.expected <= five.high


money = st.floats(0, 1000)


@given(st.lists(st.tuples(money, money), min_size=3, max_size=40), money, st.floats(midnight(1), midnight(31) - 1))
def test_forecast__is_in_order_and_no_less_than_what_is_spent(
    values: list[tuple[float, float]], so_far: float, now: float
) -> None:
    found = forecast([Day(*each) for each in values], Day(so_far, so_far), now)
    assert found
    for each in (found.with_cache, found.without_cache):
        assert so_far <= each.low <= each.expected <= each.high


Days = Callable[[random.Random, int], float]
"""A day's cost, by its place in the year."""


def gaussian(rng: random.Random, _: int) -> float:
    return max(0.0, rng.gauss(10, 3))


def skewed(rng: random.Random, _: int) -> float:
    return rng.gammavariate(2, 5)


def idle_at_times(rng: random.Random, _: int) -> float:
    return rng.gammavariate(2, 5) if rng.random() > 0.3 else 0.0


def working_week(rng: random.Random, day: int) -> float:
    return max(0.0, rng.gauss(10 if day % 7 < 5 else 1, 2))


@pytest.mark.parametrize("measured", [7, 14, 28])
@pytest.mark.parametrize("day_of", [gaussian, skewed, idle_at_times, working_week])
def test_interval__covers_what_it_says(day_of: Days, measured: int) -> None:
    rng, trials, covered = random.Random(7), 400, 0
    for trial in range(trials):
        today = 5 + trial % 20
        weekday = datetime.fromtimestamp(noon(today), UTC).weekday() - measured
        costs = [day_of(rng, 7 + weekday + at) for at in range(measured + 31 - today)]
        found = of(costs[:measured], midnight(today)).with_cache
        covered += found.low <= sum(costs[measured:]) <= found.high
    assert covered / trials > CONFIDENCE - 0.05
    if not (day_of is working_week and measured == 7):  # one week cannot tell a pattern from scatter
        assert covered / trials < CONFIDENCE + 0.06


@pytest.mark.parametrize("measured", [3, 5])
@pytest.mark.parametrize("day_of", [gaussian, skewed, idle_at_times, working_week])
def test_interval__of_a_few_days_covers_no_less_than_it_says(day_of: Days, measured: int) -> None:
    rng, trials, covered = random.Random(7), 300, 0
    for trial in range(trials):
        today = 5 + trial % 20
        weekday = datetime.fromtimestamp(noon(today), UTC).weekday() - measured
        costs = [day_of(rng, 7 + weekday + at) for at in range(measured + 31 - today)]
        found = of(costs[:measured], midnight(today)).with_cache
        covered += found.low <= sum(costs[measured:]) <= found.high
    assert covered / trials > CONFIDENCE - 0.03


@pytest.mark.parametrize("freedom", range(1, len(_T) + 1))
def test_t__leaves_a_twentieth_above(freedom: int) -> None:
    constant = gamma((freedom + 1) / 2) / (sqrt(freedom * pi) * gamma(freedom / 2))
    steps, end = 2000, _T[freedom - 1]
    inside = (
        sum((1 + (end * (at + 0.5) / steps) ** 2 / freedom) ** (-(freedom + 1) / 2) for at in range(steps))
        * constant
        * end
        / steps
    )
    assert 0.5 - inside == pytest.approx((1 - CONFIDENCE) / 2, abs=1e-4)


# -- the days that are measured -----

SERIES = Dimensions("ours", "m", "Flow", "n")


def counted(*days: int, clock: Clock) -> Statistics:
    statistics = Statistics(MemoryStore(clock), clock)
    for day in days:
        clock.now = noon(day)
        statistics.count(SERIES, hits=1, cost_usd=3.0, calls=1, spent_cost_usd=1.0, verifier_cost_usd=0.25)
        statistics.count(SERIES, embedding_cost_usd=0.25)
    return statistics


COST = Day(1.5, 4.0)


def test_measured__days_without_traffic_count_once_the_ledger_has_begun(clock: Clock) -> None:
    statistics = counted(2, 4, 6, 8, clock=clock)
    clock.now = noon(8)
    days, so_far = measured_days(statistics, lambda _: True, clock(), {})
    assert days == [NONE, COST, NONE, COST, NONE]
    assert so_far == Day(6.0, 16.0)


def test_measured__nothing_before_the_first_count(clock: Clock) -> None:
    statistics = counted(clock=clock)
    assert measured_days(statistics, lambda _: True, noon(8), {}) == ([], NONE)
    statistics = counted(8, clock=clock)
    assert measured_days(statistics, lambda _: True, noon(8), {}) == ([], COST)
    assert measured_days(statistics, lambda _: True, noon(9), {}) == ([], COST)
    assert measured_days(statistics, lambda _: True, noon(10), {}) == ([NONE], COST)


def test_measured__the_month_begins_at_nothing_and_knows_the_days_before(clock: Clock) -> None:
    statistics = counted(2, 29, 30, clock=clock)
    first_of_december = noon(31)
    days, so_far = measured_days(statistics, lambda _: True, first_of_december, {})
    assert (len(days), days[-2:], so_far) == (DAYS, [COST, COST], NONE)


def test_measured__all_of_a_long_month(clock: Clock) -> None:
    clock.now = datetime(2026, 12, 1, 1, tzinfo=UTC).timestamp()
    statistics = Statistics(MemoryStore(clock), clock)
    for _ in range(31):
        statistics.count(SERIES, spent_cost_usd=1.0)
        clock.turn(DAY)
    clock.now = (datetime(2027, 1, 1, tzinfo=UTC) - timedelta(minutes=1)).timestamp()
    assert measured_days(statistics, lambda _: True, clock(), {})[1] == Day(31.0, 31.0)


def test_measured__of_one_workflow_or_of_who_may_see_it(clock: Clock) -> None:
    statistics = counted(2, 3, 4, clock=clock)
    clock.now = noon(5)
    assert measured_days(statistics, lambda _: True, clock(), {"workflow": "Flow"})[0] == [COST, COST]
    assert measured_days(statistics, lambda _: True, clock(), {"workflow": "Other"})[0] == []
    assert measured_days(statistics, lambda _: False, clock(), {})[0] == []
