"""What a receiver of webhooks gets, and that nothing waits for it."""

import hmac
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from prompt_cache.config import configured
from prompt_cache.savings.budgets import Budget, Period, Signal
from prompt_cache.service.signalling import SIGNATURE, Signalling, signature
from sidecar.tests.receiver import Receiver
from sidecar.tests.support import NOW

SECRET = "whsec-1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def signal(event: Any = "budget_exhausted") -> Signal:
    budget = Budget(name="support", usd=20.0, per="day", then="cache_only", namespace="support-*")
    return Signal(event, budget, Period.of("day", NOW), 20.5)


@contextmanager
def signalling(
    receiver: Receiver, pauses: Sequence[float] = (0.01, 0.01), **more: Any
) -> Iterator[tuple[Signalling, list[tuple[str, str]]]]:
    webhook = {"url": receiver.url, "secret": SECRET}
    budgets = [{"name": "support", "usd": 20, "per": "day", "webhook": webhook}]
    reported: list[tuple[str, str]] = []
    config = configured({"budgets": budgets, **more})
    yield Signalling(config, lambda event, what: reported.append((event, what)), pauses=pauses), reported
    assert all(secret not in str(reported) for secret in (SECRET, "pass-1", "k-1", "hook-1"))


def until(is_so: Callable[[], Any]) -> None:
    end = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_it_says_what_happened_and_is_signed(receiver: Receiver) -> None:
    with signalling(receiver, currency={"code": "EUR", "rate": 0.9}) as (telling, reported):
        telling.tell(signal())
        until(lambda: receiver.got)
    [(path, headers, body)] = receiver.got
    assert path == "/hook-1?key=k-1"
    assert json.loads(body) == {
        "event": "budget_exhausted",
        "budget": "support",
        "namespace": "support-*",
        "model": "*",
        "workflow": "*",
        "token": "*",
        "period": {"since": "2027-01-15T00:00:00Z", "until": "2027-01-16T00:00:00Z"},
        "limit_usd": 20.0,
        "spent_usd": 20.5,
        "then": "cache_only",
        "currency": {"code": "EUR", "rate": 0.9},
    }
    stamp, _, digest = headers[SIGNATURE].partition(",v1=")
    at = int(stamp.removeprefix("t="))
    assert abs(at - time.time()) < 60
    assert digest == hmac.new(SECRET.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
    assert headers[SIGNATURE] == signature(SECRET, at, body)
    assert reported == [("budget_exhausted", "support: 20.5000 of 20 USD spent this day")]


def test_what_fails_is_tried_again(receiver: Receiver) -> None:
    receiver.statuses = [500, 429, 204]
    with signalling(receiver) as (telling, reported):
        telling.tell(signal())
        until(lambda: len(receiver.got) == 3)
        time.sleep(0.05)
    assert [event for event, _ in reported] == ["budget_exhausted"]


@pytest.mark.parametrize(
    ("statuses", "tries", "why"),
    [
        ([500, 503, 500], 3, "it answered 500"),
        ([404], 1, "it answered 404"),
        ([302], 1, "it sends callers elsewhere (302)"),
    ],
)
def test_what_is_given_up_is_said_without_a_secret(
    receiver: Receiver, statuses: list[int], tries: int, why: str
) -> None:
    receiver.statuses = statuses
    with signalling(receiver) as (telling, reported):
        telling.tell(signal())
        until(lambda: len(reported) == 2)
    event, told = reported[1]
    assert event == "webhook_failed"
    assert told.startswith(f"support: http://127.0.0.1:{receiver.url.split(':')[3].split('/')[0]}: {why}")
    assert len(receiver.got) == tries
    assert {path for path, _, _ in receiver.got} == {"/hook-1?key=k-1"}


def test_nobody_waits_for_a_receiver_that_hangs(receiver: Receiver) -> None:
    receiver.statuses = [0] * 100
    with signalling(receiver) as (telling, reported):
        began = time.monotonic()
        for _ in range(50):
            telling.tell(signal())
        assert time.monotonic() - began < 1
        assert sum(event == "webhook_failed" for event, _ in reported) == 50 - 32, "so many are on their way at most"


def test_a_budget_without_a_webhook_is_told_in_the_log_alone() -> None:
    reported: list[tuple[str, str]] = []
    config = configured({"budgets": [{"name": "support", "usd": 20, "per": "day"}]})
    Signalling(config, lambda event, what: reported.append((event, what))).tell(signal("budget_warning"))
    assert reported == [("budget_warning", "support: 20.5000 of 20 USD spent this day")]
