"""`prompt-cache evaluate` judges as the cache answers: what it calls served is a hit, and nothing else is."""

from collections.abc import Iterator

import pytest

from prompt_cache.config import configured
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.semantic.evaluation.pairs import Pair, Side, read_pairs
from prompt_cache.service.evaluating import evaluate
from prompt_cache.service.open import open_cache

from .halves import HALVES
from .watching import nobody

CONFIG = configured({"store": "memory://", "embedder": "local", "defaults": {"match": "semantic"}})
TALK = [{"role": "system", "content": "You work for a museum."}, {"role": "user", "content": "How do I get a ticket?"}]
TALKS = [
    Pair(1, TALK, [TALK[0], {"role": "user", "content": "Please, how do I get a ticket?"}], same=True),
    Pair(2, TALK, [{"role": "user", "content": "Please, how do I get a ticket?"}], same=False),
    Pair(3, [*TALK, *TALK, TALK[1]], [*TALK, *TALK, {"role": "user", "content": "how do I get a ticket"}], same=True),
]


@pytest.fixture(scope="module")
def cache() -> Iterator[PromptCache]:
    cache = open_cache(CONFIG, lambda _event, _cause: None)
    yield cache
    cache.close()


def _some_pairs() -> list[Pair]:
    found = []
    for file in HALVES["development"]:
        with file.open("rb") as lines:
            found += read_pairs(lines, file.name)
    return [*found[::13], *TALKS]


def _request(side: Side, namespace: str) -> Request:
    if isinstance(side, str):
        return Request(prompt=side, namespace=namespace)
    return Request(messages=side, namespace=namespace)


def _is_served(cache: PromptCache, pair: Pair, namespace: str) -> bool:
    """In a namespace with nothing else in it."""
    cache.store(NewEntry(request=_request(pair.b, namespace), response=b'{"text":"an answer"}'))
    return cache.lookup(Lookup(request=_request(pair.a, namespace))).status == "hit"


def test_what_evaluate_calls_served__is_a_hit_and_nothing_else(cache: PromptCache) -> None:
    pairs = _some_pairs()
    found = evaluate(CONFIG, pairs, namespace="default", watch=nobody)
    assert found.threshold is not None
    judged = [each.served(found.threshold) for each in found.judged]
    served = [_is_served(cache, pair, f"pair-{at}") for at, pair in enumerate(pairs)]
    assert served == judged
    assert 10 < sum(served) < len(pairs) - 10
