"""LangChain: a cache for its models, and a middleware for its agents."""

try:
    import langchain.agents.middleware as _there  # noqa: F401
except ImportError:
    raise ImportError(
        "the LLM cache and the middleware need LangChain: pip install 'prompt-cache-client[langchain]'"
    ) from None

from .llm_cache import PromptCacheLLMCache
from .middleware import PromptCacheMiddleware

__all__ = ["PromptCacheLLMCache", "PromptCacheMiddleware"]
