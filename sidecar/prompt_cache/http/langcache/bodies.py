"""What LangCache's clients send and get, and what it means to the cache: a body is a request, and back."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ...core.alike import MOST, Alike
from ...core.store import NewEntry
from ...keying.request import Request
from ...values.names import Name
from ..failures import HttpError

Text = Annotated[str, Meta(min_length=1)]
# A chain's whole description is one attribute to langchain-redis, percent-encoded twice.
Attributes = Annotated[dict[Name, Annotated[str, Meta(max_length=16384)]], Meta(max_length=64)]
Strategy = Literal["exact", "semantic"]

_NO_EMBEDDER = "semantic search needs an embedder, and none is configured here; add `exact` to searchStrategies"


class SearchBody(Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A prompt, and which of its answers will do."""

    prompt: Text
    similarity_threshold: Annotated[float, Meta(ge=0, le=1)] | None = None
    search_strategies: Annotated[list[Strategy], Meta(max_length=10)] | None = None
    attributes: Attributes | None = None
    max_results: Annotated[int, Meta(ge=1, le=MOST)] | None = None

    @property
    def asked(self) -> str:
        """The prompt, with all that it takes to understand it."""
        return self.prompt

    def request(self, namespace: str) -> Request:
        """Raises an HttpError of 424: matching is by identity, so any threshold is met by what is found."""
        if self.search_strategies and "exact" not in self.search_strategies:
            raise HttpError(424, "no-embedder", _NO_EMBEDDER)
        return Request(prompt=self.asked, attributes=self.attributes or None, namespace=namespace)


class ConversationBody(SearchBody, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A prompt that follows on earlier ones."""

    context: Annotated[list[str], Meta(max_length=1000)] | None = None
    """Earlier questions, oldest first."""

    @property
    def asked(self) -> str:
        """The prompt with the questions before it, each on a line of its own, so that no two conversations are one."""
        if not self.context:
            return self.prompt
        earlier = "\n".join(f"- {_quoted(each)}" for each in self.context)
        return f"Earlier questions, oldest first:\n{earlier}\nQuestion: {_quoted(self.prompt)}"


class SetBody(Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """An answer to keep."""

    prompt: Text
    response: Text
    attributes: Attributes | None = None
    ttl_millis: Annotated[int, Meta(ge=1, le=31_556_952_000)] | None = None

    def new_entry(self, namespace: str, ticket: str) -> NewEntry:
        return NewEntry(
            response=msgspec.json.encode(self.response),
            request=Request(prompt=self.prompt, attributes=self.attributes or None, namespace=namespace),
            ticket=ticket,
            ttl=UNSET if self.ttl_millis is None else self.ttl_millis / 1000,
        )


class DeleteBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which entries to delete: those that carry all of these."""

    attributes: Attributes


class CacheEntry(Struct, kw_only=True, frozen=True, rename="camel"):
    """An answer that was found; all its fields are always there."""

    id: str
    prompt: str
    response: str
    attributes: dict[str, str]
    similarity: float = 1.0
    search_strategy: Strategy = "exact"

    @classmethod
    def of(cls, prompt: str, found: Alike) -> "CacheEntry | None":
        """None for an answer that is no text: it came by another API, and is nothing that can be said here.

        The prompt is the one that was asked, which is that of the entry but for its blanks.
        """
        try:
            response = msgspec.json.decode(found.entry.response, type=str)
        except msgspec.ValidationError:
            return None
        return cls(id=found.key, prompt=prompt, response=response, attributes=found.entry.attributes)


class Found(Struct, frozen=True):
    """What a search found; nothing is no error."""

    data: list[CacheEntry]


class FoundInConversation(Struct, frozen=True, rename="camel"):
    """What a search found, and what was searched for: to be set with its answer."""

    actual_prompt: str
    data: list[CacheEntry]


class SetAnswer(Struct, frozen=True, rename="camel"):
    """Under which id an answer is found. One that is not kept says why, in fields that SDKs pass over."""

    entry_id: str
    stored: bool | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class DeletedAnswer(Struct, frozen=True, rename="camel"):
    """How many entries are gone."""

    deleted_entries_count: int


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
