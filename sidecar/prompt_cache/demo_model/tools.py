"""Which tool the demonstration model calls, and with what.

"Use the calculator: 2+2" calls the tool that is named or described so, "use the tool" the first one, `tool_choice`
whatever it forces; once until the user speaks again. Arguments are made by the tool's schema: a field takes what stands
after its name ("city: Ghent, days 3"), any other text field the arithmetic or the words of the user.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from .schemas import satisfy

# With an output parser, n8n's AI Agent expects its final answer through this tool.
_FINAL_TOOL = "format_final_json_response"

_ANY = re.compile(r"\btools?\b", re.IGNORECASE)
_ASKED = re.compile(
    r"\b(?:use|call|ask|run|try)\s+(?:(?:the|an?|your|my)\s+)?((?:[\w-]+[ \t]*){1,4})(?::\s*(.*))?",
    re.IGNORECASE | re.DOTALL,
)
_ARITHMETIC = re.compile(r"\d+(?:\.\d+)?(?:\s*[-+*/]\s*\d+(?:\.\d+)?)+")
_TELLING = 4
"""Letters that a word of a description has at least, to tell one tool from another."""


class Tool(msgspec.Struct, frozen=True):
    name: str
    parameters: Any = None
    description: str = ""


def chosen(tools: Sequence[Tool], choice: Any, user_text: str, *, answered: bool) -> Tool | None:
    """The tool to call now; `answered` is whether one has been since the user's last words."""
    final = next((tool for tool in tools if tool.name == _FINAL_TOOL), None)
    others = [tool for tool in tools if tool is not final]
    if choice == "none":
        return None
    if others and not answered:
        forced = _forced(choice)
        named = next((tool for tool in others if tool.name == forced), None) or _named(others, user_text)
        if named is not None:
            return named
        if _ANY.search(user_text) or forced in ("required", "any"):
            return others[0]
    return final


def arguments_for(tool: Tool, user_text: str) -> str:
    """In JSON."""
    asked = _ASKED.search(user_text)
    text = (asked[2] if asked else None) or user_text
    arithmetic = _ARITHMETIC.search(text)
    schema = tool.parameters or {"type": "object"}
    made = satisfy(schema, arithmetic.group() if arithmetic else echo(text))
    if isinstance(made, dict) and isinstance(schema, dict):
        for name in (schema.get("properties") or {}).keys() & made.keys():
            if (value := _said_of(name, made[name], text)) is not None:
                made[name] = value
    return json.dumps(made)


def echo(text: str) -> str:
    """The beginning of a text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:159].rstrip()}…"


def _forced(choice: Any) -> Any:
    if isinstance(choice, dict):
        inner = choice.get("function")
        return (inner if isinstance(inner, dict) else choice).get("name")
    return choice


def _named(tools: Sequence[Tool], user_text: str) -> Tool | None:
    for asked in _ASKED.finditer(user_text):
        words = _words(asked[1])
        for told in ("name", "description"):
            for tool in tools:
                if words & {word for word in _words(getattr(tool, told)) if told == "name" or len(word) >= _TELLING}:
                    return tool
    return None


def _words(text: str) -> set[str]:
    """In lower case; `searchOrders` and `search_orders` are two."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return {word.lower() for word in re.findall(r"[^\W_]+", parted)} - {"tool", "tools"}


def _said_of(name: str, made: Any, text: str) -> Any:
    """What the user says that a field is, of the kind that its schema asks for."""
    said = re.search(rf"\b{re.escape(name)}\b\s*[:=]?\s*(?:\"([^\"]*)\"|([\w.+-]*\w))", text, re.IGNORECASE)
    if said is None:
        return None
    value = said[1] if said[1] is not None else said[2]
    if isinstance(made, str):
        return value
    if isinstance(made, int | float) and not isinstance(made, bool) and re.fullmatch(r"-?\d{1,9}(?:\.\d{1,9})?", value):
        return float(value) if isinstance(made, float) or "." in value else int(value)
    return None
