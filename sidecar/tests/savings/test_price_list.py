"""The models to choose from."""

import pytest

from prompt_cache.responses.usage import Usage
from prompt_cache.savings.price_list import ListedModel, listed_models
from prompt_cache.savings.prices import PriceOverride, price

OVERRIDES = {
    "my-*": PriceOverride(input_per_million=2, output_per_million=10),
    "local": PriceOverride(input_per_million=0, output_per_million=0),
    "gpt-4o": PriceOverride(input_per_million=1, output_per_million=3),
}


def found(search: str = "", *, used: tuple[str, ...] = (), limit: int = 500) -> list[ListedModel]:
    return listed_models(OVERRIDES, used, search, limit)


def listed(model: str, provider: str | None, input_: float | None, output: float | None) -> ListedModel:
    return ListedModel(model=model, provider=provider, input_usd_per_million=input_, output_usd_per_million=output)


def test_what_is_used_and_what_is_configured_come_first() -> None:
    first = found(used=("claude-3-haiku", "my-deployment", "demo-model"))[:5]
    assert first == [
        listed("claude-3-haiku", "anthropic", 0.25, 1.25),
        listed("my-deployment", None, 2, 10),
        listed("demo-model", None, None, None),
        listed("local", None, 0, 0),
        listed("gpt-4o", None, 1, 3),
    ]


def test_each_is_there_once() -> None:
    names = [each.model.lower() for each in found(used=("GPT-4o-mini", "gpt-4o"))]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("search", ["anthropic HAIKU", "haiku anthropic", "Haiku"])
def test_a_search_has_every_word_in_the_name_or_the_provider(search: str) -> None:
    some = found(search)
    assert len(some) > 3
    assert all("haiku" in each.model for each in some)


def test_a_search_for_nothing_that_is_there() -> None:
    assert found("no such model") == []


def test_what_is_listed_costs_what_it_says() -> None:
    for each in found():
        one, two = (price(each.model, Usage(tokens, tokens), OVERRIDES) for tokens in (1000, 2000))
        assert one is not None
        assert two is not None
        stated = (each.input_usd_per_million or 0) + (each.output_usd_per_million or 0)
        assert two - one == pytest.approx(stated / 1000), each  # some ask something for the call as well


def test_newer_versions_of_a_maker_come_first() -> None:
    claudes = [each.model for each in found() if each.provider == "anthropic"]
    assert claudes.index("claude-opus-4-5") < claudes.index("claude-opus-4-1") < claudes.index("claude-3-haiku")


def test_as_many_as_asked_for() -> None:
    assert len(found(limit=7)) == 7
