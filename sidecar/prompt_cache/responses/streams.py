"""Answers that came as a stream and were kept as the list of its chunks or events."""

from typing import Any

import msgspec

from . import shapes
from .envelope import Body, Envelope, paths
from .envelopes import CHAT, recognise

_BEDROCK_EVENT = Envelope(
    name="bedrock event",
    recognises=lambda value: len(value) == 1,
    content=paths("contentBlockDelta.delta contentBlockStart.start"),
    finish=paths("messageStop.stopReason"),
    usage=paths("metadata.usage"),
    streams="always",
)

# What is an event of a stream only in a list of nothing else: by itself its words are too common.
_EVENTS: tuple[Envelope, ...] = (
    Envelope(
        name="openai responses event",
        mark="type",
        recognises=lambda value: isinstance(value["type"], str) and value["type"].startswith("response."),
        content=paths("response"),
        streams="always",
    ),
    Envelope(
        name="anthropic event",
        mark="type",
        recognises=shapes.type_in(shapes.EVENTS["anthropic"]),
        content=paths("delta content_block"),
        finish=paths("delta.stop_reason"),
        model=paths("message.model"),
        usage=paths("message.usage usage"),
        streams="always",
    ),
    Envelope(
        name="cohere event",
        mark="type",
        recognises=shapes.type_in(shapes.EVENTS["cohere"]),
        content=paths("delta.message"),
        finish=paths("delta.finish_reason"),
        usage=paths("delta.usage"),
        streams="always",
    ),
    Envelope(
        name="ai sdk event",
        mark="type",
        recognises=shapes.type_in(shapes.EVENTS["ai sdk"]),
        content=paths("delta textDelta text"),
        finish=paths("finishReason"),
        usage=paths("totalUsage usage"),
        streams="always",
    ),
    *(msgspec.structs.replace(_BEDROCK_EVENT, mark=mark) for mark in shapes.BEDROCK_EVENTS.split()),
)


def recognise_stream(values: list[Any]) -> list[Envelope] | None:
    """The envelopes of a list that is one answer in chunks or events; None when it is no such list."""
    envelopes = []
    for value in values:
        envelope = (_event(value) or recognise(value)) if isinstance(value, dict) else None
        if envelope is None or (envelope.streams == "never" and envelope is not CHAT):
            return None
        envelopes.append(envelope)
    if any(envelope.streams == "always" for envelope in envelopes):
        return envelopes if any(not shapes.is_common_event(value) for value in values) else None
    listed = bool(envelopes) and all(envelope.streams == "listed" for envelope in envelopes)
    return envelopes if listed and not all(value.get("done") for value in values) else None


def _event(value: Body) -> Envelope | None:
    for envelope in _EVENTS:
        if envelope.mark in value and envelope.recognises(value):
            return envelope
    return None
