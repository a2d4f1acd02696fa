"""Messages in a canonical form, in the shapes of all providers and of what speaks to them.

Only what a message is built of is rewritten: the message, its parts, its tool calls. What a tool was given or gave back
is data and stays as it was sent, as does everything whose shape is not known here.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .normalize import Normalizer
from .schemas import CACHE_MARKS, one_form

Json = Any

_USERS = ("user", "human")
_SYSTEMS = ("system", "developer")

_CALL_IDS = frozenset(("tool_call_id", "tool_use_id", "toolCallId", "toolUseId", "call_id"))
"""Names of fields that say which call is meant."""
_CALLS = ("tool_use", "server_tool_use", "mcp_tool_use", "tool_call", "server_tool_call", "invalid_tool_call")
"""Types of parts whose own `id` is that of a call."""
_WITH_CALL_ID = (*_CALLS, "function_call")
_ARGUMENTS = frozenset(("arguments", "args", "input"))
_OF_CALLS = frozenset(("tool_calls", "invalid_tool_calls", "functionCall", "functionResponse"))
_LISTS = frozenset(("content", "parts", "tool_calls", "invalid_tool_calls", "annotations", "logprobs", "citations"))
_OBJECTS = frozenset(
    (
        "function",
        "custom",
        "function_call",
        "functionCall",
        "functionResponse",
        "toolUse",
        "toolResult",
        "toolInvocation",
        "additional_kwargs",
        "providerOptions",
        "providerMetadata",
        "anthropic",
        "image_url",
        "source",
        "file",
    )
)
_SELF_CONTAINED = frozenset(
    (
        *("message", "reasoning"),
        *("function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"),
        *("human", "ai", "system", "tool", "function", "chat", "developer"),  # LangChain's
    )
)
"""Types of messages without a role whose own `id` says nothing. By that of another, such as a picture that was made or
a search, the vendor finds what is not in it."""
_OUTPUTS = ("function_call_output", "custom_tool_call_output")
"""Types of items whose `output` may be a list of parts."""
_PARTS = frozenset(("text", "functionCall", "functionResponse", "toolUse", "toolResult"))
"""Names of fields by which a part without a type is known."""
_RESULTS = frozenset(("tool", "function", "tool_result", "mcp_tool_result", *_OUTPUTS))
"""Roles and types of what a tool gave back, which is data but for parts of these types:"""
_RESULT_PARTS = frozenset(
    (
        *("text", "input_text", "output_text", "refusal"),
        *("image", "image_url", "input_image", "audio", "input_audio", "media"),
        *("file", "input_file", "document", "search_result", "resource", "resource_link"),
        *("tool-result", "tool_result", "tool_reference"),
    )
)
_OF_THE_CALL = frozenset(("response_metadata", "usage_metadata"))
"""What a framework notes of the call that a message came from; no provider sees it."""
_TEXT_TYPES = ("text", "input_text", "output_text")
_TEXT_FIELDS = frozenset(("type", "text"))


class Conversation:
    """Rewrites the messages of one request: which tool call an id means is said by the order in which calls appear."""

    def __init__(self, normalizer: Normalizer, *, mask_system: bool = False) -> None:
        self._normalizer = normalizer
        self._mask_system = mask_system and normalizer.masks
        self._ids: dict[str, str] = {}

    def system(self, content: Json) -> dict[str, Json]:
        """A system prompt, which is a leading system message."""
        return self.message({"role": "system", "content": content})

    def message(self, message: dict[str, Json]) -> dict[str, Json]:
        said = self._object(message)
        if said.get("type") == "message" and "role" in said:
            del said["type"]
        if "id" in said and ("role" in said or said.get("type") in _SELF_CONTAINED):
            del said["id"]
        if not _OF_THE_CALL.isdisjoint(said):
            said = {name: value for name, value in said.items() if name not in _OF_THE_CALL}
        if is_user(said):
            return self._worded(said)
        if self._mask_system and said.get("role", said.get("type")) in _SYSTEMS:
            return self._masked(said)
        return said

    def _object(self, value: dict[str, Json], *, is_call: bool = False, call: Json = None) -> dict[str, Json]:
        """A message, a part or a call, without what is null or empty, and without cache marks.

        `call` is the id of the call that it is a part of.
        """
        kept: dict[str, Json] = {}
        if is_call or value.get("type") in _WITH_CALL_ID:
            call = value.get("call_id") or value.get("id")
        for name, item in value.items():
            if item is None or name in CACHE_MARKS:
                continue
            if name in _ARGUMENTS and type(call) is str:
                item = _without_id(item, call)
            kind = type(item)
            if kind is str:
                if name in _CALL_IDS or (name == "id" and (is_call or value.get("type") in _CALLS)):
                    item = self._ids.setdefault(item, f"call-{len(self._ids) + 1}")
            elif kind is list and (name in _LISTS or (name == "output" and value.get("type") in _OUTPUTS)):
                if not _RESULTS.isdisjoint((_word(value.get("role")), _word(value.get("type")))):
                    item = self._given_back(item)
                else:
                    item = self._list(item, is_call=name in _OF_CALLS)
                if not item:
                    continue
                if name in ("content", "output") and len(item) == 1 and _is_plain_text(item[0]):
                    item = _text_of_part(item[0])
            elif kind is dict and name in _OBJECTS:
                item = self._object(item, is_call=name in _OF_CALLS, call=call)
                if not item:
                    continue
            elif kind is not bool and kind is not int:
                item = one_form(item)
            kept[name] = item
        return kept

    def _list(self, items: list[Json], *, is_call: bool) -> list[Json]:
        return [
            self._object(item, is_call=is_call)
            if type(item) is dict and (is_call or "type" in item or not _PARTS.isdisjoint(item))
            else one_form(item)
            for item in items
        ]

    def _given_back(self, items: list[Json]) -> list[Json]:
        return [
            self._object(item) if type(item) is dict and _word(item.get("type")) in _RESULT_PARTS else one_form(item)
            for item in items
        ]

    def _worded(self, message: dict[str, Json]) -> dict[str, Json]:
        for name in ("content", "parts"):
            content = message.get(name)
            if isinstance(content, str):
                message[name] = self._normalizer(content)
            elif isinstance(content, list):
                message[name] = _with_texts(content, self._normalizer.parts)
        return message

    def _masked(self, message: dict[str, Json]) -> dict[str, Json]:
        content = message.get("content")
        if isinstance(content, str):
            message["content"] = self._normalizer.masked(content)
        elif isinstance(content, list):
            message["content"] = _with_texts(content, lambda texts: [self._normalizer.masked(text) for text in texts])
        return message


def is_user(message: Mapping[str, Json]) -> bool:
    """Whether a user says it, in the words of any framework."""
    return message.get("role", message.get("type")) in _USERS


def speaks(message: Mapping[str, Json]) -> bool:
    """Whether a user or whoever runs the model says it, and neither the model nor a tool."""
    return message.get("role", message.get("type")) in (*_USERS, *_SYSTEMS)


def with_texts(message: dict[str, Json], change: Callable[[list[str]], list[str]]) -> dict[str, Json]:
    """A message with other texts."""
    changed = dict(message)
    for name in ("content", "parts"):
        if isinstance(content := message.get(name), str):
            (changed[name],) = change([content])
        elif isinstance(content, list):
            changed[name] = _with_texts(content, change)
    return changed


def texts_of(content: list[Json]) -> list[str]:
    """The texts among the parts of a message."""
    return [_text_of_part(part) for part in content if _has_text(part)]


def without_texts(content: Json) -> Json:
    """The parts of a message that are no text; None where there is nothing else."""
    return [part for part in content if not _has_text(part)] if isinstance(content, list) else None


def _has_text(part: Json) -> bool:
    return isinstance(part, str) or (isinstance(part, dict) and isinstance(part.get("text"), str))


def _text_of_part(part: Json) -> str:
    return part if isinstance(part, str) else str(part["text"])


def _is_worded(part: Json) -> bool:
    """Whether the text in a part is what the user says, and not what a part of another type has."""
    return _has_text(part) and (isinstance(part, str) or part.get("type", "text") in _TEXT_TYPES)


def _without_id(arguments: Json, call: str) -> Json:
    """The arguments of a call, without its own id, which n8n's AI Agent writes among them."""
    given = arguments
    if isinstance(arguments, str) and call in arguments:
        try:
            given = msgspec.json.decode(arguments)
        except msgspec.DecodeError:
            return arguments
    if not isinstance(given, dict) or given.get("id") != call:
        return arguments
    rest = {name: value for name, value in given.items() if name != "id"}
    return rest if given is arguments else msgspec.json.encode(rest).decode()


def _word(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _is_plain_text(part: Json) -> bool:
    """Whether a part is nothing but its text."""
    if isinstance(part, str):
        return True
    return (
        isinstance(part, dict)
        and isinstance(part.get("text"), str)
        and part.get("type", "text") in _TEXT_TYPES
        and part.keys() <= _TEXT_FIELDS
    )


def _with_texts(content: list[Json], change: Callable[[list[str]], list[str]]) -> list[Json]:
    texts = iter(change([_text_of_part(part) for part in content if _is_worded(part)]))
    return [
        part if not _is_worded(part) else next(texts) if isinstance(part, str) else {**part, "text": next(texts)}
        for part in content
    ]
