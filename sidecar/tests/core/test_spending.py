"""What is counted as spent: each call that was paid for, once."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from prompt_cache.core.entry import Source
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.rules import NamespaceRules, Rules, SemanticRules
from prompt_cache.core.spending import Payment
from prompt_cache.core.store import NewEntry
from prompt_cache.savings.prices import PriceOverride
from prompt_cache.semantic.embedders.base import Embedded, Embedder
from prompt_cache.semantic.embedders.cached import CachedEmbedder
from prompt_cache.stores.base import StoreUnavailable
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.core.test_matching import RESET, RESET_TOO, Words
from sidecar.tests.support import ANSWER, Asker, request

PRICES = {
    "gpt-4o-mini*": PriceOverride(input_per_million=1.0, output_per_million=10.0, cached_input_per_million=0.25),
    "words": PriceOverride(input_per_million=2.0, output_per_million=0.0),
}
COST = (1000 * 1.0 + 500 * 10.0) / 1e6
CUT = {**ANSWER, "choices": [{"finish_reason": "length", "message": {"role": "assistant", "content": "cut"}}]}


def sums(asker: Asker) -> Mapping[str, float]:
    """Of all time, over all namespaces."""
    asker.cache.statistics.flush()
    added: dict[str, float] = {}
    for row in asker.store.counters("total", "total~"):
        for name, value in row.sums.items():
            added[name] = added.get(name, 0.0) + value
    return added


def spent(asker: Asker) -> dict[str, float]:
    names = ("calls", "spent_cost_usd", "unpriced_calls", "estimated_calls")
    return {name: value for name in names if (value := sums(asker).get(name))}


@pytest.fixture
def priced() -> Asker:
    return Asker(prices=PRICES)


def test_spent__all_that_is_known_of_a_call(priced: Asker) -> None:
    usage = {**ANSWER["usage"], "prompt_tokens_details": {"cached_tokens": 400}}  # type: ignore[dict-item]
    priced.fill(response={**ANSWER, "usage": usage}, latency=1.5)
    found = sums(priced)
    cost = (600 * 1.0 + 400 * 0.25 + 500 * 10.0) / 1e6
    assert found["calls"] == 1
    assert found["spent_cost_usd"] == pytest.approx(cost)
    assert found["prefix_saved_usd"] == pytest.approx(COST - cost)
    assert (found["spent_input_tokens"], found["spent_output_tokens"]) == (1000, 500)
    assert (found["spent_cached_input_tokens"], found["spent_seconds"]) == (400, 1.5)
    assert "unpriced_calls" not in found
    assert "estimated_calls" not in found


def test_spent__hits_cost_nothing(priced: Asker) -> None:
    priced.fill()
    for _ in range(3):
        assert priced.ask().status == "hit"
    assert spent(priced) == {"calls": 1, "spent_cost_usd": pytest.approx(COST)}


def test_spent__a_batch_with_repeats_is_the_calls_that_were_made(priced: Asker) -> None:
    first, _, other = priced.cache.lookup_many(
        [Lookup(request=request()), Lookup(request=request()), Lookup(request=request(prompt="Another?"))]
    )
    priced.cache.store_many(
        [NewEntry(key=first.key, ticket=str(first.ticket), response=msgspec.json.encode(ANSWER), repeats=1)]
        + [NewEntry(key=other.key, ticket=str(other.ticket), response=msgspec.json.encode(ANSWER))] * 2
    )
    assert spent(priced) == {"calls": 2, "spent_cost_usd": pytest.approx(2 * COST)}
    assert sums(priced)["hits"] == 1
    assert priced.cache.hits([first.key, other.key]) == [1, 0]


def test_saved__repeats_are_hits_once_however_often_their_answer_is_sent(priced: Asker) -> None:
    first, _ = priced.cache.lookup_many([Lookup(request=request())] * 2)
    answer = NewEntry(key=first.key, ticket=str(first.ticket), response=msgspec.json.encode(ANSWER), repeats=1)
    for _ in range(3):
        priced.cache.store_many([answer])
    found = sums(priced)
    assert (found["hits"], found["calls"]) == (1, 1)
    assert found["cost_usd"] == pytest.approx(COST)


def test_spent__who_waits_for_anothers_lease_pays_nothing(priced: Asker) -> None:
    holder, waiting = priced.ask(lease=10), priced.ask(lease=10)
    assert waiting.status == "pending"
    priced.answer(holder.key, ticket=holder.ticket, lease=holder.lease)
    assert priced.ask(lease=10).status == "hit"
    assert spent(priced)["calls"] == 1


@pytest.mark.parametrize("response", [ANSWER, CUT], ids=["stored", "refused"])
def test_spent__a_store_that_is_sent_again_is_the_same_call(priced: Asker, response: Any) -> None:
    asked = priced.ask()
    for _ in range(3):
        priced.cache.store(
            NewEntry(key=asked.key, request=request(), ticket=str(asked.ticket), response=msgspec.json.encode(response))
        )
    assert spent(priced)["calls"] == 1


def test_spent__another_answer_to_the_same_lookup_is_another_call(priced: Asker) -> None:
    asked = priced.ask()
    assert not priced.answer(asked.key, CUT, ticket=asked.ticket).stored
    assert priced.answer(asked.key, ticket=asked.ticket).stored
    assert priced.answer(asked.key, {**ANSWER, "id": "another"}, ticket=asked.ticket).stored
    assert spent(priced)["calls"] == 3


def test_spent__two_who_asked_the_same_were_both_billed(priced: Asker) -> None:
    one, two = priced.ask(), priced.ask()
    for asked in (one, two):
        priced.answer(asked.key, ticket=asked.ticket)
    assert spent(priced)["calls"] == 2


def test_spent__the_same_answer_without_a_lookup_counts_again_once_it_cannot_be_a_retry(priced: Asker) -> None:
    for pause in (0, 60, 86400):
        priced.clock.turn(pause)
        priced.cache.store(NewEntry(request=request(), response=b'"Paris"'))
    assert spent(priced)["calls"] == 2


def test_spent__a_stale_answer_that_is_asked_anew_is_a_call(priced: Asker) -> None:
    priced.fill(ttl=1.0)
    priced.clock.turn(2)
    stale = priced.ask(max_stale=10)
    assert stale.status == "stale"
    priced.answer(stale.key, ticket=stale.ticket)
    assert spent(priced)["calls"] == 2


class Fails(MemoryStore):
    """Away as soon as an answer is put."""

    away = False

    def delete(self, keys: Sequence[str]) -> int:
        if self.away:
            raise StoreUnavailable("as told")
        return super().delete(keys)


def test_spent__what_is_stored_counts_once_though_tidying_up_after_it_failed() -> None:
    asker = Asker(Fails, prices=PRICES)
    asked = asker.ask()
    asker.store.away = True
    assert asker.answer(asked.key, ticket=asked.ticket).stored
    assert asker.ask().status == "hit"
    assert spent(asker) == {"calls": 1, "spent_cost_usd": pytest.approx(COST)}


def test_spent__what_is_imported_was_paid_for_long_ago(priced: Asker) -> None:
    priced.cache.store(NewEntry(request=request(), response=msgspec.json.encode(ANSWER), paid=False))
    assert priced.ask().status == "hit"
    assert spent(priced) == {}


def test_spent__what_is_refused_was_paid_all_the_same(priced: Asker) -> None:
    assert not priced.answer(priced.ask().key, CUT).stored
    assert spent(priced) == {"calls": 1, "spent_cost_usd": pytest.approx(COST)}
    assert sums(priced)["refused:finish_reason_length"] == 1


def test_spent__an_error_costs_nothing_unless_it_says_what_was_used(priced: Asker) -> None:
    error = {"error": {"message": "overloaded", "type": "server_error"}}
    assert not priced.answer(priced.ask("one").key, error).stored
    assert spent(priced) == {}
    assert not priced.answer(priced.ask("two").key, error, usage=ANSWER["usage"], cost_usd=0.5).stored
    assert spent(priced) == {"calls": 1, "spent_cost_usd": 0.5}


def test_spent__what_the_caller_says_it_cost_goes_before_the_price(priced: Asker) -> None:
    priced.fill(cost_usd=0.25)
    assert spent(priced) == {"calls": 1, "spent_cost_usd": 0.25}


def test_spent__estimates_and_missing_prices_are_counted_apart() -> None:
    asker = Asker()
    asker.fill("one", "Paris is the capital of France.", model="house-model")
    assert spent(asker) == {"calls": 1, "unpriced_calls": 1, "estimated_calls": 1}


def test_spent__where_the_model_that_answered_is_known_it_counts_there() -> None:
    asker = Asker(prices=PRICES)
    asker.fill(source=Source("Flow", "Chain"))
    _, groups = asker.cache.statistics.report(lambda _: True, group_by=("model",))
    assert [group.group for group in groups if group.stored] == ["gpt-4o-mini-2024-07-18"]


def test_spent__who_watches_is_told_of_each_payment(priced: Asker) -> None:
    told: list[Payment] = []
    priced.cache.spending.watchers.append(told.append)
    priced.fill(latency=2.0, caller="support", source=Source("Flow", "Chain"))
    (payment,) = told
    assert payment.dimensions == ("default", "gpt-4o-mini-2024-07-18", "Flow", "Chain")
    assert (payment.caller, payment.seconds) == ("support", 2.0)
    assert payment.cost_usd == pytest.approx(COST)


def test_misses__each_is_counted_with_its_reason(priced: Asker) -> None:
    priced.fill(ttl=1.0)
    priced.clock.turn(2)
    priced.ask()
    priced.ask("never asked")
    found = sums(priced)
    assert (found["misses"], found["miss:not_found"], found["miss:expired"]) == (3, 2, 1)


# -- semantic matching -----


class Paid(Words):
    """Somebody else's model: each word is a token."""

    def embed(self, texts: Sequence[str]) -> Embedded:
        embedded = super().embed(texts)
        return Embedded(embedded.vectors, sum(len(text.split()) for text in texts), calls=1)


