"""What was asked: the typed request and its canonical form."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from ..values.names import DEFAULT_NAMESPACE, Attributes, Namespace
from .normalize import Normalizer

Json = Any

# What does not shape the answer, named by path from the top of the request, never by name at any depth: a tool may
# well have a parameter called "user". `*` stands for each element of a list.
IGNORED_PATHS: tuple[tuple[str, ...], ...] = (
    ("params", "stream"),
    ("params", "stream_options"),
    ("params", "user"),
    ("params", "metadata"),
    ("params", "store"),
    ("params", "safety_identifier"),
    ("params", "prompt_cache_key"),
    ("params", "prompt_cache_retention"),
    ("params", "service_tier"),
    ("params", "background"),
    ("system", "*", "cache_control"),
    ("tools", "*", "cache_control"),
    ("messages", "*", "cache_control"),
    ("messages", "*", "content", "*", "cache_control"),
)

_IGNORED: dict[str, list[tuple[str, ...]]] = {}
for _path in IGNORED_PATHS:
    _IGNORED.setdefault(_path[0], []).append(_path[1:])


class Request(Struct, kw_only=True, forbid_unknown_fields=True):
    """Everything that shapes an answer. Exactly one of `prompt` and `messages` is given."""

    prompt: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    messages: Annotated[list[dict[str, Json]], Meta(min_length=1)] | UnsetType = UNSET
    system: str | list[Json] | None = None
    model: Annotated[str, Meta(max_length=256)] | None = None
    tools: list[Json] | None = None
    response_format: Json = None
    params: dict[str, Json] | None = None
    attributes: Attributes | None = None
    namespace: Namespace = DEFAULT_NAMESPACE
    normalize: str | list[str] | None = None

    @property
    def asks(self) -> bool:
        """Whether there is a question in it."""
        return self.prompt is not UNSET or self.messages is not UNSET

    def check(self) -> tuple[str, str] | None:
        """The (field, sentence) that is wrong with the question, if any."""
        if self.prompt is not UNSET and self.messages is not UNSET:
            return "messages", "give either `prompt` or `messages`, not both"
        if self.prompt is UNSET and self.messages is UNSET:
            return "prompt", "give `prompt` (text) or `messages` (a list of chat messages)"
        for at, message in enumerate(self.messages or ()):
            if not isinstance(message.get("role"), str):
                return f"messages.{at}.role", "each message needs a `role`, such as system, user or assistant"
        return None


def canonical(request: Request, normalizer: Normalizer, ignored: Sequence[tuple[str, ...]] = ()) -> dict[str, Json]:
    """The request as it goes into a key: user text normalized, unicode and numbers in one form, ignored paths gone.

    Two requests have equal canonical forms exactly when they ask the same thing. A `prompt` is one user message.
    """
    if request.prompt is not UNSET:
        messages: list[Json] = [{"role": "user", "content": normalizer(request.prompt)}]
    else:
        messages = [_normalized(message, normalizer) for message in request.messages or ()]
    parts: dict[str, Json] = {
        "namespace": request.namespace,
        "normalize": list(normalizer.steps),
        "messages": messages,
    }
    for name in ("system", "model", "tools", "response_format", "params", "attributes"):
        value = getattr(request, name)
        if value is not None and not (name in ("params", "attributes", "tools") and not value):
            parts[name] = value
    for name in parts.keys() & _IGNORED.keys():
        for path in _IGNORED[name]:
            parts[name] = _without(parts[name], path)
    for path in ignored:
        if path[0] in parts:
            parts[path[0]] = _without(parts[path[0]], path[1:])
    for name in ("params", "attributes"):
        if parts.get(name) == {}:
            del parts[name]
    return {name: one_form(value) for name, value in parts.items()}


def _normalized(message: dict[str, Json], normalizer: Normalizer) -> dict[str, Json]:
    if message.get("role") != "user":
        return message
    content = message.get("content")
    if isinstance(content, str):
        return {**message, "content": normalizer(content)}
    if isinstance(content, list):
        return {**message, "content": [_normalized_part(part, normalizer) for part in content]}
    return message


def _normalized_part(part: Json, normalizer: Normalizer) -> Json:
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return {**part, "text": normalizer(part["text"])}
    return part


def _without(value: Json, path: Sequence[str]) -> Json:
    """A copy of the value without what the path names; the value itself where there is nothing to leave out."""
    head, rest = path[0], path[1:]
    if head == "*":
        return [_without(item, rest) for item in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or head not in value:
        return value
    if rest:
        return {**value, head: _without(value[head], rest)}
    return {name: item for name, item in value.items() if name != head}


def one_form(value: Json) -> Json:
    """JSON with strings in NFC and each number in one form (1.0 is 1, -0 is 0)."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, list):
        return [one_form(item) for item in value]
    if isinstance(value, dict):
        named = {unicodedata.normalize("NFC", name): one_form(item) for name, item in value.items()}
        # Two names that are one in NFC would lose a value: leave such an object's names as they are.
        return named if len(named) == len(value) else {name: one_form(item) for name, item in value.items()}
    return value


def last_user_text(parts: Mapping[str, Json]) -> str:
    """The last user text of a canonical form; empty when there is none."""
    for message in reversed(parts["messages"]):
        if message.get("role") == "user":
            return text_of(message.get("content"))
    return ""


def all_text(parts: Mapping[str, Json]) -> str:
    """All the text of a canonical form."""
    texts = (text_of(parts.get("system")), *(text_of(message.get("content")) for message in parts["messages"]))
    return "\n".join(text for text in texts if text)


def text_of(content: Json) -> str:
    """The text in a message's content, parts joined by line breaks."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(
            part if isinstance(part, str) else part["text"]
            for part in content
            if isinstance(part, str) or (isinstance(part, dict) and isinstance(part.get("text"), str))
        )
    return ""
