"""Reservations around a call, however it ends."""

import asyncio
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from prompt_cache.http.proxy.reserving import OverBudget, is_over, reserve, reserved
from prompt_cache.savings.budgets import NOTHING, Budget, Budgets, Charge
from prompt_cache.stores.base import CounterRow
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import Clock


class Slow(MemoryStore):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = threading.Event(), threading.Event()
        self.answers.set()

    def increment_and_get(self, counters: Sequence[CounterRow]) -> list[CounterRow]:
        self.asked.set()
        assert self.answers.wait(5)
        return super().increment_and_get(counters)


@pytest.fixture
def store() -> Slow:
    return Slow()


@pytest.fixture
def cache(store: Slow, clock: Clock) -> Any:
    held = Budget(name="held", usd=0.05, per="month", then="cache_only", namespace="held")
    return SimpleNamespace(budgets=Budgets(store, clock, [held]))


def asking(namespace: str = "held", most: int = 1000) -> Any:
    return SimpleNamespace(
        namespace=namespace,
        call=SimpleNamespace(request=SimpleNamespace(model="gpt-4o-mini")),
        body={"max_tokens": most, "messages": [{"content": "four " * 100}]},
        endpoint=SimpleNamespace(converses=True),
        directives=SimpleNamespace(source=SimpleNamespace(workflow="")),
        payer=SimpleNamespace(caller=SimpleNamespace(name="ci")),
    )


def standing(cache: Any) -> tuple[float, float, int]:
    (state,) = cache.budgets.states()
    return state.spent_usd, state.reserved_usd, state.refused_calls


def test_as_long_as_a_call_goes_on_what_it_may_cost_is_reserved(cache: Any) -> None:
    async def call() -> float:
        async with reserved(cache, asking()):
            return standing(cache)[1]

    # 126 tokens at $0.15 and 1,000 at $0.60 per million
    assert asyncio.run(call()) == pytest.approx(126 * 0.15e-6 + 1000 * 0.6e-6, rel=0.02)
    assert standing(cache) == (0.0, 0.0, 0)


def test_a_call_that_fails_gives_back(cache: Any) -> None:
    async def call() -> None:
        async with reserved(cache, asking()):
            raise ValueError

    with pytest.raises(ValueError):
        asyncio.run(call())
    assert standing(cache) == (0.0, 0.0, 0)


def test_who_leaves_while_it_is_reserved_leaves_nothing_behind(cache: Any, store: Slow) -> None:
    async def call() -> None:
        store.answers.clear()
        reserving = asyncio.create_task(reserve(cache, asking()))
        await asyncio.to_thread(store.asked.wait, 5)
        reserving.cancel()
        await asyncio.wait([reserving])
        assert reserving.cancelled()
        store.answers.set()
        for _ in range(500):
            if standing(cache)[1] == 0.0 and len(list(store.counters("", "~"))) == 1:
                return
            await asyncio.sleep(0.002)

    asyncio.run(call())
    assert list(store.counters("", "~")), "it had been reserved"
    assert standing(cache) == (0.0, 0.0, 0)


def test_what_falls_under_no_budget_waits_for_nothing(cache: Any, store: Slow) -> None:
    store.answers.clear()
    assert asyncio.run(reserve(cache, asking("other"))) is NOTHING
    assert not store.asked.is_set()


def test_a_refusal_says_which_budget_and_for_how_long(cache: Any) -> None:
    async def busy() -> None:
        async with reserved(cache, asking(most=10_000_000)):
            await reserve(cache, asking())

    with pytest.raises(
        OverBudget, match=r"what is left of the budget 'held' \(0.05 USD per month, until 2027-02-01"
    ) as no:
        asyncio.run(busy())
    assert no.value.failure.headers == {"Retry-After": "5"}
    assert not is_over(cache, asking())
    cache.budgets.spend(Charge("held"), 1.0)
    cache.budgets.flush()
    assert is_over(cache, asking())
    assert not is_over(cache, asking("other"))
    with pytest.raises(OverBudget, match="is used up: until then only what is cached is answered") as no:
        asyncio.run(reserve(cache, asking()))
    assert no.value.failure.status == 429
    assert no.value.failure.headers["X-Should-Retry"] == "false"
    assert int(no.value.failure.headers["Retry-After"]) > 86400
    assert standing(cache) == (1.0, 0.0, 2)
