"""LangChain's cache for models, in Prompt Cache."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.caches import BaseCache
from langchain_core.outputs import ChatGeneration, Generation

from .. import AsyncPromptCache, NotRecorded, Outcome, PromptCache, PromptCacheError
from ..answers import NotCacheable
from ..fields import Duration, Match
from ..tickets import Tickets
from .answers import generations_of, is_named_by_run, of_generations, renewed, usage_of
from .messages import of_dumped, written_conversation
from .models import of_llm_string
from .values import given, names

Json = Any

_ALL = "langchain"
"""The tag of all answers that models gave through LangChain's cache."""
_UNDER_WAY = 1000
"""Calls of models at once, whose prompts are held meanwhile."""
_NOT_LOOKED_UP = "LangChain's models are not looked up"
_NOT_STORED = "the answer of a model is not stored"


class PromptCacheLLMCache(BaseCache):
    """What models answered, for `set_llm_cache` or a model's `cache`.

    A cache that is away, or cannot keep an answer, is logged and never fails a call of a model. Only `clear` raises,
    because what stays would be served, and a lookup raises NotRecorded in a namespace that replays a cassette.
    """

    def __init__(
        self,
        client: PromptCache | AsyncPromptCache | str,
        *,
        namespace: str | None = None,
        ttl: Duration | None = None,
        max_age: Duration | None = None,
        match: Match | None = None,
        threshold: float | None = None,
        attributes: Mapping[str, str] | None = None,
        tags: str | Sequence[str] = (),
        depends_on: str | Sequence[str] = (),
        source: Mapping[str, str] | None = None,
    ) -> None:
        """`client` may be its URL; `namespace` goes before the client's own. Without a `ttl`, that of the namespace.

        What else there is goes with each lookup (`max_age`, `match`, `threshold`, `attributes`, `source`) and each
        answer (`tags`, `depends_on`).
        """
        chosen = PromptCache(client) if isinstance(client, str) else client
        self._sync = chosen if isinstance(chosen, PromptCache) else chosen.as_sync()
        self._async = chosen if isinstance(chosen, AsyncPromptCache) else chosen.as_async()
        self._shared = chosen._shared
        self._tickets = Tickets(_UNDER_WAY)
        self._of_requests = given(namespace=namespace, attributes=attributes and dict(attributes))
        self._of_lookups = given(max_age=max_age, match=match, threshold=threshold, source=source and dict(source))
        self._of_answers = given(ttl=ttl, source=source and dict(source)) | {
            "tags": [_ALL, *names(tags)],
            "depends_on": names(depends_on),
        }

    # -- what LangChain calls -----

    def lookup(self, prompt: str, llm_string: str) -> list[Generation] | None:
        try:
            if (request := self._request(prompt, llm_string)) is None:
                return None
            return self._found(prompt, llm_string, self._sync.lookup(request, **self._of_lookups))
        except Exception as error:
            self._failed(error)
            return None

    async def alookup(self, prompt: str, llm_string: str) -> list[Generation] | None:
        try:
            if (request := self._request(prompt, llm_string)) is None:
                return None
            return self._found(prompt, llm_string, await self._async.lookup(request, **self._of_lookups))
        except Exception as error:
            self._failed(error)
            return None

    def update(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        try:
            if (answer := self._answer(prompt, llm_string, return_val)) is not None:
                self._sync.store(**answer)
        except Exception as error:
            self._complain(_NOT_STORED, error)

    async def aupdate(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        try:
            if (answer := self._answer(prompt, llm_string, return_val)) is not None:
                await self._async.store(**answer)
        except Exception as error:
            self._complain(_NOT_STORED, error)

    def clear(self, **kwargs: Any) -> None:
        """Forget what models answered through this cache: all of it, or what meets conditions of `invalidate`.

        Raises PromptCacheError.
        """
        self._sync.invalidate(**self._meant(kwargs))

    async def aclear(self, **kwargs: Any) -> None:
        """Forget what models answered through this cache: all of it, or what meets conditions of `invalidate`.

        Raises PromptCacheError.
        """
        await self._async.invalidate(**self._meant(kwargs))

    # -- without a network -----

    def _request(self, prompt: str, llm_string: str) -> dict[str, Json] | None:
        """The question; None where it cannot be told from others."""
        fields, said = of_llm_string(llm_string), _said(prompt)
        if fields is None or said is None:
            return None
        return fields | said | {"params": {"langchain": "generations"} | fields["params"]} | self._of_requests

    def _found(self, prompt: str, llm_string: str, outcome: Outcome) -> list[Generation] | None:
        self._shared.recovered(_NOT_LOOKED_UP)
        if outcome.status == "hit":
            self._tickets.take(prompt, llm_string)
            try:
                return [_with_its_own_id(one) for one in generations_of(outcome.response)]
            except NotCacheable as error:
                self._complain("a stored answer cannot be read", error)
        elif outcome.ticket:
            self._tickets.miss(prompt, llm_string, outcome.ticket)
        return None

    def _answer(self, prompt: str, llm_string: str, generations: Sequence[Generation]) -> dict[str, Json] | None:
        """What is stored, if anything."""
        looked_up = self._tickets.take(prompt, llm_string)
        if (request := self._request(prompt, llm_string)) is None:
            return None
        if looked_up is None and self._of_answers["depends_on"]:
            return None  # without its lookup nobody knows from when its data is
        answer = {"response": of_generations(generations), "request": request} | self._of_answers
        if looked_up is not None:
            answer |= looked_up._asdict()
        return answer | given(usage=usage_of(generations))

    def _meant(self, conditions: Mapping[str, Json]) -> dict[str, Json]:
        return {"tags": [_ALL], **self._of_requests, **conditions}

    def _failed(self, error: Exception) -> None:
        if isinstance(error, NotRecorded):
            raise error
        self._complain(_NOT_LOOKED_UP, error)

    def _complain(self, about: str, error: Exception) -> None:
        """Say what is wrong, with words of ours alone: others' may repeat what was said."""
        ours = isinstance(error, PromptCacheError | NotCacheable)
        self._shared.warn(about, error if ours else type(error).__name__)


def _said(prompt: str) -> dict[str, Json] | None:
    """A conversation, or a plain prompt; None for one that cannot be told from others."""
    if (conversation := written_conversation(prompt)) is None:
        return {"prompt": prompt}
    messages = of_dumped(conversation)
    return None if messages is None else {"messages": messages}


def _with_its_own_id(generation: Generation) -> Generation:
    if isinstance(generation, ChatGeneration) and is_named_by_run(generation.message):
        generation.message = renewed(generation.message)
    return generation
