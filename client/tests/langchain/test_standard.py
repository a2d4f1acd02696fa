"""LangChain's own suites for caches, on one in this process."""

from collections.abc import AsyncIterator, Iterator

import pytest
from langchain_tests.integration_tests.cache import AsyncCacheTestSuite, SyncCacheTestSuite

from prompt_cache_client import AsyncPromptCache, PromptCache
from prompt_cache_client.langchain import PromptCacheLLMCache


class TestSync(SyncCacheTestSuite):
    @pytest.fixture
    def cache(self) -> Iterator[PromptCacheLLMCache]:
        with PromptCache("memory://") as client:
            yield PromptCacheLLMCache(client)


class TestAsync(AsyncCacheTestSuite):
    @pytest.fixture
    async def cache(self) -> AsyncIterator[PromptCacheLLMCache]:
        async with AsyncPromptCache("memory://") as client:
            yield PromptCacheLLMCache(client)
