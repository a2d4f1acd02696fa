"""LangGraph: the answers of nodes and tasks that carry a `CachePolicy`, kept in Prompt Cache."""

try:
    import langgraph.cache.base as _there  # noqa: F401
except ImportError:
    raise ImportError("the node cache needs LangGraph: pip install 'prompt-cache-client[langgraph]'") from None

from .node_cache import DependsOn, PromptCacheNodeCache
from .serde import NodeSerializer, Refused

__all__ = ["DependsOn", "NodeSerializer", "PromptCacheNodeCache", "Refused"]
