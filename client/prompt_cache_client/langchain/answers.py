"""LangChain's answers as JSON, and back. What would not come back as it was is not stored."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from langchain_core.messages import BaseMessage, messages_from_dict
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, Generation, GenerationChunk
from pydantic import BaseModel

from ..answers import NotCacheable

Json = Any

_KINDS: dict[str, type[Generation]] = {
    kind.__name__: kind for kind in (Generation, GenerationChunk, ChatGeneration, ChatGenerationChunk)
}
_RUN_IDS = ("lc_run-", "run-")
"""How the ids begin by which LangChain names the run that made a message."""


def of_message(message: BaseMessage) -> dict[str, Json]:
    """The fields of a message, in a shape that the server reads usage and all from. Raises NotCacheable."""
    plain = _with_plain_parsed(message)
    fields: dict[str, Json] = _through_json(plain.model_dump())
    if _back(fields) != plain:
        raise NotCacheable(f"{type(message).__name__} does not come back from JSON")
    return fields


def message_of(fields: Json) -> BaseMessage:
    """Raises NotCacheable."""
    try:
        (message,) = messages_from_dict([{"type": fields["type"], "data": fields}])
    except (KeyError, TypeError, ValueError) as error:
        raise NotCacheable(f"no message: {type(error).__name__}") from None
    return message


def of_generations(generations: Sequence[Generation]) -> dict[str, Json]:
    """All that one call generated. Raises NotCacheable."""
    if not generations:
        raise NotCacheable("nothing was generated")
    return {"generations": [_of_generation(one) for one in generations]}


def generations_of(fields: Json) -> list[Generation]:
    """Raises NotCacheable."""
    try:
        if generations := [_generation_of(one) for one in fields["generations"]]:
            return generations
        raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise NotCacheable(f"no generations: {type(error).__name__}") from None


def usage_of(generations: Sequence[Generation]) -> dict[str, Json] | None:
    """What several generations cost together, which some providers repeat with each; None where there is but one."""
    messages = [one.message for one in generations if isinstance(one, ChatGeneration)]
    told = [usage for message in messages if (usage := getattr(message, "usage_metadata", None))]
    if len(generations) < 2 or not told:
        return None
    if all(usage == told[0] for usage in told):
        return dict(told[0])
    return {name: sum(usage.get(name) or 0 for usage in told) for name in ("input_tokens", "output_tokens")}


def renewed(message: BaseMessage) -> BaseMessage:
    """The message under an id of its own: two with one id are one to a graph."""
    return message.model_copy(update={"id": f"{_RUN_IDS[0]}-{uuid4()}"})


def is_named_by_run(message: BaseMessage) -> bool:
    """Whether LangChain gave the message its id, and not the provider."""
    return message.id is not None and message.id.startswith(_RUN_IDS)


def _of_generation(generation: Generation) -> dict[str, Json]:
    kind = type(generation)
    if _KINDS.get(kind.__name__) is not kind:
        raise NotCacheable(f"{kind.__name__} is no generation of LangChain's own")
    info = _through_json(generation.generation_info)
    if info != generation.generation_info:
        raise NotCacheable("generation_info does not come back from JSON")
    fields: dict[str, Json] = {"type": kind.__name__, "generation_info": info}
    if isinstance(generation, ChatGeneration):
        return fields | {"message": of_message(generation.message)}
    return fields | {"text": generation.text}


def _generation_of(fields: Json) -> Generation:
    kind, info = _KINDS[fields["type"]], fields["generation_info"]
    if issubclass(kind, ChatGeneration):
        return kind(message=message_of(fields["message"]), generation_info=info)
    return kind(text=fields["text"], generation_info=info)


def _with_plain_parsed(message: BaseMessage) -> BaseMessage:
    """The message, with the fields of what LangChain parsed from it: it takes them as well."""
    parsed = message.additional_kwargs.get("parsed")
    if not isinstance(parsed, BaseModel):
        return message
    fields = parsed.model_dump(mode="json", by_alias=True)
    try:
        same = type(parsed)(**fields) == parsed
    except ValueError:
        same = False
    if not same:
        raise NotCacheable(f"{type(parsed).__name__} does not come back from JSON")
    return message.model_copy(update={"additional_kwargs": {**message.additional_kwargs, "parsed": fields}})


def _through_json(value: Json) -> Json:
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise NotCacheable(f"no JSON: {error}") from None


def _back(fields: dict[str, Json]) -> BaseMessage | None:
    try:
        return message_of(fields)
    except NotCacheable:
        return None
