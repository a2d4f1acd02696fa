"""What LangCache's clients send and get, and what it means to the cache: a body is a request, and back."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ...core.alike import MOST, Alike, Beyond
from ...core.entry import Entry
from ...core.store import NewEntry
from ...keying.request import Request
from ...values.names import Name
from ...values.validation import Fault, Invalid
from ..failures import HttpError

Text = Annotated[str, Meta(min_length=1)]
# A chain's whole description is one attribute to langchain-redis, percent-encoded twice.
Attributes = Annotated[dict[Name, Annotated[str, Meta(max_length=16384)]], Meta(max_length=64)]
# n8n's Edit Fields makes texts of numbers.
Share = Annotated[float, Meta(ge=0, le=1)] | str
Results = Annotated[int, Meta(ge=1, le=MOST)] | str
Millis = Annotated[int, Meta(ge=1, le=31_556_952_000)] | str
Strategy = Literal["exact", "semantic"]

_NO_EMBEDDER = "semantic search needs an embedder, and none is configured here; add `exact` to searchStrategies"


class SearchBody(Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A prompt, and which of its answers will do."""

    prompt: Text
    similarity_threshold: Share | None = None
    search_strategies: Annotated[list[Strategy], Meta(max_length=10)] | None = None
    attributes: Attributes | None = None
    max_results: Results | None = None

    @property
    def asked(self) -> str:
        """The prompt, with all that it takes to understand it."""
        return self.prompt

    @property
    def most(self) -> int:
        """How many answers are wanted. Raises Invalid."""
        most = _number("maxResults", self.max_results, Results)
        return 1 if most is None else int(most)

    def beyond(self, matches: Sequence[str]) -> Beyond | None:
        """How far beyond the same prompt is searched. Raises an HttpError of 424, Invalid."""
        threshold = _number("similarityThreshold", self.similarity_threshold, Share)
        strategies = self.search_strategies or ("exact", "semantic")
        if "semantic" in matches:
            return Beyond(threshold) if "semantic" in strategies else None
        if "exact" not in strategies:
            raise HttpError(424, "no-embedder", _NO_EMBEDDER)
        return None

    def request(self, namespace: str) -> Request:
        """What is asked."""
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
    ttl_millis: Millis | None = None

    def new_entry(self, namespace: str, ticket: str, caller: str) -> NewEntry:
        """Raises Invalid."""
        millis = _number("ttlMillis", self.ttl_millis, Millis)
        return NewEntry(
            response=msgspec.json.encode(self.response),
            request=Request(prompt=self.prompt, attributes=self.attributes or None, namespace=namespace),
            ticket=ticket,
            ttl=UNSET if millis is None else millis / 1000,
            match="semantic",
            caller=caller,
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
    def of(cls, prompt: str, found: Alike) -> "CacheEntry":
        """The prompt is the one that was asked, which is that of the entry but for its blanks, or else the entry's."""
        return cls(
            id=found.key,
            prompt=found.question or prompt,
            response=msgspec.json.decode(found.entry.response, type=str),
            attributes=found.entry.attributes,
            similarity=found.similarity,
            search_strategy="semantic" if found.question else "exact",
        )


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


def is_text(entry: Entry) -> bool:
    """Whether its answer can be said here; one that came by another API need not be a text."""
    try:
        msgspec.json.decode(entry.response, type=str)
    except msgspec.ValidationError:
        return False
    return True


def _number(field: str, value: float | str | None, type_: Any) -> float | None:
    """A number, or one that is written as text. Raises Invalid."""
    if not isinstance(value, str):
        return value
    number, _ = get_args(type_)
    try:
        return float(msgspec.json.decode(value, type=number))
    except (msgspec.DecodeError, RecursionError):
        bounds = number.__metadata__[0]
        raise Invalid([Fault((field,), f"give a number from {bounds.ge} to {bounds.le}")]) from None


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
