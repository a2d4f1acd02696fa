"""Where requests state what their answer has to be: answer formats, the words of parsers, the arguments of tools."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from ..values.expected import Expected
from .messages import speaks, texts_of

MOST_BYTES = 32 * 1024
"""Of schemas that are longer nothing is expected."""

_FINAL_TOOL = "format_final_json_response"
"""The tool by which n8n's agents give an answer to their output parser."""
_FORMATS = (
    *("response_format", "responseFormat", "format", "output_format", "outputFormat", "guided_json"),
    *("responseSchema", "response_schema", "responseJsonSchema", "response_json_schema"),
)
_MEDIA_TYPES = ("responseMimeType", "response_mime_type")
_CHOICES = ("tool_choice", "toolChoice", "function_call", "functionCallingConfig", "function_calling_config")
_MOST_DEPTH = 4
_OBJECT = {"type": "object"}
_JSON = {"type": ["object", "array"]}
_TYPES = frozenset(("object", "array", "string", "number", "integer", "boolean", "null"))
_SCHEMA_WORDS = frozenset(("properties", "items", "anyOf", "oneOf", "allOf", "enum", "$ref"))

# LangChain's parsers, in JavaScript and in Python; n8n's are made of them.
_INSTRUCTIONS = ("Here is the JSON Schema instance your output must adhere to", "Here is the output schema")
_MOST_STATED = 8
_FENCED = re.compile(r"[^\n]{0,200}\n{1,2}```(?:json)?\n")

Json = Any


def expected_of(parts: Mapping[str, Json]) -> Expected | None:
    """What the answer to a canonical request, read back from its JSON, has to be; None where it states nothing."""
    formats = [found for value in _named(parts, _FORMATS) if (found := _format(value))]
    if any(value == "application/json" for value in _named(parts, _MEDIA_TYPES)):
        formats.append((_JSON, False))
    return (
        _of_tools(parts)
        or _of_formats([found for found in formats if found[0] not in (_OBJECT, _JSON)])
        or _of_prompt(parts)
        or _of_formats(formats)
    )


def _named(parts: Mapping[str, Json], names: tuple[str, ...]) -> Iterator[Json]:
    """What stands under these names among the parameters, the outermost first."""
    level = [{name: value for name, value in parts.items() if name != "attributes"}]
    for _ in range(_MOST_DEPTH):
        for each in level:
            yield from (each[name] for name in names if each.get(name) is not None)
        level = [value for each in level for value in each.values() if isinstance(value, dict)]


# -- answer formats -----


def _format(value: Json) -> tuple[Json, bool] | None:
    """The schema of an answer format, and whether it is strict."""
    if value == "json":
        return _JSON, False
    if not isinstance(value, dict):
        return None
    kind = value.get("type")
    if kind == "json_object":
        return (schema, False) if isinstance(schema := value.get("schema"), dict) else (_OBJECT, False)
    for name in ("json_schema", "jsonSchema", "schema"):
        if isinstance(inner := value.get(name), dict):
            schema = inner.get("schema")
            strict = True in (inner.get("strict"), value.get("strict"))
            return (schema, strict) if isinstance(schema, dict) else (inner, strict)
    return (value, False) if _is_schema(value) else None


def _is_schema(value: Mapping[str, Json]) -> bool:
    kind = value.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return not _SCHEMA_WORDS.isdisjoint(value) or any(
        isinstance(each, str) and each.lower() in _TYPES for each in kinds
    )


def _of_formats(found: list[tuple[Json, bool]]) -> Expected | None:
    return _expected([found[0][0]], "format", strict=found[0][1]) if found else None


# -- tools -----


def _of_tools(parts: Mapping[str, Json]) -> Expected | None:
    schemas = {name: schema for tools in _named(parts, ("tools", "functions")) for name, schema in _tools(tools)}
    if not schemas:
        return None
    choice = next((forced for value in _named(parts, _CHOICES) if (forced := _forced(value, schemas))), None)
    if choice:
        return _expected([schemas[choice]], "tool", tool=choice)
    return _expected([schemas[_FINAL_TOOL]], "final_tool", tool=_FINAL_TOOL) if _FINAL_TOOL in schemas else None


def _tools(tools: Json) -> Iterator[tuple[str, Json]]:
    """(name, schema of its arguments) of each definition, in any provider's shape."""
    for tool in tools if isinstance(tools, list) else [tools]:
        if not isinstance(tool, dict):
            continue
        for name in ("functionDeclarations", "function_declarations"):
            if name in tool:
                yield from _tools(tool[name])
        inner = next((tool[name] for name in ("function", "toolSpec") if isinstance(tool.get(name), dict)), tool)
        fields = ("parameters", "input_schema", "inputSchema", "parametersJsonSchema", "schema")
        schema = next((inner[name] for name in fields if isinstance(inner.get(name), dict)), None)
        if schema is not None and isinstance(called := inner.get("name"), str):
            yield called, schema["json"] if isinstance(schema.get("json"), dict) else schema


def _forced(choice: Json, schemas: Mapping[str, Json]) -> str | None:
    """The one tool that must be called."""
    name: Json
    if isinstance(choice, dict):
        names = choice.get("allowedFunctionNames", choice.get("allowed_function_names"))
        if isinstance(names, list) and len(names) == 1:
            name = names[0]
        else:
            inner = next((choice[each] for each in ("function", "tool") if isinstance(choice.get(each), dict)), choice)
            name = inner.get("name", choice.get("type", choice.get("mode")))
    else:
        name = choice
    if isinstance(name, str) and name in schemas:
        return name
    return next(iter(schemas)) if name in ("required", "any", "ANY") and len(schemas) == 1 else None


# -- what is said -----


def _of_prompt(parts: Mapping[str, Json]) -> Expected | None:
    texts = (text for message in parts["messages"] if speaks(message) for text in _texts(message))
    found = list(islice((schema for text in texts for schema in _stated_in(text)), _MOST_STATED))
    return _expected(found, "prompt") if found else None


def _texts(message: Mapping[str, Json]) -> list[str]:
    content = message.get("content", message.get("parts"))
    return [content] if isinstance(content, str) else texts_of(content) if isinstance(content, list) else []


def _stated_in(text: str) -> Iterator[Json]:
    for words in _INSTRUCTIONS:
        at = text.find(words)
        while at >= 0:
            if fence := _FENCED.match(text, at + len(words)):
                end = text.find("\n```", fence.end(), fence.end() + MOST_BYTES)
                if end >= 0 and isinstance(found := _decoded(text[fence.end() : end]), dict):
                    yield found
            at = text.find(words, at + len(words))


def _decoded(text: str) -> Json:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _expected(schemas: list[Json], said: Any, *, tool: str = "", strict: bool = False) -> Expected | None:
    kept = list(dict.fromkeys(msgspec.json.encode(schema) for schema in schemas))
    if sum(map(len, kept)) > MOST_BYTES:
        return None
    return Expected(schemas=kept, said=said, tool=tool, strict=strict)
