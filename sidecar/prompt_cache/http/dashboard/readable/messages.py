"""Messages in the shapes of all providers, as bubbles of blocks."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from .media import media_of
from .texts import decoded, json_in, pretty, shown

Json = Any
Role = Literal["system", "user", "assistant", "tool"]
Kind = Literal["text", "json", "call", "result", "reasoning", "refusal", "media"]

PART = 100_000
"""Characters that are shown until somebody asks for all."""
WHOLE = 50_000_000
_MOST_BLOCKS = 400
_ALL_BLOCKS = 20_000
_MOST_DEPTH = 5

_ROLES: Mapping[str, Role] = {
    **dict.fromkeys(("system", "developer", "systemMessage"), "system"),
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "ai", "model", "chatbot"), "assistant"),
    **dict.fromkeys(("tool", "function", "function_call_output", "custom_tool_call_output"), "tool"),
}
_TEXTS = ("text", "input_text", "output_text", "text_delta")
_CALLS = (
    *("tool_use", "tool_call", "tool-call", "function_call", "custom_tool_call", "server_tool_use", "mcp_tool_use"),
    *("function", "mcp_call", "computer_call", "local_shell_call", "web_search_call", "code_interpreter_call"),
)
_RESULTS = (
    *("tool_result", "tool-result", "mcp_tool_result", "function_call_output", "custom_tool_call_output"),
    "web_search_tool_result",
)
_REASONING = ("thinking", "reasoning", "redacted_thinking", "reasoningContent")
_MEDIA = (
    *("image", "image_url", "input_image", "audio", "input_audio", "media", "video", "video_url"),
    *("file", "input_file", "document", "inlineData", "inline_data", "fileData", "file_data", "resource"),
)
_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")


class Block(Struct, frozen=True, kw_only=True):
    """One thing in a bubble."""

    kind: Kind
    text: str = ""
    """Cleaned for a page. Of a call its arguments, of media the address where it is, if it is not in the message."""
    title: str = ""
    """The name of a tool, or the type of media."""
    bytes: int | None = None
    """The size of media that came along."""


class Bubble(Struct, frozen=True):
    """What somebody says."""

    role: Role
    blocks: list[Block]
    name: str = ""


class Readable(Struct):
    """What is shown of a request or an answer."""

    bubbles: list[Bubble]
    cut: bool = False
    """Whether there is more than is shown."""


class Parts(Struct, frozen=True):
    """A request: what was said, and what else shapes the answer, by name."""

    conversation: Readable
    settings: list[tuple[str, str]]
    """Each as text, or JSON in lines."""
    tools: list[tuple[str, str]]
    """Each by its name."""


class Reading:
    """Takes as much as may be shown."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._blocks = _MOST_BLOCKS if most <= PART else _ALL_BLOCKS
        self.cut = False

    def block(self, kind: Kind, text: str = "", *, title: str = "", size: int | None = None) -> list[Block]:
        """One block, or none where there is no room."""
        if self._left <= 0 or self._blocks <= 0:
            self.cut = True
            return []
        if len(text) > self._left:
            self.cut = True
            text = text[: self._left] + " …"
        self._left -= len(text)
        self._blocks -= 1
        return [Block(kind=kind, text=shown(text), title=shown(title[:200]), bytes=size)]

    def said(self, text: str) -> list[Block]:
        """A text, or the JSON that it is."""
        if not text:
            return []
        value = json_in(text)
        return self.block("text", text) if value is None else self.block("json", pretty(value))

    def data(self, value: Json, kind: Kind = "json", title: str = "") -> list[Block]:
        """Arguments, results and all whose shape is not known: JSON in lines, or the text that it is."""
        if isinstance(value, str):
            parsed = json_in(value)
            return self.block(kind, value if parsed is None else pretty(parsed), title=title)
        return self.block(kind, "" if value is None and kind != "json" else pretty(value), title=title)

    # -- messages -----

    def bubbles(self, message: Json) -> list[Bubble]:
        if not isinstance(message, dict):
            blocks = self.data(message)
            return [Bubble("user", blocks)] if blocks else []
        blocks = self.message(message)
        name = message.get("name")
        return [Bubble(role_of(message), blocks, shown(name) if isinstance(name, str) else "")] if blocks else []

    def message(self, message: dict[str, Json], depth: int = 0) -> list[Block]:
        """The blocks of a message, or of an item that stands beside messages."""
        kind = message.get("type")
        if kind in _CALLS or kind in _RESULTS or kind in _REASONING or kind in _MEDIA:
            return self._part(message, depth)
        blocks: list[Block] = []
        for name in _REASONING_FIELDS:
            if isinstance(thought := message.get(name), str) and thought:
                blocks += self.block("reasoning", thought)
                break
        content = message.get("content", message.get("parts"))
        if role_of(message) == "tool":
            title = _text(message, "name") or _text(message, "tool_call_id")
            return blocks + (self._result(content, title, depth) if content is not None else [])
        blocks += self.content(content, depth)
        if isinstance(refusal := message.get("refusal"), str) and refusal:
            blocks += self.block("refusal", refusal)
        blocks += self._calls(message)
        for name in ("images", "audio"):
            media = message.get(name)
            for each in media if isinstance(media, list) else [media] if media else []:
                blocks += self._media(each if isinstance(each, dict) else {"data": each}, name.removesuffix("s"))
        return blocks

    def content(self, content: Json, depth: int = 0) -> list[Block]:
        if content is None:
            return []
        if isinstance(content, str):
            return self.said(content)
        if isinstance(content, list):
            return [block for part in content for block in self._part(part, depth)]
        if isinstance(content, dict) and isinstance(content.get("parts"), list):
            return self.content(content["parts"], depth + 1)
        return self._part(content, depth)

    def _calls(self, message: dict[str, Json]) -> list[Block]:
        found = message.get("tool_calls") or message.get("toolCalls")
        extra = message.get("additional_kwargs")
        if not found and isinstance(extra, dict):
            found = extra.get("tool_calls")
        calls = list(found) if isinstance(found, list) else []
        if isinstance(old := message.get("function_call"), dict):
            calls.append(old)
        return [block for call in calls if isinstance(call, dict) for block in self._call(call)]

    def _call(self, call: dict[str, Json]) -> list[Block]:
        inner = next((call[name] for name in ("function", "custom") if isinstance(call.get(name), dict)), call)
        given = next(
            (inner[name] for name in ("arguments", "args", "input", "action", "parameters") if name in inner), None
        )
        title = _text(inner, "name") or _text(call, "name") or _text(call, "toolName") or _text(call, "type")
        return self.data(given, "call", title)

    def _result(self, content: Json, title: str, depth: int) -> list[Block]:
        if isinstance(content, list) and depth < _MOST_DEPTH and all(isinstance(part, dict) for part in content):
            inner = [block for part in content for block in self._part(part, depth + 1)]
            return [
                Block(kind="result", text=block.text, title=shown(title)) if block.kind in ("text", "json") else block
                for block in inner
            ]
        return self.data(content, "result", title)

    def _part(self, part: Json, depth: int) -> list[Block]:
        if isinstance(part, str):
            return self.said(part)
        if not isinstance(part, dict) or depth > _MOST_DEPTH:
            return self.data(part)
        kind = part.get("type")
        if isinstance(text := part.get("text"), str) and (kind is None or kind in _TEXTS):
            return self.block("reasoning", text) if part.get("thought") is True else self.said(text)
        if kind == "refusal":
            return self.block("refusal", _text(part, "refusal"))
        if kind in _REASONING or "reasoningContent" in part:
            return self._thought(part)
        if kind in _RESULTS:
            content = next((part[name] for name in ("content", "output", "result") if name in part), None)
            return self._result(content, _text(part, "name") or _text(part, "toolName"), depth)
        for name in ("functionResponse", "function_response", "toolResult"):
            if isinstance(inner := part.get(name), dict):
                return self._result(inner.get("response", inner.get("content")), _text(inner, "name"), depth)
        for name in ("functionCall", "function_call", "toolUse"):
            if isinstance(inner := part.get(name), dict):
                return self._call(inner)
        if kind in _CALLS:
            return self._call(part)
        for name in _MEDIA:
            if kind == name or (kind is None and isinstance(part.get(name), dict)):
                return self._media(part, name)
        return self.data(part, title=kind if isinstance(kind, str) else "")

    def _thought(self, part: dict[str, Json]) -> list[Block]:
        found = next((part[name] for name in ("thinking", "text", "reasoning") if part.get(name)), None)
        if found is None:
            found = part.get("summary") or part.get("content") or part.get("reasoningContent")
        texts = [each if isinstance(each, str) else _text(each, "text") for each in _several(found)]
        return self.block("reasoning", "\n\n".join(text for text in texts if text))

    def _media(self, part: dict[str, Json], name: str) -> list[Block]:
        media = media_of(part)
        title = media.type or name.removeprefix("input_").removesuffix("_url")
        return self.block("media", media.address, title=title, size=media.bytes)


