"""What was asked: the typed request and its canonical form."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from ..values.names import DEFAULT_NAMESPACE, Attributes, Namespace
from .messages import Conversation, is_user, texts_of
from .normalize import Normalizer, Steps
from .schemas import answer_format, parameters, tools

Json = Any

IGNORED_PARAMS = frozenset(
    (
        "stream",
        "stream_options",
        "user",
        "metadata",
        "store",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_retention",
        "service_tier",
        "background",
        "cache_control",
    )
)
"""Parameters that do not shape the answer; by these names at this place alone: a tool may have a parameter `user`."""


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
    normalize: str | Steps | None = None

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
            # An item of OpenAI's Responses that nobody says, such as a tool's output, has a type instead.
            if not isinstance(message.get("role"), str) and not (
                isinstance(message.get("type"), str) and message.get("role") is None
            ):
                return f"messages.{at}.role", "each message needs a `role`, such as system, user or assistant"
        return None


def canonical(
    request: Request, normalizer: Normalizer, ignored: Sequence[tuple[str, ...]] = (), *, mask_system: bool = False
) -> dict[str, Json]:
    """The request as it goes into a key: user prose normalized, one form for each way to say the same.

    Two requests have equal canonical forms exactly when they ask the same thing. A `prompt` is one user message,
    `system` a leading system message.

    `ignored` are paths in the request as it was sent; with `mask_system`, masks reach system prompts too.
    """
    sent: dict[str, Json] = {
        "messages": [{"role": "user", "content": request.prompt}] if request.messages is UNSET else request.messages,
        "system": request.system,
        "tools": request.tools,
        "response_format": request.response_format,
        "params": request.params,
        "attributes": request.attributes,
    }
    for path in ignored:
        if sent.get(path[0]):
            sent[path[0]] = _without(sent[path[0]], path[1:])
    conversation = Conversation(normalizer, mask_system=mask_system)
    leading = [conversation.system(sent["system"])] if sent["system"] not in (None, []) else []
    parts: dict[str, Json] = {
        "namespace": request.namespace,
        "normalize": list(normalizer.steps),
        "messages": leading + [conversation.message(message) for message in sent["messages"]],
    }
    if mask_system and normalizer.masks:
        parts["mask_system"] = True
    if request.model is not None:
        parts["model"] = request.model
    if sent["tools"]:
        parts["tools"] = tools(sent["tools"])
    if sent["response_format"] is not None:
        parts["response_format"] = answer_format(sent["response_format"])
    if sent["params"]:
        shaping = {name: value for name, value in sent["params"].items() if name not in IGNORED_PARAMS}
        if kept := parameters(shaping):
            parts["params"] = kept
    if sent["attributes"]:
        parts["attributes"] = sent["attributes"]
    return parts


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


def leading_system(parts: Mapping[str, Json]) -> int:
    """How many system messages a canonical form begins with."""
    messages = parts["messages"]
    return next((at for at, message in enumerate(messages) if message.get("role") != "system"), len(messages))


def last_user_text(parts: Mapping[str, Json]) -> str:
    """The last user text of a canonical form; empty when there is none."""
    return next((_text_of(message) for message in reversed(parts["messages"]) if is_user(message)), "")


def all_text(parts: Mapping[str, Json]) -> str:
    """All the text of a canonical form."""
    return "\n".join(text for text in map(_text_of, parts["messages"]) if text)


def _text_of(message: Mapping[str, Json]) -> str:
    """The text in a message, parts joined by line breaks."""
    content = message.get("content", message.get("parts"))
    if isinstance(content, str):
        return content
    return "\n".join(texts_of(content)) if isinstance(content, list) else ""
