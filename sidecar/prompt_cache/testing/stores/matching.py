"""The cache itself on a store with vectors: what takes an answer out takes it from questions worded differently too."""

import time
from collections.abc import Callable, Sequence
from hashlib import blake2b

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from ...core.cache import PromptCache
from ...core.filters import EntryFilter
from ...core.lookup import Lookup
from ...core.outcome import Outcome
from ...core.rules import NamespaceRules, Rules, SemanticRules
from ...core.store import NewEntry
from ...keying.request import Request
from ...semantic.embedders.base import Embedded, Embedder
from ...stores.base import Bounds, Store
from .harness import Harness, watch
from .vectors import unit

_ANSWER = msgspec.json.encode({"answer": "In your account, under Orders."})
_STORED, _ASKED = "How do I cancel an order?", "Please, how do I cancel an order?"
_OTHER = "What is the capital of France?"


class Words(Embedder):
    """A dimension for each word, by its digest."""

    name = "words"
    threshold = 0.6

    def embed(self, texts: Sequence[str]) -> Embedded:
        return Embedded([self._vector(text) for text in texts])

    def _vector(self, text: str) -> bytes:
        numbers = [0.0] * 256
        for word in text.lower().rstrip("?").split():
            numbers[blake2b(word.encode(), digest_size=1).digest()[0]] += 1.0
        return unit(numbers)


class Matching(Harness):
    @pytest.fixture
    def matching(self, store: Store) -> PromptCache:
        return _cache(store)

    def test_a_question_worded_differently_is_a_hit(self, matching: PromptCache) -> None:
        key = _remember(matching)
        _remember(matching, _OTHER)
        hit = _ask(matching)
        assert (hit.status, hit.match, bytes(hit.response)) == ("hit", "semantic", _ANSWER)  # type: ignore[arg-type]
        assert hit.matched.key == key  # type: ignore[union-attr]
        assert 0.6 < hit.similarity < 1.0  # type: ignore[operator]
        assert _ask(matching, _STORED).match == "exact"
        assert _ask(matching, "What are the opening hours?").status == "miss"

    def test_what_is_asked_of_one_is_not_answered_for_another(self, matching: PromptCache) -> None:
        _remember(matching, attributes={"tenant": "a"})
        assert _ask(matching, attributes={"tenant": "a"}).status == "hit"
        assert _ask(matching, attributes={"tenant": "b"}).status == "miss"
        assert _ask(matching, attributes={"tenant": "a"}, namespace="other").status == "miss"

    @pytest.mark.parametrize("how", ["flush", "flush all", "invalidate", "delete", "bump", "reject"])
    def test_what_is_taken_out_is_a_miss_at_once_and_what_is_stored_anew_a_hit(
        self, matching: PromptCache, how: str
    ) -> None:
        for _ in range(2):
            key = _remember(matching)
            assert _ask(matching).status == "hit"
            _take_out(matching, how, key)
            assert _ask(matching).status == "miss"

    def test_an_answer_replaced_is_the_new_one(self, matching: PromptCache) -> None:
        _remember(matching)
        _remember(matching, answer=b'{"answer": "anew"}')
        assert bytes(_ask(matching).response) == b'{"answer": "anew"}'  # type: ignore[arg-type]

    def test_it_ends_when_the_answer_does(self, matching: PromptCache) -> None:
        _remember(matching, ttl=0.4)
        watch(lambda: _ask(matching).status == "hit", time.time() + 0.4, slack=0.2)

    def test_an_answer_that_was_evicted_is_a_miss(self, store: Store) -> None:
        cache = _cache(store, max_entries=10)
        _remember(cache)
        for n in range(30):
            _remember(cache, f"What costs article {n}?", cost_usd=1.0)
        assert _ask(cache).status == "miss"

    def test_many_at_once_get_each_their_own(self, matching: PromptCache) -> None:
        keys = [_remember(matching, f"How do I cancel order {n}?") for n in range(20)]
        asked = [Lookup(request=Request(prompt=f"Please, how do I cancel order {n}?")) for n in range(20)]
        matched = [outcome.matched for outcome in matching.lookup_many(asked)]
        assert [each.key for each in matched] == keys  # type: ignore[union-attr]


class MatchingShared(Harness):
    @pytest.mark.parametrize("how", ["flush", "invalidate", "delete", "bump", "reject"])
    def test_what_another_takes_out_is_a_miss_at_once(self, url: str, store: Store, how: str) -> None:
        other = self.open(url)
        caches = [_cache(store), _cache(other)]
        for turn in range(4):
            here, there = caches[turn % 2], caches[1 - turn % 2]
            key = _remember(here)
            assert _ask(there).status == "hit"
            _take_out(there, how, key)
            assert _ask(here).status == "miss"
        other.close()


def _cache(store: Store, max_entries: int | None = None) -> PromptCache:
    rules = Rules(NamespaceRules(semantic=SemanticRules(match=True), bounds=Bounds(max_entries)))
    return PromptCache(store, rules=rules, embedder=Words())


def _take_out(cache: PromptCache, how: str, key: str) -> None:
    taking: dict[str, Callable[[], object]] = {
        "flush": lambda: cache.flush("default"),
        "flush all": cache.flush,
        "invalidate": lambda: cache.invalidate(EntryFilter(tags=("orders",))),
        "delete": lambda: cache.delete(key),
        "bump": lambda: cache.bump("default", ["orders"]),
        "reject": lambda: cache.reject(key),
    }
    taking[how]()


def _ask(
    cache: PromptCache, prompt: str = _ASKED, *, namespace: str = "default", attributes: dict[str, str] | None = None
) -> Outcome:
    return cache.lookup(Lookup(request=Request(prompt=prompt, namespace=namespace, attributes=attributes)))


def _remember(
    cache: PromptCache,
    prompt: str = _STORED,
    *,
    answer: bytes = _ANSWER,
    attributes: dict[str, str] | None = None,
    ttl: float | UnsetType = UNSET,
    cost_usd: float | None = None,
) -> str:
    stored = cache.store(
        NewEntry(
            request=Request(prompt=prompt, attributes=attributes),
            response=answer,
            tags=("orders",),
            depends_on=("orders",),
            ttl=ttl,
            cost_usd=cost_usd,
        )
    )
    assert stored.stored
    return stored.key
