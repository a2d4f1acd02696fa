"""langchain-redis' LangCacheSemanticCache.

Its package ships no tests. These are LangChain's own for caches, and the cases of its repository told anew.
"""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from langchain_core.caches import BaseCache
from langchain_core.globals import set_llm_cache
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, Generation
from langchain_redis import LangCacheSemanticCache
from langchain_tests.integration_tests import AsyncCacheTestSuite, SyncCacheTestSuite


def new_cache(cache_id: str, **options: float) -> BaseCache:
    cache: BaseCache = LangCacheSemanticCache(
        server_url=os.environ["CACHE_SERVER_URL"], cache_id=cache_id, api_key="ours-token", **options
    )
    return cache


class TestSync(SyncCacheTestSuite):
    @pytest.fixture
    def cache(self) -> BaseCache:
        return new_cache(f"ours-{uuid4().hex[:12]}")


class TestAsync(AsyncCacheTestSuite):
    @pytest.fixture
    async def cache(self) -> BaseCache:
        return new_cache(f"ours-{uuid4().hex[:12]}")


def test_round_trip(cache_id: str) -> None:
    cache = new_cache(cache_id, ttl=60, distance_threshold=0.2)
    cache.update("What is Redis?", "tests/with,attributes:sync", [Generation(text="A data store.")])
    hits = cache.lookup("What is Redis?", "tests/with,attributes:sync")
    assert hits
    assert [hit.text for hit in hits] == ["A data store."]
    assert cache.lookup("What is Redis?", "tests/with,attributes:other") is None
    cache.clear()
    assert cache.lookup("What is Redis?", "tests/with,attributes:sync") is None


async def test_round_trip__async(cache_id: str) -> None:
    cache = new_cache(cache_id, ttl=60)
    await cache.aupdate("What is Redis?", "tests:async", [ChatGeneration(message=AIMessage("A data store."))])
    hits = await cache.alookup("What is Redis?", "tests:async")
    assert hits
    assert hits[0].text == "A data store."
    await cache.aclear()
    assert await cache.alookup("What is Redis?", "tests:async") is None


@pytest.fixture
def global_cache(cache_id: str) -> Iterator[None]:
    set_llm_cache(new_cache(cache_id))
    yield
    set_llm_cache(None)


@pytest.mark.usefixtures("global_cache")
def test_a_models_own_description_is_no_obstacle() -> None:
    """What langchain-redis makes of it is thousands of characters, encoded twice."""
    stop = ["\n\nObservation: {x}, %/?"] * 40
    model = GenericFakeChatModel(messages=iter([AIMessage("first"), AIMessage("second")]))
    assert model.invoke("Hours?", stop=stop).content == "first"
    assert model.invoke("Hours?", stop=stop).content == "first"
    assert model.invoke("Hours?", stop=["another"]).content == "second"
