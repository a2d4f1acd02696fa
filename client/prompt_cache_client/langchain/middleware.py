"""LangChain's middleware for agents: what the model answered once is answered by the cache."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langgraph.errors import GraphBubbleUp

from .. import AsyncPromptCache, PromptCache
from ..acts import Acts
from ..answers import NotCacheable
from ..caching import terms_of
from ..errors import BadRequest
from ..fields import Duration, Match
from ..flights import LEASE, Flight, Terms, calling
from .agents import agent_name, of_request
from .models import running
from .responses import ResponseForm
from .values import given, names
from .witness import Witness, witness

T = TypeVar("T")
OfRequest: TypeAlias = T | Callable[[ModelRequest[Any]], T]
"""A value, or what gives it for a request: `lambda request: request.runtime.context.tenant`."""


class PromptCacheMiddleware(AgentMiddleware[Any, Any, Any]):
    """Put it last in an agent's list, so that it sees what the model is told, and the model that is asked.

    The whole request is the question: the model and its settings, system prompt, messages, tools, answer format.
    A cache that is away never fails a call. Raised is only what the model raises, what the functions given here raise,
    and NotRecorded in a namespace that replays a cassette.
    """

    def __init__(
        self,
        client: PromptCache | AsyncPromptCache | str,
        *,
        namespace: str | None = None,
        cache_tool_calls: bool = False,
        ttl: Duration | None = None,
        max_age: Duration | None = None,
        max_stale: Duration | None = None,
        match: Match | None = None,
        threshold: float | None = None,
        attributes: OfRequest[Mapping[str, OfRequest[str]]] | None = None,
        tags: OfRequest[str | Sequence[str]] = (),
        depends_on: OfRequest[str | Sequence[str]] = (),
        source: OfRequest[Mapping[str, str]] | None = None,
        lease: float = LEASE,
    ) -> None:
        """`client` may be its URL; `namespace` goes before the client's own. Without a `ttl`, that of the namespace.

        Answers that call tools are kept only with `cache_tool_calls`. When the model fails, an answer that expired less
        than `max_stale` ago takes its place. `attributes` such as the tenant belong to the question. Equal requests
        at the same time are asked once; others wait up to `lease` seconds for one that does not come back.
        """
        super().__init__()
        chosen = PromptCache(client) if isinstance(client, str) else client
        self._sync = chosen if isinstance(chosen, PromptCache) else chosen.as_sync()
        self._async = chosen if isinstance(chosen, AsyncPromptCache) else chosen.as_async()
        self._shared = chosen._shared
        self._namespace = namespace or chosen.namespace
        self._cache_tool_calls = cache_tool_calls
        self._how = given(ttl=ttl, max_age=max_age, max_stale=max_stale, match=match, threshold=threshold, lease=lease)
        self._attributes = attributes
        self._tags = tags
        self._depends_on = depends_on
        self._source = source

    # -- what LangChain calls -----

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        if (terms := self._terms(request)) is None:
            return handler(request)

        def call() -> ModelResponse[Any]:
            try:
                with running(request.model):
                    return handler(request)
            except GraphBubbleUp as error:
                raise _Interrupted(error) from None

        with witness() as seen:
            try:
                return self._sync._run(self._answer(request, terms, seen, call))
            except _Interrupted as interrupted:
                raise interrupted.error from None

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        if (terms := self._terms(request)) is None:
            return await handler(request)

        async def call() -> ModelResponse[Any]:
            try:
                with running(request.model):
                    return await handler(request)
            except GraphBubbleUp as error:
                raise _Interrupted(error) from None

        with witness() as seen:
            try:
                return await self._async._run(self._answer(request, terms, seen, call))
            except _Interrupted as interrupted:
                raise interrupted.error from None

    # -- without a network -----

    def _answer(
        self, request: ModelRequest[Any], terms: Terms, seen: Witness, call: Callable[[], Any]
    ) -> Acts[ModelResponse[Any]]:
        form = ResponseForm(request, seen, cache_tool_calls=self._cache_tool_calls)
        return calling(Flight(self._shared, terms, form), call, self._shared.clock)

    def _terms(self, request: ModelRequest[Any]) -> Terms | None:
        """What is asked and kept; None where the cache cannot be used."""
        attributes = _told(self._attributes, request)
        how = self._how | given(
            attributes=attributes and {name: _told(value, request) for name, value in attributes.items()},
            tags=names(_told(self._tags, request)),
            depends_on=names(_told(self._depends_on, request)),
            source=_told(self._source, request) or given(workflow=agent_name()),
        )
        try:
            if (asked := of_request(request)) is None:
                raise NotCacheable("something in the request has no form of its own")
            # Who waited for an answer that only calls tools, and so is not kept, shall not wait for the next as well.
            waits_once = bool(request.tools) and not self._cache_tool_calls
            return replace(terms_of(asked, how, self._namespace), waits_once=waits_once)
        except Exception as error:
            ours = isinstance(error, BadRequest | NotCacheable)
            self._shared.warn("a model is called without the cache", error if ours else type(error).__name__)
            return None


def _told(value: Any, request: ModelRequest[Any]) -> Any:
    return value(request) if callable(value) else value


class _Interrupted(BaseException):
    """A graph stops on purpose in the middle of a call: no failure that an old answer could make up for."""

    def __init__(self, error: GraphBubbleUp) -> None:
        self.error = error
