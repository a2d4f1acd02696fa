"""LangChain's own suites for caches, over HTTP."""

import itertools

import pytest
from langchain_tests.integration_tests.cache import AsyncCacheTestSuite, SyncCacheTestSuite

from prompt_cache_client import AsyncPromptCache, PromptCache
from prompt_cache_client.langchain import PromptCacheLLMCache
from stack import Sidecar

_number = itertools.count()


class TestSync(SyncCacheTestSuite):
    @pytest.fixture
    def cache(self, server: Sidecar) -> PromptCacheLLMCache:
        client = PromptCache(server.url, token=server.token)
        return PromptCacheLLMCache(client, namespace=f"suite-{next(_number)}")


class TestAsync(AsyncCacheTestSuite):
    @pytest.fixture
    async def cache(self, server: Sidecar) -> PromptCacheLLMCache:
        client = AsyncPromptCache(server.url, token=server.token)
        return PromptCacheLLMCache(client, namespace=f"suite-{next(_number)}")
