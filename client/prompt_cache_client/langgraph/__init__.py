"""LangGraph: the answers of nodes and tasks that carry a `CachePolicy`, kept in Prompt Cache."""

from .node_cache import DependsOn, PromptCacheNodeCache
from .serde import NodeSerializer, Refused

__all__ = ["DependsOn", "NodeSerializer", "PromptCacheNodeCache", "Refused"]