def matching(embedder: Embedder, *namespaces: str) -> Asker:
    semantic = SemanticRules(match=True)
    rules = Rules(NamespaceRules(semantic=semantic), {name: NamespaceRules(semantic=semantic) for name in namespaces})
    return Asker(prices=PRICES, embedder=embedder, rules=rules)


def test_semantic__hits_are_saved_among_all_and_apart() -> None:
    asker = matching(Words())
    asker.fill(RESET, latency=2.0)
    assert asker.ask(RESET).match == "exact"
    assert asker.ask(RESET_TOO).match == "semantic"
    found = sums(asker)
    assert found["cost_usd"] == pytest.approx(2 * COST)
    assert found["semantic_cost_usd"] == pytest.approx(COST)
    assert (found["semantic_input_tokens"], found["semantic_output_tokens"]) == (1000, 500)
    assert (found["seconds"], found["semantic_seconds"], found["semantic_hits"]) == (4.0, 2.0, 1)


def test_embedding__is_spent_once_for_each_text() -> None:
    asker = matching(CachedEmbedder(Paid()))
    asker.fill(RESET)
    asker.ask(RESET_TOO)
    asker.ask(RESET_TOO)
    found = sums(asker)
    tokens = len(RESET.split()) + len(RESET_TOO.split())
    assert (found["embedding_calls"], found["embedding_tokens"]) == (2, tokens)
    assert found["embedding_cost_usd"] == pytest.approx(tokens * 2.0 / 1e6)
    assert "embedding_unpriced" not in found
    assert found["calls"] == 1


def test_embedding__on_this_machine_costs_nothing() -> None:
    asker = matching(Words())
    asker.fill(RESET)
    assert not [name for name in sums(asker) if name.startswith("embedding")]


def test_embedding__without_a_price_says_so() -> None:
    embedder = Paid()
    embedder.model = "nobody-knows"
    asker = matching(embedder)
    asker.fill(RESET)
    assert (sums(asker)["embedding_unpriced"], sums(asker).get("embedding_cost_usd")) == (1, None)


def test_embedding__namespaces_that_are_embedded_together_share_what_it_costs() -> None:
    asker = matching(Paid(), "one", "two")
    asker.cache.lookup_many([Lookup(request=request(prompt=RESET, namespace=name)) for name in ("one", "two")])
    asker.cache.statistics.flush()
    rows = {row.series: row.sums for row in asker.store.counters("total", "total~")}
    tokens = [found.get("embedding_tokens") for found in rows.values()]
    assert tokens == [len(RESET.split())] * 2
    assert sum(found.get("embedding_calls", 0) for found in rows.values()) == 1
