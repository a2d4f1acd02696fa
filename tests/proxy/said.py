"""What a model says to a call: the call of a tool that it was offered, the form that was asked of it, or a sentence."""

import re
from typing import Any, NamedTuple

Json = dict[str, Any]


class Said(NamedTuple):
    """A tool's name and arguments, or a value in the form asked for; neither where a sentence will do."""

    tool: tuple[str, Json] | None = None
    form: Any = None


def said(body: Json, number: int) -> Said:
    """What is told of a tool's result is a sentence again."""
    if (tool := _first_tool(body)) and not _has_result(body):
        name, schema = tool
        return Said(tool=(name, filled(schema, number)))
    form = _form(body)
    return Said(form=filled(form, number)) if form else Said()


def told_to_fail(body: bytes) -> int:
    """The status of the failure that a question asks for (`fail with 429`), or 0."""
    found = re.search(rb"fail with (\d{3})", body)
    return int(found.group(1)) if found else 0


def filled(schema: Json, number: int, root: Json | None = None) -> Any:
    """A value that fits a JSON schema, and is not the same for two numbers."""
    root = root or schema
    if reference := schema.get("$ref"):
        return filled((root.get("$defs") or root["definitions"])[reference.rpartition("/")[2]], number, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for several in ("anyOf", "oneOf"):
        if schema.get(several):
            return filled(schema[several][0], number, root)
    kind = schema.get("type", "object")
    match (kind[0] if isinstance(kind, list) else kind).lower():  # Google writes them large
        case "object":
            return {name: filled(part, number, root) for name, part in (schema.get("properties") or {}).items()}
        case "array":
            return [filled(schema["items"], number, root)]
        case "integer":
            return number
        case "number":
            return number + 0.5
        case "boolean":
            return True
    return f"Grüezi {number}"


def _first_tool(body: Json) -> tuple[str, Json] | None:
    if body.get("tool_choice") == "none":
        return None
    for tool in body.get("tools") or ():
        for name in ("functionDeclarations", "function_declarations"):  # Google takes both
            tool = tool[name][0] if name in tool else tool
        tool = tool.get("function", tool)
        schema = tool.get("parameters") or tool.get("input_schema") or tool.get("parametersJsonSchema")
        return tool["name"], schema or {}
    return None


def _has_result(body: Json) -> bool:
    said: Any = body.get("messages") or body.get("contents") or body.get("input")
    last = said[-1]
    if not isinstance(last, dict):
        return False
    if last.get("role") == "tool" or last.get("type") == "function_call_output":
        return True
    parts = last.get("parts") or last.get("content") or ()
    return any(
        "functionResponse" in part or part.get("type") == "tool_result" for part in parts if isinstance(part, dict)
    )


def _form(body: Json) -> Json | None:
    for path in (
        ("response_format", "json_schema", "schema"),  # OpenAI: chat completions
        ("text", "format", "schema"),  # Responses
        ("output_config", "format", "schema"),  # Anthropic
        ("output_format", "schema"),  # its beta
        ("generationConfig", "responseSchema"),  # Google
        ("generationConfig", "responseJsonSchema"),
        ("generationConfig", "response_json_schema"),
        ("format",),  # Ollama
    ):
        value: Any = body
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, dict):
            return value
    return None
