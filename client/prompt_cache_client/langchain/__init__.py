"""LangChain: a cache for its models, and a middleware for its agents."""

from .llm_cache import PromptCacheLLMCache
from .middleware import PromptCacheMiddleware

__all__ = ["PromptCacheLLMCache", "PromptCacheMiddleware"]
