"""A budget that is used up: said on the outcome, and held where the program wants that."""

import asyncio
from typing import Any

import pytest

from prompt_cache_client import AsyncPromptCache, BudgetExhausted, PromptCache

from .conftest import Said, StubServer
from .support import Model

MISS = {"status": "miss", "key": "k", "reason": "not_found", "ticket": "t", "lease": "l", "over_budget": "support"}
STALE = {**MISS, "status": "stale", "reason": "expired", "response": "kept", "ttl": -5.0}


@pytest.fixture
def used_up(stub: StubServer) -> StubServer:
    """A cache server under a budget that is used up."""
    say(stub, MISS)
    return stub


def say(stub: StubServer, outcome: dict[str, Any]) -> None:
    def says(path: str, _: Any) -> Said:
        match path:
            case "/v1/lookup":
                return 200, outcome
            case "/v1/release":
                return 200, {"released": True}
        return 201, {"key": "k", "stored": True}

    stub.says = says


def test_an_outcome_says_which(used_up: StubServer) -> None:
    with PromptCache(used_up.url) as cache:
        assert cache.lookup("q").over_budget == "support"


def test_a_programs_own_call_is_made_unless_it_wants_to_stay_within(used_up: StubServer) -> None:
    model = Model("fresh")
    with PromptCache(used_up.url) as cache:
        assert cache.get_or_call("q", model) == "fresh"
        with pytest.raises(BudgetExhausted, match="'support' is used up"):
            cache.get_or_call("q", model, within_budget=True)

        @cache.cached(within_budget=True)
        def ask(prompt: str) -> str:
            return f"{prompt}: {model()}"

        with pytest.raises(BudgetExhausted):
            ask("q")
    assert model.calls == 1
    assert [path for _, path, _ in used_up.asked].count("/v1/release") == 2, "whoever may ask, may ask now"


def test_an_answer_that_is_good_enough_is_given(used_up: StubServer) -> None:
    say(used_up, STALE)
    model = Model("fresh")
    with PromptCache(used_up.url) as cache:
        assert cache.get_or_call("q", model, max_stale="1h", within_budget=True) == "kept"
    assert model.calls == 0


def test_coroutines_and_streams_stay_within_it_too(used_up: StubServer) -> None:
    async def ask() -> None:
        async with AsyncPromptCache(used_up.url) as cache:
            await cache.get_or_call("q", fresh, within_budget=True)

    async def fresh() -> str:
        raise AssertionError("no model is to be asked")

    with pytest.raises(BudgetExhausted):
        asyncio.run(ask())
    with PromptCache(used_up.url) as cache:

        @cache.cached(within_budget=True)
        def said(prompt: str) -> Any:  # noqa: ARG001
            yield "fresh"
            raise AssertionError("no model is to be asked")

        with pytest.raises(BudgetExhausted):
            list(said("q"))
