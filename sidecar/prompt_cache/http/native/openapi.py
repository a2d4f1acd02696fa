"""The OpenAPI document, made from the operations and their types, so that it cannot tell anything else."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, get_args

import msgspec
from flask import Response

from ... import __version__
from ...config import Config
from ...keying.normalize import MASKS, PRESETS, STEP_NAMES
from ...values.durations import PATTERN, STATED
from ..api import JSON, Api, Operation
from .problems import MEDIA_TYPE, Problem

_REF = "#/components/schemas/{name}"
_ALWAYS = (500,)


def add_document(api: Api, config: Config) -> None:
    """Serve the contract of an API, as this service is set to keep it, as a route of its own."""

    @api.route("GET", "/openapi.json", role=None, returns=None)
    def openapi() -> Response:
        """This contract."""
        return Response(contract, content_type=JSON)

    contract = msgspec.json.encode(document(api.operations, config))


def document(operations: Iterable[Operation], config: Config) -> dict[str, Any]:
    """An OpenAPI 3.1 document of what a service with these settings takes and answers."""
    operations = list(operations)
    types: list[Any] = [Problem]
    for operation in operations:
        types += [type_ for type_ in (operation.body, operation.query, operation.returns) if isinstance(type_, type)]
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    components = _exact(components)
    bodies = {operation.body for operation in operations if operation.body}
    for body in bodies.union(*map(_within, bodies)):
        _state_rules(body, components[body.__name__], config)
    by_name = {operation.name: operation for operation in operations}
    paths: dict[str, dict[str, Any]] = {}
    secured = bool(config.token or config.tokens)
    for operation in operations:
        described = _operation(operation, components, secured)
        described["responses"] = _successes(operation, by_name) | described["responses"]
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    queries = {operation.query.__name__ for operation in operations if operation.query}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Prompt Cache",
            "version": __version__,
            "summary": "Store the answers of LLM calls and replay them when the same question comes again.",
            "description": "This cache's own API. That of Redis LangCache, under /v1/caches, is told in "
            "docs/langcache.md; those of providers, whose calls are passed on, in docs/proxy.md.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in components.items() if name not in queries},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _within(body: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    """The structs that fields of a body may be."""
    options = {each for field in msgspec.structs.fields(body) for each in get_args(field.type)}
    return {each for each in options if isinstance(each, type) and issubclass(each, msgspec.Struct)}


def _state_rules(body: type[msgspec.Struct], schema: dict[str, Any], config: Config) -> None:
    """What no type says of a body: how its fields go together, and what the settings have to do with them."""
    for name, narrowed in _as_set(config).items():
        if name in schema["properties"]:
            schema["properties"][name] = narrowed(schema["properties"][name])
    if ways := getattr(body, "ways", None):
        ways.state(schema)


def _as_set(config: Config) -> dict[str, Any]:
    """By field, how these settings narrow its schema."""
    steps = [*STEP_NAMES, *(f"mask:{name}" for name in MASKS | config.masks)]
    normalize = [{"enum": list(PRESETS)}, {"type": "array", "items": {"enum": steps}}, {"type": "null"}]
    role = {"required": ["role"], "properties": {"role": {"type": "string"}}}
    return {
        "match": lambda schema: schema if config.embedder else {"enum": ["exact", None]},
        "threshold": lambda schema: schema if config.embedder else {"type": "null"},
        "messages": lambda schema: {**schema, "items": {**schema["items"], **role}},
        "normalize": lambda schema: {**schema, "anyOf": normalize},
        "ttl": lambda schema: schema if config.never_expires else _without_null(schema),
    }


def _exact(schema: Any) -> Any:
    """A schema in which durations have their limit."""
    if isinstance(schema, list):
        return [_exact(each) for each in schema]
    if isinstance(schema, dict):
        return {name: _exact(value) for name, value in schema.items()}
    return STATED if schema == PATTERN else schema


def _operation(operation: Operation, components: dict[str, Any], secured: bool) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _in_path(operation)
    ]
    if operation.query:
        schema = components[operation.query.__name__]
        required = schema.get("required", [])
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": _plain(each)}
            for name, each in schema["properties"].items()
        ]
    if parameters:
        described["parameters"] = parameters
    fails = {*operation.fails, *_ALWAYS}
    if operation.query:
        fails |= {400, 414}
    if operation.body:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
        fails |= {400, 413, 415}
    if operation.role:
        described["security"] = [{"token": []}] if secured else []
        described["description"] = f"Needs the role {operation.role}."
        fails |= {401, 403, 503}
    described["responses"] = {
        str(code): {"description": HTTPStatus(code).phrase, "content": _content(Problem, MEDIA_TYPE)}
        for code in sorted(fails)
    }
    return described


def _successes(operation: Operation, by_name: Mapping[str, Operation]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if isinstance(operation.returns, str):
        answer["content"] = {operation.returns: {"schema": {"type": "string"}}}
    elif operation.returns:
        answer["content"] = _content(operation.returns)
    if operation.links:
        answer["links"] = {name: _link(by_name[name], taken) for name, taken in operation.links.items()}
    return {str(code): {"description": HTTPStatus(code).phrase, **answer} for code in operation.status}


def _link(target: Operation, taken: Mapping[str, str]) -> dict[str, Any]:
    """How an operation goes on from an answer: its fields, and where they stand in it."""
    found = {name: f"$response.body#{pointer}" for name, pointer in taken.items()}
    described = {"operationId": target.name, "description": target.summary}
    if target.body:
        return {**described, "requestBody": found}
    where = {name: "path" if name in _in_path(target) else "query" for name in found}
    return {**described, "parameters": {f"{where[name]}.{name}": value for name, value in found.items()}}


def _content(type_: Any, media_type: str = JSON) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REF.format(name=type_.__name__)}}}


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter's schema: one that is left out is absent, not null."""
    schema = _without_null(schema)
    if "enum" in schema:
        schema = {**schema, "enum": [value for value in schema["enum"] if value is not None]}
    return {name: value for name, value in schema.items() if name != "default"}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    options = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if not options:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return rest | (options[0] if len(options) == 1 else {"anyOf": options})


def _in_path(operation: Operation) -> list[str]:
    return [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
