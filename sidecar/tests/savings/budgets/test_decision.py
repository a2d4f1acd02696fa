"""Periods of the calendar, what falls under a budget, and when a call may be made: state by state."""

from datetime import UTC, datetime
from typing import Any

import pytest

from prompt_cache.savings.budgets import Balance, Budget, Charge, Per, Period, Then
from prompt_cache.savings.budgets.decision import LAPSE, SLOT, decide, has_lapsed, looked_at, nanos, settled, slot
from sidecar.tests.support import NOW


def budget(then: Then = "cache_only", usd: float = 10.0, **fields: Any) -> Budget:
    return Budget(name="b", usd=usd, per="day", then=then, **fields)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("spent", "reserved", "verdict"),
    [
        (0, 0, "go"),
        (9.999999999, 0, "go"),
        (9, 0.999999999, "go"),
        (0, 9.999999999, "go"),
        (10, 0, "exhausted"),
        (11, 5, "exhausted"),
        (9, 1, "busy"),
        (0, 10, "busy"),
    ],
)
def test_a_call_goes_while_there_is_any_room(spent: float, reserved: float, verdict: str) -> None:
    assert decide(budget(), Balance(spent, reserved)) == verdict
    assert decide(budget("warn"), Balance(spent, reserved)) == "go"


def test_a_budget_of_nothing_lets_nothing_through() -> None:
    assert decide(budget(usd=0), Balance()) == "exhausted"


@pytest.mark.parametrize(
    ("spent", "state"),
    [(0, "ok"), (7.99, "ok"), (8, "warning"), (9.99, "warning"), (10, "exhausted"), (12, "exhausted")],
)
def test_what_is_reserved_makes_no_state(spent: float, state: str) -> None:
    assert Balance(spent, 100).state(budget()) == state


@pytest.mark.parametrize(
    ("per", "since", "until", "bucket"),
    [
        ("hour", "2026-02-28T23:00", "2026-03-01T00:00", "budget:hour:2026-02-28T23Z"),
        ("day", "2026-02-28", "2026-03-01", "budget:day:2026-02-28"),
        ("month", "2026-02-01", "2026-03-01", "budget:month:2026-02"),
    ],
)
def test_periods_are_those_of_the_calendar_in_utc(per: Per, since: str, until: str, bucket: str) -> None:
    expected = Period(bucket, at(since), at(until))
    for moment in (at(since), at("2026-02-28T23:59:59"), at(until) - 0.001):
        if moment >= at(since):
            assert Period.of(per, moment) == expected
    assert Period.of(per, at(until)).since == at(until)


def test_periods_of_a_kind_are_in_the_order_of_time() -> None:
    for per in ("hour", "day", "month"):
        buckets = [Period.of(per, NOW + at * 1800).bucket for at in range(0, 20_000, 7)]
        assert buckets == sorted(buckets)


@pytest.mark.parametrize(
    ("fields", "charge", "covered"),
    [
        ({}, Charge("any", "any", "any", "any"), True),
        ({}, Charge("default"), True),
        ({"namespace": "support-*"}, Charge("support-eu"), True),
        ({"namespace": "support-*"}, Charge("sales"), False),
        ({"model": "GPT-4o*"}, Charge("n", "gpt-4o-mini"), True),
        ({"model": "gpt-4o*"}, Charge("n", "Claude"), False),
        ({"model": "gpt-4o*"}, Charge("n"), False),
        ({"workflow": "Mail *"}, Charge("n", "m", "Mail triage"), True),
        ({"workflow": "Mail *"}, Charge("n", "m", "mail triage"), False),
        ({"token": "ci"}, Charge("n", "m", "w", "ci"), True),
        ({"token": "ci"}, Charge("n", "m", "w", "cid"), False),
        ({"namespace": "a", "token": "ci"}, Charge("a", "m", "w", "other"), False),
    ],
)
def test_all_patterns_have_to_match(fields: dict[str, Any], charge: Charge, covered: bool) -> None:
    assert budget(**fields).covers(charge) is covered


def test_what_was_reserved_counts_for_a_while_and_no_longer() -> None:
    name = slot(NOW)
    assert name in looked_at(NOW + LAPSE)
    for later, counts in ((0, 2.0), (LAPSE, 2.0), (LAPSE + SLOT, 0.0), (LAPSE * 10, 0.0)):
        assert Balance.of({"spent": nanos(1), name: nanos(2)}, NOW + later) == Balance(1.0, counts)
        assert has_lapsed(name, NOW + later) is (counts == 0)
    assert Balance.of({name: nanos(2)}, NOW - SLOT).reserved == 2.0, "of one whose clock is ahead"
    assert slot(NOW) in looked_at(NOW - SLOT)


def test_money_adds_up_without_an_error() -> None:
    assert sum(nanos(usd) for usd in [0.1] * 10) == nanos(1.0)
    assert nanos(1e-9) == 1.0


def test_what_is_reserved_does_not_travel() -> None:
    assert settled({"spent": 1.0, "unpriced": 2.0, slot(NOW): 3.0}) == {"spent": 1.0, "unpriced": 2.0}
