"""Made-up values that satisfy a JSON Schema: structured outputs and tool arguments."""

from typing import Any

_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "email": "demo@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_MAX_DEPTH = 8


def satisfy(schema: Any, text: str) -> Any:
    """A value for the common part of JSON Schema, with `text` for every free string; the same each time."""
    return _value(schema, text, schema, 0)


def _value(schema: Any, text: str, root: Any, depth: int) -> Any:
    schema = _resolve(schema, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf"):
        if schema.get(choice):
            concrete = [option for option in schema[choice] if _type(_resolve(option, root)) != "null"]
            return _value((concrete or schema[choice])[0], text, root, depth + 1)
    if schema.get("allOf"):
        parts = [_value(part, text, root, depth + 1) for part in schema["allOf"]]
        if all(isinstance(part, dict) for part in parts):
            return {name: value for part in parts for name, value in part.items()}
        return parts[0]
    match _type(schema):
        case "object":
            properties = schema.get("properties") or {}
            if depth >= _MAX_DEPTH:  # a schema that contains itself
                required = schema.get("required") or ()
                properties = {name: inner for name, inner in properties.items() if name in required}
                if depth >= 2 * _MAX_DEPTH:
                    return {}
            return {name: _value(inner, text, root, depth + 1) for name, inner in properties.items()}
        case "array":
            length = schema.get("minItems", 0 if depth >= _MAX_DEPTH else 1)
            return [_value(schema.get("items") or {}, text, root, depth + 1)] * length
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
    return _string(schema, text)


def _resolve(schema: Any, root: Any) -> dict[str, Any]:
    for _ in range(_MAX_DEPTH):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            break
        schema = root
        for name in reference.lstrip("#").strip("/").split("/"):
            schema = schema.get(name, {}) if name and isinstance(schema, dict) else schema
    return schema if isinstance(schema, dict) else {}


def _type(schema: dict[str, Any]) -> str:
    given = schema.get("type")
    if isinstance(given, list):
        given = next((kind for kind in given if kind != "null"), "null")
    if isinstance(given, str):
        return given
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def _number(schema: dict[str, Any]) -> Any:
    if "minimum" in schema:
        return schema["minimum"]
    if "exclusiveMinimum" in schema:
        return schema["exclusiveMinimum"] + 1
    ceiling = schema.get("maximum", schema.get("exclusiveMaximum", 43) - 1)
    return min(42, ceiling)


def _string(schema: dict[str, Any], text: str) -> str:
    made = _FORMATS.get(schema.get("format", ""), text)
    return made.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength")]
