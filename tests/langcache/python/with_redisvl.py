"""RedisVL's LangCacheSemanticCache: what its own tests, which run beside these, leave out."""

import os

import pytest
from langcache.errors import FailedDependencyErrorResponseContent
from redisvl.extensions.cache.llm import LangCacheSemanticCache


def cache_of(cache_id: str, **options: bool) -> LangCacheSemanticCache:
    return LangCacheSemanticCache(
        server_url=os.environ["CACHE_SERVER_URL"], cache_id=cache_id, api_key="ours-token", **options
    )


@pytest.mark.parametrize("value", ["a,b/c", "50%", "%2C", "größe ✓ 😀", "x" * 3000, "a b\n"])
def test_attributes__come_back_as_they_were(cache_id: str, value: str) -> None:
    cache = cache_of(cache_id)
    entry_id = cache.store("Hours?", "at nine", metadata={"tenant": value})
    cache.store("Hours?", "at ten", metadata={"tenant": "another"})
    (hit,) = cache.check("Hours?", attributes={"tenant": value}, distance_threshold=0.1)
    assert (hit["entry_id"], hit["response"], hit["vector_distance"]) == (entry_id, "at nine", 0.0)
    assert hit["metadata"] == {"tenant": value}
    assert cache.check("Hours?", attributes={"tenant": f"{value}!"}) == []
    assert cache.delete_by_attributes({"tenant": value}) == {"deleted_entries_count": 1}
    assert cache.check("Hours?", attributes={"tenant": value}) == []


def test_search__needs_exact_matching(cache_id: str) -> None:
    cache_of(cache_id).store("Hours?", "at nine")
    assert len(cache_of(cache_id, use_semantic_search=False).check("Hours?")) == 1
    with pytest.raises(FailedDependencyErrorResponseContent):
        cache_of(cache_id, use_exact_search=False).check("Hours?")
