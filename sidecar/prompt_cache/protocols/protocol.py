"""What the flow around the providers asks of each of their protocols."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from ..keying.request import Request
from .framing import Framing

Json = Any
Body = dict[str, Any]


class Wire(Struct, frozen=True):
    """One call of a model as it came: its path below the provider's prefix, without a leading slash, and its body."""

    path: str
    query: Mapping[str, str]
    body: Body


class Call(Struct, frozen=True, kw_only=True):
    """What a call asks for."""

    request: Request | None = None
    """What identifies it, namespace and headers apart; None where it passes through."""
    bypass: str = ""
    """Why it is never answered from the cache."""
    framing: Framing | None = None
    """How its answer is streamed; None where it comes in one piece."""
    with_usage: bool = True
    """Whether a stream tells what was used."""


class Endpoint(ABC):
    """One kind of call that can be answered from a cache."""

    name: str
    converses: bool = True
    """Whether it answers what somebody says. To any other, a text that is worded differently is another one."""

    @abstractmethod
    def is_at(self, path: str) -> bool:
        """Whether this is what is called at a path."""

    @abstractmethod
    def read(self, wire: Wire) -> Call: ...

    def of_either_form(self, url: str) -> str:
        """The address that stands for this one in a key, where streams have one of their own."""
        return url

    @abstractmethod
    def without_usage(self, answer: Json) -> Json:
        """A body or an event whose counts are zero, since nothing was used."""


class Streamed(Endpoint):
    """An endpoint whose answer comes as one body or as a stream of events.

    It is kept as the provider sent it; each can be made of the other.
    """

    @abstractmethod
    def is_last(self, event: Json) -> bool:
        """Whether the protocol ends its answer with this event. One that ends otherwise was cut off."""

    def is_failure(self, event: Json) -> bool:
        """Whether an event says that the provider failed in the middle of its answer."""
        return isinstance(event, dict) and bool(event.get("error"))

    @abstractmethod
    def collected(self, events: Sequence[Json]) -> Json:
        """The body that says what these events said."""

    @abstractmethod
    def events(self, body: Json) -> list[Json]:
        """The events that say what this body says."""

    def untold(self, events: list[Json]) -> list[Json]:
        """The events for who did not ask what was used, where a protocol lets callers choose."""
        return events


class Batch(Endpoint):
    """An endpoint that takes many questions at once, each of which is cached by itself."""

    converses = False

    @abstractmethod
    def questions(self, body: Body) -> list[Request]:
        """What is asked, one by one."""

    @abstractmethod
    def asking(self, body: Body, positions: Sequence[int]) -> Body:
        """The call that asks only for those."""

    @abstractmethod
    def answers(self, body: Body) -> list[Json]:
        """The answer to each question, as it is kept. Raises ValueError where they are not all there."""

    @abstractmethod
    def joined(self, answers: Sequence[Json]) -> Body:
        """The body with all of them, in the order of the questions."""


def request_of(body: Body, fields: Mapping[str, str]) -> Request | None:
    """A request of a body's fields by the names in `fields` (wire name to ours); all others shape the answer too.

    None where the fields do not have the form in which providers take them: then the provider says what is wrong.
    """
    known: dict[str, Any] = {ours: body[wire] for wire, ours in fields.items() if body.get(wire) is not None}
    params = {name: value for name, value in body.items() if name not in fields and value is not None}
    messages = known.get("messages")
    if messages is not None and not (
        isinstance(messages, list) and messages and all(isinstance(message, dict) for message in messages)
    ):
        return None
    if not isinstance(known.get("prompt", ""), str) or not isinstance(known.get("model", ""), str):
        return None
    if not isinstance(known.get("tools", []), list) or not isinstance(known.get("system", ""), str | list):
        return None
    request = Request(**known, params=params or None)
    return None if request.check() else request


PIECE = 24
"""Characters in each piece of a text that was not sent in pieces."""


def pieces(text: str) -> list[str]:
    """A text cut between words, for a stream of what was no stream."""
    cut, start = [], 0
    while start < len(text):
        end = start + PIECE
        if end < len(text):
            end = (text.find(" ", end) + 1) or len(text)
        cut.append(text[start:end])
        start = end
    return cut


def joined(known: Json, more: Json) -> Json:
    """Lists one after the other, also those in two objects; else what is there."""
    if isinstance(known, list) and isinstance(more, list):
        return known + more
    if isinstance(known, dict) and isinstance(more, dict):
        return {**known, **{name: joined(known.get(name), value) for name, value in more.items()}}
    return known if more is None else more


def zeroed(value: Json) -> Json:
    """The same with each number zero."""
    if isinstance(value, dict):
        return {name: zeroed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [zeroed(item) for item in value]
    return 0 if isinstance(value, int | float) and not isinstance(value, bool) else value


def with_zero(body: Json, *names: str) -> Json:
    """A body whose fields of these names have no count but zero."""
    if not isinstance(body, dict) or not any(body.get(name) for name in names):
        return body
    return {name: zeroed(item) if name in names else item for name, item in body.items()}
