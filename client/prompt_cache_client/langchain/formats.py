"""The answer formats of agents: how they stand in a request, and what an answer says by them."""

from collections.abc import Iterator, Sequence
from typing import Any

from langchain.agents.structured_output import (
    AutoStrategy,
    OutputToolBinding,
    ProviderStrategy,
    ProviderStrategyBinding,
    ToolStrategy,
)
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from .models import json_schema
from .values import plain

Json = Any

PARAM = "answer_format"


def of_format(given: Any) -> dict[str, Json]:
    """The fields of an agent's `response_format`, a bare schema among them."""
    match given:
        case None:
            return {}
        case ProviderStrategy():
            spec = given.schema_spec
            stated = json_schema(_name(spec) or "", spec.json_schema, strict=spec.strict)
            return {"response_format": stated, "params": {PARAM: "provider"}}
        case ToolStrategy():
            told = {"tools": list(_tools(given)), "content": given.tool_message_content}
            return {"params": {PARAM: told | {"handle_errors": plain(given.handle_errors)}}}
        case _:
            return {"params": {PARAM: {"auto": list(_tools(_as_tools(given)))}}}


def structured(given: Any, result: Sequence[BaseMessage]) -> Any:
    """What an answer says in that format, made as LangChain makes it. Raises ValueError where it says nothing."""
    answer = next((message for message in result if isinstance(message, AIMessage)), None)
    if given is None or answer is None:
        raise ValueError("it has no answer format")
    if not any(isinstance(message, ToolMessage) for message in result):
        strategy = given if isinstance(given, ProviderStrategy) else ProviderStrategy(_schema(given))
        return ProviderStrategyBinding.from_schema_spec(strategy.schema_spec).parse(answer)
    answered = {message.tool_call_id for message in result if isinstance(message, ToolMessage)}
    specs = {spec.name: spec for spec in _as_tools(given).schema_specs}
    for call in answer.tool_calls:
        if call["id"] in answered and (spec := specs.get(call["name"])):
            return OutputToolBinding.from_schema_spec(spec).parse(call["args"])
    raise ValueError("no tool of the answer format was called")


def _schema(given: Any) -> Any:
    return given.schema if isinstance(given, AutoStrategy | ToolStrategy | ProviderStrategy) else given


def _as_tools(given: Any) -> ToolStrategy[Any]:
    return given if isinstance(given, ToolStrategy) else ToolStrategy(_schema(given))


def _tools(strategy: ToolStrategy[Any]) -> Iterator[Json]:
    for spec in strategy.schema_specs:
        yield {
            "name": _name(spec),
            "description": spec.description,
            "parameters": spec.json_schema,
            "strict": spec.strict,
        }


def _name(spec: Any) -> str | None:
    """The name of a schema, where it is not made up."""
    return spec.schema.get("title") if isinstance(spec.schema, dict) else spec.name
