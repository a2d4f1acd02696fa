"""What the demonstration model says: always the same to the same question."""

import hashlib
import json
import re
from typing import Any, Literal

import msgspec

from ..responses.usage import rough_tokens
from .schemas import satisfy

DEFAULT_MODEL = "demo-model"
# With an output parser, n8n's AI Agent expects its final answer through this tool.
_FINAL_TOOL = "format_final_json_response"


class Tool(msgspec.Struct, frozen=True):
    name: str
    parameters: Any = None


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks, whichever of the two APIs it came by."""

    model: str
    texts: list[str]
    """All that the model reads, instructions first."""
    user_text: str
    """The last thing the user said."""
    tools: list[Tool] = []
    tool_result: str | None = None
    """What the tool answered, when it was called since the user's last words."""
    schema: Any = None
    """The JSON Schema the answer must follow; `{}` for any JSON object."""
    stream: bool = False
    include_usage: bool = False


class ToolCall(msgspec.Struct, frozen=True):
    id: str
    name: str
    arguments: str


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    """A digest that names this reply."""
    model: str
    text: str = ""
    tool_call: ToolCall | None = None
    finish_reason: Literal["stop", "length", "content_filter", "tool_calls"] = "stop"
    input_tokens: int
    output_tokens: int


def digest(text: str) -> str:
    """The reference that a plain answer ends with, so that tests can tell whose answer it is."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]


def reply(question: Question) -> Reply:
    """Calls the first tool when the user's words contain "tool", else answers; in JSON where that is asked."""
    name = digest("\x00".join((question.model, *question.texts)))
    text, tool = "", _tool(question)
    call = None
    if tool is not None:
        arguments = satisfy(tool.parameters or {"type": "object"}, _argument(question.user_text))
        call = ToolCall(id=f"call_{name}", name=tool.name, arguments=json.dumps(arguments))
    else:
        text = _answer(question)
    return Reply(
        id=name,
        model=question.model,
        text=text,
        tool_call=call,
        finish_reason="tool_calls" if call else "stop",
        input_tokens=3 + sum(4 + rough_tokens(read) for read in question.texts),
        output_tokens=rough_tokens(call.name + call.arguments if call else text),
    )


def scripted(planned: Reply, line: str) -> Reply:
    """The same reply with other words: as the arguments where it calls a tool, else as its text."""
    if planned.tool_call is None:
        return msgspec.structs.replace(planned, text=line)
    return msgspec.structs.replace(planned, tool_call=msgspec.structs.replace(planned.tool_call, arguments=line))


def cut_short(whole: Reply, finish_reason: Literal["length", "content_filter"]) -> Reply:
    """The same reply, stopped half-way."""
    half = whole.text[: len(whole.text) // 2]
    return msgspec.structs.replace(
        whole,
        text=half,
        tool_call=None,
        finish_reason=finish_reason,
        output_tokens=rough_tokens(half),
    )


def _tool(question: Question) -> Tool | None:
    final = next((tool for tool in question.tools if tool.name == _FINAL_TOOL), None)
    others = [tool for tool in question.tools if tool is not final]
    if others and question.tool_result is None and re.search(r"\btools?\b", question.user_text, re.IGNORECASE):
        return others[0]
    return final


def _argument(user_text: str) -> str:
    arithmetic = re.search(r"\d+(?:\s*[-+*/]\s*\d+)+", user_text)
    return arithmetic.group() if arithmetic else _echo(user_text)


def _answer(question: Question) -> str:
    schema = question.schema if question.schema is not None else _schema_in(question.texts)
    reference = digest(question.user_text)
    if schema is not None:
        made = satisfy(schema, f"Demonstration {reference}") if schema else None
        return json.dumps(made or {"answer": f"Demonstration {reference}"})
    found = f' The tool answered: "{_echo(question.tool_result)}".' if question.tool_result is not None else ""
    return (
        f'This is a demonstration model: it only repeats what it reads. You asked: "{_echo(question.user_text)}".'
        f"{found} Reference {reference}"
    )


def _schema_in(texts: list[str]) -> Any:
    """The schema that an output parser wrote into the prompt, in a fenced block."""
    for text in reversed(texts):
        for block in reversed(re.findall(r"```(?:json)?\s*(\{.*?\})\s*```", text, re.DOTALL)):
            try:
                schema = json.loads(block)
            except ValueError:
                continue
            if isinstance(schema, dict) and "properties" in schema:
                return schema
    return None


def _echo(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:159].rstrip()}…"
