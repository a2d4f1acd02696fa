"""What LangChain's callers say of matching, on its way to the cache."""

from typing import Any

from prompt_cache_client.langchain import PromptCacheLLMCache, PromptCacheMiddleware

from ..conftest import StubServer
from .fakes import Model, agent_of

MISS = {"status": "miss", "key": "k", "ticket": "t"}
MATCHED = {"match": "semantic", "threshold": 0.9}


def lookups(stub: StubServer) -> list[dict[str, Any]]:
    return [body for _, path, body in stub.asked if path == "/v1/lookup"]


def test_a_model_is_matched_as_its_cache_says(stub: StubServer) -> None:
    stub.says = lambda path, _body: (200, MISS if path == "/v1/lookup" else {"key": "k", "stored": True})
    Model("hello", cache=PromptCacheLLMCache(stub.url, match="semantic", threshold=0.9)).invoke("hi")
    Model("hello", cache=PromptCacheLLMCache(stub.url)).invoke("hi")
    said, nothing = lookups(stub)
    assert MATCHED.items() <= said.items()
    assert not MATCHED.keys() & nothing.keys()


def test_an_agent_is_matched_as_its_middleware_says(stub: StubServer) -> None:
    stub.says = lambda path, _body: (200, MISS if path == "/v1/lookup" else {"key": "k", "stored": True})
    for middleware in (
        PromptCacheMiddleware(stub.url, match="semantic", threshold=0.9),
        PromptCacheMiddleware(stub.url),
    ):
        agent_of(Model("hello"), middleware=[middleware]).invoke({"messages": [("user", "hi")]})
    said, nothing = lookups(stub)
    assert MATCHED.items() <= said.items()
    assert not MATCHED.keys() & nothing.keys()
