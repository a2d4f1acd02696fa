"""Anthropic's messages."""

import json
from collections.abc import Iterator, Sequence

from .framing import ServerSentEvents
from .protocol import Body, Call, Json, Streamed, Wire, pieces, request_of, with_zero

_FIELDS = {"model": "model", "messages": "messages", "system": "system", "tools": "tools"}
_NAMED = ServerSentEvents(name_of=lambda event: event.get("type"))
_GROWS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
"""Which field of a block each kind of delta adds to."""


class Messages(Streamed):
    name = "anthropic_messages"

    def is_at(self, path: str) -> bool:
        return path == "messages" or path.endswith("/messages")

    def read(self, wire: Wire) -> Call:
        body = wire.body
        framing = _NAMED if body.get("stream") else None
        if body.get("container"):
            return Call(bypass="container", framing=framing)
        return Call(request=request_of(body, _FIELDS), framing=framing)

    def is_last(self, event: Json) -> bool:
        return isinstance(event, dict) and event.get("type") == "message_stop"

    def is_failure(self, event: Json) -> bool:
        return isinstance(event, dict) and event.get("type") == "error"

    def collected(self, events: Sequence[Json]) -> Json:
        message: Body = {}
        blocks: dict[int, Body] = {}
        written: dict[int, str] = {}
        for event in events:
            kind = event.get("type")
            if kind == "message_start":
                message = dict(event["message"])
            elif kind == "content_block_start":
                blocks[event["index"]] = dict(event["content_block"])
            elif kind == "content_block_delta":
                _grow(blocks[event["index"]], event["delta"], written, event["index"])
            elif kind == "message_delta":
                message.update(event.get("delta") or {})
                message["usage"] = {**(message.get("usage") or {}), **(event.get("usage") or {})}
                told = {name: value for name, value in event.items() if name not in ("type", "delta", "usage")}
                message.update(told)
        for index, text in written.items():
            blocks[index]["input"] = json.loads(text or "{}")
        return {**message, "content": [blocks[index] for index in sorted(blocks)]}

    def events(self, body: Json) -> list[Json]:
        usage = body.get("usage") or {}
        start = {**body, "content": [], "stop_reason": None, "stop_sequence": None}
        start["usage"] = {**usage, "output_tokens": 1} if "output_tokens" in usage else usage
        ending = {"stop_reason": body.get("stop_reason"), "stop_sequence": body.get("stop_sequence")}
        return [
            {"type": "message_start", "message": start},
            *(event for at, block in enumerate(body.get("content", ())) for event in _block(at, block)),
            {"type": "message_delta", "delta": ending, "usage": usage},
            {"type": "message_stop"},
        ]

    def without_usage(self, answer: Json) -> Json:
        if isinstance(answer, dict) and isinstance(answer.get("message"), dict):
            return {**answer, "message": with_zero(answer["message"], "usage")}
        return with_zero(answer, "usage")


def _grow(block: Body, delta: Body, written: dict[int, str], index: int) -> None:
    kind = delta.get("type", "")
    if kind == "input_json_delta":
        written[index] = written.get(index, "") + delta.get("partial_json", "")
    elif kind == "citations_delta":
        block["citations"] = [*(block.get("citations") or ()), delta["citation"]]
    elif kind in _GROWS:
        name = _GROWS[kind]
        block[name] = (block.get(name) or "") + delta.get(name, "")
    else:  # a kind of a later version
        block.update({name: value for name, value in delta.items() if name != "type"})


def _block(at: int, block: Body) -> Iterator[Body]:
    """One block of the content as it is made."""
    begun = dict(block)
    deltas: list[Body] = []
    if "input" in block:
        begun["input"] = {}
        told = json.dumps(block["input"], ensure_ascii=False) if block["input"] else ""
        deltas += [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(told)]
    for kind, name in _GROWS.items():
        if isinstance(block.get(name), str):
            begun[name] = ""
            whole = [block[name]] if name == "signature" else pieces(block[name])
            deltas += [{"type": kind, name: piece} for piece in whole if piece]
    if block.get("citations"):
        begun["citations"] = []
        deltas += [{"type": "citations_delta", "citation": citation} for citation in block["citations"]]
    yield {"type": "content_block_start", "index": at, "content_block": begun}
    yield from ({"type": "content_block_delta", "index": at, "delta": delta} for delta in deltas)
    yield {"type": "content_block_stop", "index": at}


def error(_: int, kind: str, message: str) -> Body:
    """How Anthropic tells of a failure."""
    return {"type": "error", "error": {"type": kind, "message": message}}
