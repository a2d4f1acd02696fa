"""LangChain's own suites for caches, on one in this process."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from langchain_tests.integration_tests.cache import AsyncCacheTestSuite, SyncCacheTestSuite

from prompt_cache_client import AsyncPromptCache, PromptCache
from prompt_cache_client.langchain import PromptCacheLLMCache


class TestSync(SyncCacheTestSuite):
    @pytest.fixture
    def cache(self) -> Iterator[PromptCacheLLMCache]:
        with PromptCache("memory://") as client:
            yield PromptCacheLLMCache(client)


@pytest.mark.asyncio
class TestAsync(AsyncCacheTestSuite):
    @pytest_asyncio.fixture
    async def cache(self) -> AsyncIterator[PromptCacheLLMCache]:  # type: ignore[override]
        async with AsyncPromptCache("memory://") as client:
            yield PromptCacheLLMCache(client)
