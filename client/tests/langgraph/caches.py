"""LangGraph's own cache and ours, side by side, called either way."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from langgraph.cache.base import BaseCache, FullKey
from langgraph.cache.memory import InMemoryCache

from prompt_cache_client import PromptCache
from prompt_cache_client.langgraph import PromptCacheNodeCache

MakeCache = Callable[[], BaseCache[Any]]

_number = itertools.count()


def reference() -> BaseCache[Any]:
    return InMemoryCache()


def ours() -> PromptCacheNodeCache:
    """In this process, in memory."""
    return PromptCacheNodeCache(PromptCache("memory://"), namespace=f"test-{next(_number)}")


class Calls:
    """A cache's methods, called synchronously or on an event loop of its own."""

    def __init__(self, cache: BaseCache[Any], *, on_a_loop: bool) -> None:
        self._cache = cache
        self._on_a_loop = on_a_loop

    def get(self, keys: list[FullKey]) -> dict[FullKey, Any]:
        return asyncio.run(self._cache.aget(keys)) if self._on_a_loop else self._cache.get(keys)

    def set(self, pairs: dict[FullKey, tuple[Any, int | None]]) -> None:
        if self._on_a_loop:
            asyncio.run(self._cache.aset(pairs))
        else:
            self._cache.set(pairs)

    def clear(self, namespaces: list[tuple[str, ...]] | None = None) -> None:
        if self._on_a_loop:
            asyncio.run(self._cache.aclear(namespaces))
        else:
            self._cache.clear(namespaces)
