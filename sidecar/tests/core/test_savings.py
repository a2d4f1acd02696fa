"""What a hit says it saved, and the sums."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from prompt_cache.core.entry import Source
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.outcome import Saved
from prompt_cache.core.store import NewEntry
from prompt_cache.savings.currency import Currency
from prompt_cache.savings.prices import PriceOverride
from prompt_cache.savings.statistics import Totals
from sidecar.tests.support import ANSWER, Asker, request

PRICES = {"gpt-4o-mini*": PriceOverride(input_per_million=1.0, output_per_million=10.0)}
NOTHING = Saved(cost_usd=None, input_tokens=None, output_tokens=None, seconds=None, estimated=False)
COST = (1000 * 1.0 + 500 * 10.0) / 1e6


def totals(asker: Asker) -> Totals:
    return asker.cache.statistics.report(lambda _: True)[0]


def saved(asker: Asker, **fields: Any) -> Saved:
    found = asker.ask(**fields).saved
    assert not isinstance(found, msgspec.UnsetType)
    return found


def test_saved__what_the_answer_itself_says() -> None:
    asker = Asker(prices=PRICES)
    asker.fill(latency=1.25)
    found = saved(asker)
    assert found.cost_usd == pytest.approx(COST)
    assert (found.input_tokens, found.output_tokens, found.seconds, found.estimated) == (1000, 500, 1.25, False)


def test_saved__what_the_caller_says_goes_before_it() -> None:
    asker = Asker(prices=PRICES)
    asker.fill(usage={"input_tokens": 7, "output_tokens": 3}, cost_usd=0.5)
    assert saved(asker) == Saved(cost_usd=0.5, input_tokens=7, output_tokens=3, seconds=None, estimated=False)


def test_saved__by_the_list_price_of_the_model() -> None:
    asker = Asker()
    asker.fill()
    assert saved(asker).cost_usd == pytest.approx(1000 * 0.15e-6 + 500 * 0.6e-6)


def test_saved__by_the_model_asked_for_when_the_answer_names_none() -> None:
    asker = Asker(prices=PRICES)
    asker.fill(response="Paris", usage={"input_tokens": 1000, "output_tokens": 500}, model="gpt-4o-mini")
    assert saved(asker, model="gpt-4o-mini").cost_usd == pytest.approx(COST)


def test_saved__no_price_is_null_and_never_a_guess() -> None:
    asker = Asker()
    asker.fill(response={**ANSWER, "model": "house-model"})
    assert saved(asker).cost_usd is None
    assert saved(asker).input_tokens == 1000
    total = totals(asker)
    assert (total.hits, total.saved.unpriced_hits, total.saved.cost_usd) == (2, 2, 0.0)


def test_saved__estimates_are_marked() -> None:
    asker = Asker()
    asker.fill("What is the capital of France?", "Paris is the capital of France.")
    found = saved(asker)
    assert found.estimated
    assert 4 <= (found.input_tokens or 0) <= 12
    assert 4 <= (found.output_tokens or 0) <= 12


def test_stored__says_what_each_hit_will_save() -> None:
    asker = Asker(prices=PRICES)
    stored = asker.answer(asker.ask().key, latency=1.0)
    assert stored.saved == saved(asker)


def test_totals__spend_and_save_are_separate() -> None:
    asker = Asker(prices=PRICES)
    asker.fill(latency=2.0)
    assert msgspec.structs.asdict(totals(asker).saved) == {
        "cost_usd": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "seconds": 0,
        "unpriced_hits": 0,
    }
    for _ in range(3):
        asker.ask()
    total = totals(asker)
    assert (total.lookups, total.hits, total.misses, total.stored) == (4, 3, 1, 1)
    assert total.hit_rate == 0.75
    assert (total.saved.input_tokens, total.saved.output_tokens, total.saved.seconds) == (3000, 1500, 6.0)
    assert total.saved.cost_usd == pytest.approx(3 * COST)


def test_totals__stale_is_neither_hit_nor_miss() -> None:
    asker = Asker()
    asker.fill(ttl=1.0)
    asker.clock.turn(2)
    asker.ask(max_stale=10)
    total = totals(asker)
    assert (total.lookups, total.hits, total.misses, total.stale) == (2, 0, 1, 1)
    assert total.saved.input_tokens == 0


def test_totals__without_lookups_there_is_no_rate() -> None:
    assert totals(Asker()).hit_rate is None


def test_totals__repeats_in_a_batch_that_hit_are_hits() -> None:
    asker = Asker(prices=PRICES)
    asker.fill()
    asker.cache.lookup_many([Lookup(request=request()) for _ in range(3)])
    total = totals(asker)
    assert (total.hits, total.saved.input_tokens) == (3, 3000)


def test_totals__repeats_in_a_batch_that_miss_are_one_miss_and_hits_when_stored() -> None:
    asker = Asker(prices=PRICES)
    first, *_ = asker.cache.lookup_many([Lookup(request=request()) for _ in range(3)])
    assert (totals(asker).misses, totals(asker).hits) == (1, 0)
    asker.cache.store(NewEntry(key=first.key, response=msgspec.json.encode(ANSWER), repeats=2, latency=1.0))
    total = totals(asker)
    assert (total.misses, total.hits, total.stored) == (1, 2, 1)
    assert total.saved.cost_usd == pytest.approx(2 * COST)
    assert total.saved.seconds == 2.0


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [
        ("namespace", {"default": (1, 1), "other": (0, 1)}),
        ("model", {"gpt-4o-mini": (1, 1), "": (0, 1)}),
        ("workflow", {"Flow": (1, 1), "": (0, 1)}),
        ("node", {"Look Up": (1, 1), "": (0, 1)}),
        ("hour", {"2027-01-15T08Z": (1, 2)}),
        ("day", {"2027-01-15": (1, 2)}),
    ],
)
def test_totals__by(group_by: Any, groups: dict[str, tuple[int, int]]) -> None:
    asker = Asker()
    source = Source("Flow", "Look Up")
    key = asker.ask(model="gpt-4o-mini", source=source).key
    asker.answer(key)
    asker.ask(model="gpt-4o-mini", source=source)
    asker.ask(namespace="other")
    _, found = asker.cache.statistics.report(lambda _: True, group_by=(group_by,))
    assert {group.group: (group.hits, group.misses) for group in found} == groups


def test_saved__where_nothing_is_known_it_is_left_out() -> None:
    asker = Asker()
    key = asker.ask().key
    asker.answer(key)
    entry = msgspec.structs.replace(asker.cache.entry(key), usage=None, cost_usd=None, latency=None)
    assert Saved.by(entry, Currency()) is UNSET


@pytest.mark.parametrize("usage", [{"promptTokens": 7, "completionTokens": 3}, {"input_tokens": 7, "output_tokens": 3}])
@pytest.mark.parametrize("estimated", [True, False])
def test_saved__usage_that_the_caller_estimated_says_so(usage: dict[str, Any], estimated: bool) -> None:
    asker = Asker(prices=PRICES)
    asker.fill(usage={**usage, "estimated": estimated})
    found = saved(asker)
    assert (found.input_tokens, found.output_tokens, found.estimated) == (7, 3, estimated)


def test_saved__an_empty_usage_has_nothing_estimated_and_leaves_what_the_answer_says() -> None:
    asker = Asker(prices=PRICES)
    asker.fill("What is the capital of France?", {"document": "Paris is the capital of France."}, usage={})
    assert saved(asker, prompt="What is the capital of France?") == NOTHING
    asker.fill("told", usage={})
    assert saved(asker, prompt="told").input_tokens == 1000


def test_totals__say_how_many_hits_have_no_price_in_sum_and_by_group() -> None:
    asker = Asker(prices=PRICES)
    asker.fill("priced", model="gpt-4o-mini")
    asker.fill("unpriced", {"text": "Hi"}, model="my-deployment")
    for prompt, model in (("priced", "gpt-4o-mini"), ("unpriced", "my-deployment"), ("unpriced", "my-deployment")):
        assert asker.ask(prompt, model=model).status == "hit"
    total, groups = asker.cache.statistics.report(lambda _: True, group_by=("model",))
    assert (total.hits, total.saved.unpriced_hits) == (3, 2)
    by_model = {group.group: (group.hits, group.saved.unpriced_hits, group.saved.cost_usd) for group in groups}
    assert by_model == {"gpt-4o-mini": (1, 0, pytest.approx(COST)), "my-deployment": (2, 2, 0)}


def test_saved__in_the_configured_currency_beside_dollars() -> None:
    asker = Asker(prices=PRICES, currency=Currency("EUR", 0.5))
    asker.fill()
    found = saved(asker)
    assert found.cost_usd == pytest.approx(COST)
    assert found.cost == pytest.approx(COST / 2)
    assert found.currency == "EUR"


def test_saved__in_dollars_alone_where_that_is_the_currency_and_no_money_where_there_is_no_price() -> None:
    dollars = Asker(prices=PRICES, currency=Currency("USD"))
    dollars.fill()
    assert (saved(dollars).cost, saved(dollars).currency) == (UNSET, UNSET)
    unpriced = Asker(currency=Currency("EUR", 0.5))
    unpriced.fill(response={**ANSWER, "model": "house-model"})
    assert (saved(unpriced).cost, saved(unpriced).currency) == (UNSET, "EUR")


def test_prices__that_change_rewrite_no_history() -> None:
    before = Asker(prices=PRICES)
    before.fill()
    before.ask()
    dearer = {"gpt-4o-mini*": PriceOverride(input_per_million=100.0, output_per_million=1000.0)}
    after = Asker(lambda _: before.store, prices=dearer)
    before.cache.statistics.flush()
    assert totals(after).saved.cost_usd == pytest.approx(COST)
    assert saved(after).cost_usd == pytest.approx(COST)
    assert totals(after).saved.cost_usd == pytest.approx(2 * COST)
