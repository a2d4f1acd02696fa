"""Schemas in a canonical form: what is asked to be filled in, in the order in which it is to be filled in.

A model writes "reasoning" before "answer" because the schema says so in that order. So inside schemas order counts, and
nothing is left out; around them it does not.
"""

from typing import Any

import msgspec

CACHE_MARKS = frozenset(("cache_control", "cacheControl"))
"""Where a provider is to cut its own cache of prefixes."""

_NOT_ASKED = CACHE_MARKS | {"eager_input_streaming"}
"""A tool's fields that do not shape the answer; the last one says in which pieces Anthropic streams it."""

_TOOL_LISTS = frozenset(("tools", "functions", "functionDeclarations", "function_declarations"))
_IN_TOOLS = frozenset(("function", "custom"))
_FORMATS = frozenset(
    (
        "response_format",
        "responseFormat",
        "format",
        "output_format",
        "json_schema",
        "jsonSchema",
        "schema",
        "responseSchema",
        "response_schema",
        "responseJsonSchema",
        "response_json_schema",
        "input_schema",
        "inputSchema",
        "guided_json",
    )
)
_WRAPPED = ("schema", "json_schema", "jsonSchema")
_SCHEMA_WORDS = frozenset(
    ("properties", "patternProperties", "$ref", "$defs", "definitions", "anyOf", "oneOf", "allOf")
)

_encoder = msgspec.json.Encoder()


def one_form(value: Any) -> Any:
    """JSON with each number in one form: 1.0 is 1, -0 is 0."""
    kind = type(value)
    if kind is dict:
        return {name: item if type(item) is str else one_form(item) for name, item in value.items()}
    if kind is list:
        return [item if type(item) is str else one_form(item) for item in value]
    if kind is float and value.is_integer():
        return int(value)
    return value


def in_order(value: Any) -> Any:
    """JSON whose order counts at any depth."""
    return msgspec.Raw(_encoder.encode(one_form(value))) if isinstance(value, dict | list) else one_form(value)


def tools(value: Any) -> Any:
    """Tool definitions: a tool's own fields in any order, but for those not asked; everything within as it was sent."""
    return [_tool(each) for each in value] if isinstance(value, list) else _tool(value)


def _tool(tool: Any) -> Any:
    if not isinstance(tool, dict):
        return in_order(tool)
    kept = {}
    for name, item in tool.items():
        if name in _IN_TOOLS and isinstance(item, dict):
            kept[name] = _tool(item)
        elif name in _TOOL_LISTS and isinstance(item, list):
            kept[name] = tools(item)
        elif name not in _NOT_ASKED:
            kept[name] = in_order(item)
    return kept


def answer_format(value: Any) -> Any:
    """What an answer is to look like: what wraps a schema in any order, the schema itself in its own."""
    if isinstance(value, dict) and any(isinstance(value.get(name), dict) for name in _WRAPPED):
        return {
            name: answer_format(item) if name in _WRAPPED else in_order(item)
            for name, item in value.items()
            if item is not None
        }
    return in_order(value)


def parameters(value: Any) -> Any:
    """Parameters of a call, at any depth: order does not count and null is absent, schemas among them apart."""
    if isinstance(value, list):
        return [parameters(item) for item in value]
    if not isinstance(value, dict):
        return one_form(value)
    if not _SCHEMA_WORDS.isdisjoint(value):
        return in_order(value)
    kept = {}
    for name, item in value.items():
        if item is None:
            continue
        if name in _FORMATS:
            item = answer_format(item)
        elif name in _TOOL_LISTS:
            item = tools(item)
        elif isinstance(item, dict) and item:
            item = parameters(item)
            if not item:  # nothing but nulls
                continue
        else:
            item = parameters(item)
        kept[name] = item
    return kept
