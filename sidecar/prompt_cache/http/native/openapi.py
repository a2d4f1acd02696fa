"""The OpenAPI document, made from the operations and their types, so that it cannot tell anything else."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response

from ... import __version__
from ..api import JSON, Api, Operation
from .problems import MEDIA_TYPE, Problem

_REF = "#/components/schemas/{name}"
_ALWAYS = (500,)


def add_document(api: Api, *, secured: bool) -> None:
    """Serve the contract of an API as a route of its own; `secured` says whether this service asks for tokens."""

    @api.route("GET", "/openapi.json", role=None, returns=None)
    def openapi() -> Response:
        """This contract."""
        return Response(contract, content_type=JSON)

    contract = msgspec.json.encode(document(api.operations, secured=secured))


def document(operations: Iterable[Operation], *, secured: bool) -> dict[str, Any]:
    """An OpenAPI 3.1 document; `secured` says whether this service asks for tokens."""
    operations = list(operations)
    types: list[Any] = [Problem]
    for operation in operations:
        types += [type_ for type_ in (operation.body, operation.query, operation.returns) if type_]
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    for operation in operations:
        if operation.query:
            operation_schema = components[operation.query.__name__]
            operation_schema["x-query"] = True
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, components, secured)
    schemas = {name: schema for name, schema in components.items() if not schema.pop("x-query", False)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Prompt Cache",
            "version": __version__,
            "summary": "Store the answers of LLM calls and replay them when the same question comes again.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation, components: dict[str, Any], secured: bool) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary}
    parameters = _path_parameters(operation.path)
    if operation.query:
        schema = components[operation.query.__name__]
        required = schema.get("required", [])
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": _plain(each)}
            for name, each in schema["properties"].items()
        ]
    if parameters:
        described["parameters"] = parameters
    fails = set(operation.fails)
    if operation.query:
        fails |= {400, 414}
    if operation.body:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
        fails |= {400, 413, 415}
    if operation.role:
        described["security"] = [{"token": []}] if secured else []
        described["description"] = f"Needs the role {operation.role}."
        fails |= {401, 403, 503}
    described["responses"] = {str(code): _success(code, operation) for code in operation.status} | {
        str(code): {"description": HTTPStatus(code).phrase, "content": _content(Problem, MEDIA_TYPE)}
        for code in sorted({*fails, *_ALWAYS})
    }
    return described


def _success(code: int, operation: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(code).phrase}
    if operation.returns:
        answer["content"] = _content(operation.returns)
    return answer


def _content(type_: Any, media_type: str = JSON) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _REF.format(name=type_.__name__)}}}


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter's schema: one that is left out is absent, not null."""
    options = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if options:
        schema = {**{name: value for name, value in schema.items() if name != "anyOf"}}
        schema |= options[0] if len(options) == 1 else {"anyOf": options}
    if "enum" in schema:
        schema = {**schema, "enum": [value for value in schema["enum"] if value is not None]}
    return {name: value for name, value in schema.items() if name != "default"}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in names
    ]
