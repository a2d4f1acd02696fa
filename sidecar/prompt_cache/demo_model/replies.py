"""What the demonstration model says: always the same to the same question."""

import hashlib
import json
import re
from typing import Any, Literal

import msgspec

from ..responses.usage import rough_tokens
from .schemas import satisfy
from .tools import Tool, arguments_for, chosen, echo

DEFAULT_MODEL = "demo-model"
MOST_CHOICES = 8


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks, whichever of the two APIs it came by."""

    model: str
    texts: list[str]
    """All that the model reads, instructions first."""
    user_text: str
    """The last thing the user said."""
    tools: list[Tool] = []
    tool_choice: Any = None
    tool_result: str | None = None
    """What the tool answered, when it was called since the user's last words."""
    schema: Any = None
    """The JSON Schema the answer must follow; `{}` for any JSON object."""
    choices: int = 1
    """How many answers are wanted."""
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
    texts: tuple[str, ...] = ("",)
    """One for each choice."""
    tool_call: ToolCall | None = None
    finish_reason: Literal["stop", "length", "content_filter", "tool_calls"] = "stop"
    input_tokens: int
    output_tokens: int

    @property
    def text(self) -> str:
        return self.texts[0]


def digest(text: str) -> str:
    """The reference that a plain answer ends with, so that tests can tell whose answer it is."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]


def reply(question: Question) -> Reply:
    """Calls a tool when the user asks for it, else answers; in JSON where that is asked."""
    name = digest("\x00".join((question.model, *question.texts)))
    tool = chosen(question.tools, question.tool_choice, question.user_text, answered=question.tool_result is not None)
    call: ToolCall | None = None
    texts: tuple[str, ...] = ("",)
    if tool is not None:
        call = ToolCall(id=f"call_{name}", name=tool.name, arguments=arguments_for(tool, question.user_text))
    else:
        texts = tuple(_answer(question, at) for at in range(question.choices))
    return Reply(
        id=name,
        model=question.model,
        texts=texts,
        tool_call=call,
        finish_reason="tool_calls" if call else "stop",
        input_tokens=3 + sum(4 + rough_tokens(read) for read in question.texts),
        output_tokens=rough_tokens(call.name + call.arguments) if call else sum(map(rough_tokens, texts)),
    )


def scripted(planned: Reply, line: str) -> Reply:
    """The same reply with other words: as the arguments where it calls a tool, else as its text."""
    if planned.tool_call is None:
        return msgspec.structs.replace(planned, texts=(line,) * len(planned.texts))
    return msgspec.structs.replace(planned, tool_call=msgspec.structs.replace(planned.tool_call, arguments=line))


def cut_short(whole: Reply, finish_reason: Literal["length", "content_filter"]) -> Reply:
    """The same reply, stopped half-way."""
    halves = tuple(text[: len(text) // 2] for text in whole.texts)
    return msgspec.structs.replace(
        whole,
        texts=halves,
        tool_call=None,
        finish_reason=finish_reason,
        output_tokens=sum(map(rough_tokens, halves)),
    )


def _answer(question: Question, at: int) -> str:
    """The answer at a place among the choices; the first is the same however many are wanted."""
    schema = question.schema if question.schema is not None else _schema_in(question.texts)
    reference = digest(question.user_text) + (f" ({at + 1})" if at else "")
    if schema is not None:
        made = satisfy(schema, f"Demonstration {reference}") if schema else None
        return json.dumps(made or {"answer": f"Demonstration {reference}"})
    found = f' The tool answered: "{echo(question.tool_result)}".' if question.tool_result is not None else ""
    return (
        f'This is a demonstration model: it only repeats what it reads. You asked: "{echo(question.user_text)}".'
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
