"""LangChain's messages as messages of a request."""

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.load import dumpd
from langchain_core.messages import BaseMessage

Json = Any

_ROLES = {"human": "user", "ai": "assistant"}
_NOT_SENT = frozenset(
    (
        *("id", "type", "role", "response_metadata", "usage_metadata", "artifact"),
        *("tool_call_chunks", "chunk_position"),  # of a streamed message, which has them as `tool_calls` as well
    )
)
"""What a message has that no model sees."""
_MADE_UP = "lc_"
"""How the ids begin that LangChain invents for parts of a message."""
_SELF_CONTAINED = ("text", "function_call")
"""Types of parts whose own `id` says nothing. By that of others, such as reasoning, the provider finds what is not in
them."""
_IDS_OF_ITEMS = "__openai_function_call_ids__"
"""Under which OpenAI's integration notes the ids of items, beside those of the calls in them."""


def of_messages(messages: Sequence[BaseMessage]) -> list[dict[str, Json]] | None:
    """Messages in the shape of a request; None where something in one has no form of its own."""
    return of_dumped([dumpd(message) for message in messages])


def written_conversation(prompt: str) -> list[Json] | None:
    """The messages that LangChain wrote as JSON for its cache; None where it is another text."""
    if not prompt.startswith("[{"):
        return None
    try:
        written = json.loads(prompt)
    except (ValueError, RecursionError):
        return None
    is_one = isinstance(written, list) and all(map(_is_message, written)) and json.dumps(written) == prompt
    return written if is_one else None


def of_dumped(dumped: Sequence[Json]) -> list[dict[str, Json]] | None:
    """The same of what `dumpd` makes of messages."""
    messages = [_of_fields(one["kwargs"]) for one in dumped]
    return None if _is_opaque(messages) else messages


def _is_message(dumped: Json) -> bool:
    return (
        isinstance(dumped, dict)
        and dumped.get("lc") == 1
        and dumped.get("type") == "constructor"
        and isinstance(fields := dumped.get("kwargs"), dict)
        and isinstance(fields.get("type"), str)
        and isinstance(fields.get("content"), str | list)
    )


def _of_fields(fields: dict[str, Json]) -> dict[str, Json]:
    kind = fields["type"].removesuffix("MessageChunk").lower()
    role = fields.get("role", kind) if kind == "chat" else _ROLES.get(kind, kind)
    message = {"role": role} | {name: value for name, value in fields.items() if name not in _NOT_SENT}
    if isinstance(parts := message["content"], list):
        message["content"] = [_part(part) for part in parts]
    if _IDS_OF_ITEMS in (noted := message.get("additional_kwargs") or {}):
        message["additional_kwargs"] = {name: value for name, value in noted.items() if name != _IDS_OF_ITEMS}
    return message


def _part(part: Json) -> Json:
    if not isinstance(part, dict):
        return part
    if part.get("type") in _SELF_CONTAINED or str(part.get("id")).startswith(_MADE_UP):
        part = {name: value for name, value in part.items() if name != "id"}
    if part.get("type") == "tool_call" and isinstance(extras := part.get("extras"), dict):
        part = part | {"extras": {name: value for name, value in extras.items() if name != "item_id"}}
    return part


def _is_opaque(value: Json) -> bool:
    """Whether there is an object in it of which LangChain wrote down no more than that it is there."""
    if isinstance(value, dict):
        if value.get("lc") == 1 and value.get("type") == "not_implemented":
            return True
        return any(map(_is_opaque, value.values()))
    return isinstance(value, list) and any(map(_is_opaque, value))