def read_request(request: bytes, most: int = PART) -> Parts:
    """A canonical request. What cannot be read is shown as it is."""
    reading = Reading(most)
    try:
        parts = decoded(request)
    except ValueError:
        parts = None
    if not isinstance(parts, dict):
        bubbles = [Bubble("user", reading.block("text", request.decode("utf-8", "replace")))]
        return Parts(Readable(bubbles, reading.cut), [], [])
    messages = parts.get("messages")
    bubbles = [bubble for each in _several(messages) for bubble in reading.bubbles(each)]
    given = parts.get("params")
    settings = list(given.items()) if isinstance(given, dict) else []
    for name in ("response_format", "mask_system"):
        if name in parts:
            settings.append((name, parts[name]))
    return Parts(
        Readable(bubbles, reading.cut),
        [(shown(str(name)[:200]), _value(value, most)) for name, value in settings[:200]],
        [(shown(_tool_name(tool)), _value(tool, most)) for tool in _several(parts.get("tools"))[:200]],
    )


def role_of(message: Mapping[str, Json]) -> Role:
    """Who says it; what is not known is the model's."""
    said = message.get("role", message.get("type"))
    return _ROLES.get(said, "assistant") if isinstance(said, str) else "assistant"


def _value(value: Json, most: int) -> str:
    return shown((value if isinstance(value, str) else pretty(value))[: min(most, PART)])


def _tool_name(tool: Json) -> str:
    if not isinstance(tool, dict):
        return str(tool)[:200]
    inner = tool.get("function")
    return (_text(inner, "name") or _text(tool, "name") or _text(tool, "type"))[:200]


def _text(value: Json, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _several(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]
