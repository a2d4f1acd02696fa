"""What those see who look into the cache, count it, and take answers out of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from prompt_cache_client import PromptCache
from prompt_cache_client.langgraph import PromptCacheNodeCache

from .runs import Runs
from .test_graphs import Called, line


@pytest.fixture
def client() -> Iterator[PromptCache]:
    with PromptCache("memory://", namespace="app") as client:
        yield client


def runs_of(client: PromptCache, **options: Any) -> Runs:
    return Runs(PromptCacheNodeCache(client, **options), None, on_a_loop=False)


def test_a_node_is_taken_out_by_its_tag(client: PromptCache) -> None:
    runs, graph = runs_of(client), line(Called())
    runs.updates(graph, {"question": "a"})
    assert client.invalidate(tags=["node:first"]) == 1
    assert runs.from_cache(graph, {"question": "a"}) == ["last"]


def test_clearing_leaves_what_is_no_nodes(client: PromptCache) -> None:
    runs, graph = runs_of(client), line(Called())
    client.store("answer", request="prompt")
    runs.updates(graph, {"question": "a"})
    runs.cache.clear()
    assert runs.from_cache(graph, {"question": "a"}) == []
    assert client.lookup("prompt").status == "hit"


def test_clearing_a_namespace_clears_what_lies_below_it(client: PromptCache) -> None:
    """As LangGraph's Redis cache does; the others clear that one namespace alone."""
    cache: PromptCacheNodeCache = PromptCacheNodeCache(client)
    keys = [(("graph",), "1"), (("graph", "node"), "2"), (("graph", "node", "deep"), "3"), (("graphs",), "4")]
    cache.set(dict.fromkeys(keys, (1, None)))
    cache.clear([("graph", "node")])
    assert list(cache.get(keys)) == [keys[0], keys[3]]
    cache.clear([(f"none-{at}",) for at in range(150)] + [("graph",)])
    assert list(cache.get(keys)) == [keys[3]]
    cache.clear([()])
    assert cache.get(keys) == {}


def test_namespaces_of_the_cache_keep_apps_apart(client: PromptCache) -> None:
    one, other = runs_of(client, namespace="one"), runs_of(client, namespace="other")
    graph = line(Called())
    one.updates(graph, {"question": "a"})
    assert other.from_cache(graph, {"question": "a"}) == []
    other.cache.clear()
    assert one.from_cache(graph, {"question": "a"}) == ["first", "last"]
    assert client.stats()["entries"] == 0
    assert client.stats(namespace="one")["entries"] == 2


def test_statistics_by_node_without_tokens_that_nobody_knows(client: PromptCache) -> None:
    runs, graph = runs_of(client), line(Called())
    for _ in range(3):
        runs.updates(graph, {"question": "a"})
    stats = client.stats(group_by="node")
    by_node = {each["group"]: (each["hits"], each["misses"]) for each in stats["groups"]}
    assert by_node == {"first": (2, 1), "last": (2, 1)}
    assert (stats["saved"]["input_tokens"], stats["saved"]["output_tokens"]) == (0, 0)


def test_a_policy_without_a_life_takes_that_of_the_namespace() -> None:
    settings = {"namespaces": {"brief": {"ttl": 60}, "endless": {"ttl": None}}, "never_expires": True}
    with PromptCache("memory://", settings=settings) as client:
        ttls = {}
        for namespace in ("brief", "endless", "other"):
            cache: PromptCacheNodeCache = PromptCacheNodeCache(client, namespace=namespace)
            key = (("graph", "node"), "key")
            cache.set({key: (1, None)})
            ttls[namespace] = client.lookup(cache._request(key)).ttl
        assert ttls["brief"] == pytest.approx(60, abs=5)
        assert ttls["endless"] is None
        assert ttls["other"] == pytest.approx(86400, abs=5)
