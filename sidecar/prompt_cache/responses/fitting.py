"""Whether an answer is what its request asks for. What cannot be told for certain is."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from ..values.expected import Expected
from .answer import Answer
from .steps import Steps
from .streams import recognise_stream

_AGENT = re.compile(r"\bAction Input:|\bFinal Answer:|\"action_input\"\s*:")
"""What agents say who call tools by words, and wrap their answer in them."""
_MOST_FENCES = 100
_MOST_VALUES = 100
"""Answers in one that are looked at: no model gives so many."""
_BLANKS = re.compile(r"\s*")
_decoder = json.JSONDecoder(strict=False)  # parsers forgive line breaks inside texts


def fits(expected: Expected, response: Any, answer: Answer, steps: Steps) -> bool:
    """Whether a decoded response, and what was read of it, can be what is expected. Raises RecursionError."""
    if expected.tool and (calls := list(_calls(response, expected.tool))):
        return all(_valid(expected, [arguments], steps) for arguments in calls)
    if expected.said == "tool" or answer.has_tool_calls or not answer.text.strip():
        return True  # a call on the way to the answer, or a picture
    if expected.said == "prompt" and _AGENT.search(answer.text):
        return True
    return any(_valid(expected, values, steps) for values in _readings(answer.text, expected))


def _valid(expected: Expected, values: list[Any], steps: Steps) -> bool:
    from .schema import valid  # the library behind it takes a while to import, and most requests state no schema

    return len(values) > _MOST_VALUES or all(
        any(
            valid(schema, form, steps, strict=expected.strict)
            for schema in expected.schemas
            for form in _forms(value, schema, expected)
        )
        for value in values
    )


def _forms(value: Any, schema: bytes, expected: Expected) -> Iterator[Any]:
    """A value, and as n8n puts it in and takes it out of `output`, where its parser minds neither."""
    yield value
    if expected.said in ("format", "final_tool"):
        if isinstance(value, dict) and value.keys() == {"output"}:
            yield value["output"]
        if b'"output"' in schema and msgspec.json.decode(schema).get("properties", {}).keys() == {"output"}:
            yield {"output": value}


# -- JSON in texts -----


def _readings(text: str, expected: Expected) -> Iterator[list[Any]]:
    """The ways to find JSON in a text: it is nothing else, or stands in a fence, or has words around it.

    The last only where no parser is known that minds.
    """
    if values := _in_a_row(text):
        yield values
        return
    for fenced in text.split("```", _MOST_FENCES)[1::2]:
        if values := _in_a_row(fenced.removeprefix("json")):
            yield values
    if expected.said != "prompt":
        text = text.rpartition("</think>")[2]
        for opening, closing in ("{}", "[]"):
            start, end = text.find(opening), text.rfind(closing)
            if 0 <= start < end and (values := _in_a_row(text[start : end + 1])):
                yield values


def _in_a_row(text: str) -> list[Any] | None:
    """JSON values with nothing between them but blanks: several choices are several answers."""
    values: list[Any] = []
    at = _end_of_blanks(text, 0)
    while at < len(text) and len(values) <= _MOST_VALUES:
        try:
            value, at = _decoder.raw_decode(text, at)
        except ValueError:
            return None
        values.append(value)
        at = _end_of_blanks(text, at)
    return values or None


def _end_of_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


# -- arguments of calls -----

_ARGUMENTS = ("arguments", "args", "input")
_MOST_DEPTH = 16


def _calls(response: Any, tool: str) -> Iterator[Any]:
    """The arguments of each call of a tool, in any provider's shape; of a stream, which has them in pieces, none."""
    if isinstance(response, list) and recognise_stream(response) is not None:
        return
    waiting = [(response, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict) and value.get("name") == tool:
            for name in _ARGUMENTS:
                if name in value:
                    yield _parsed(value[name])
                    break
        if depth < _MOST_DEPTH and isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            waiting += [(each, depth + 1) for each in inner if isinstance(each, dict | list)]


def _parsed(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    values = _in_a_row(arguments or "{}")
    return values[0] if values and len(values) == 1 else arguments
