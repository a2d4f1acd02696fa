"""OpenAI's Responses."""

from collections.abc import Iterator, Sequence

import msgspec

from .framing import ServerSentEvents
from .protocol import Body, Call, Json, Streamed, Wire, pieces, request_of, with_zero

_FIELDS = {"model": "model", "input": "messages", "instructions": "system", "tools": "tools"}
_ENDS = ("response.completed", "response.incomplete", "response.failed")
_NAMED = ServerSentEvents(name_of=lambda event: event.get("type"))


class Responses(Streamed):
    name = "openai_responses"

    def is_at(self, path: str) -> bool:
        return path == "responses" or path.endswith("/responses")

    def read(self, wire: Wire) -> Call:
        body = wire.body
        framing = _NAMED if body.get("stream") else None
        for field, why in _ELSEWHERE.items():
            if body.get(field):
                return Call(bypass=why, framing=framing)
        if isinstance(said := body.get("input"), str):
            body = {**body, "input": [{"role": "user", "content": said}]}
        if isinstance(form := (body.get("text") or {}), dict) and form.get("format"):
            rest = {name: value for name, value in form.items() if name != "format"}
            request = request_of({**body, "text": rest or None}, _FIELDS)
            if request is not None:
                request = msgspec.structs.replace(request, response_format=form["format"])
        else:
            request = request_of(body, _FIELDS)
        return Call(request=request, framing=framing)

    def is_last(self, event: Json) -> bool:
        return isinstance(event, dict) and event.get("type") in _ENDS

    def is_failure(self, event: Json) -> bool:
        return isinstance(event, dict) and event.get("type") in ("error", "response.failed")

    def collected(self, events: Sequence[Json]) -> Json:
        return [event for event in events if self.is_last(event)][-1]["response"]

    def events(self, body: Json) -> list[Json]:
        begun = {**body, "status": "in_progress", "output": [], "usage": None, "completed_at": None}
        events: list[Json] = [
            {"type": "response.created", "response": begun},
            {"type": "response.in_progress", "response": begun},
        ]
        for index, item in enumerate(body.get("output", ())):
            events += _item(index, item)
        last = "response.incomplete" if body.get("status") == "incomplete" else "response.completed"
        events.append({"type": last, "response": body})
        return [{**event, "sequence_number": at} for at, event in enumerate(events)]

    def without_usage(self, answer: Json) -> Json:
        if isinstance(answer, dict) and isinstance(answer.get("response"), dict):
            return {**answer, "response": with_zero(answer["response"], "usage")}
        return with_zero(answer, "usage")


_ELSEWHERE = {
    "previous_response_id": "earlier-response",
    "conversation": "conversation",
    "background": "background",
}
"""What the provider keeps to itself, so that the call does not tell all."""


def _item(index: int, item: Body) -> Iterator[Body]:
    """One item of the output as it is made."""
    place = {"output_index": index, "item_id": item.get("id")}
    begun = {**item, "status": "in_progress"} if "status" in item else dict(item)
    parts = item.get("content") if item.get("type") == "message" else None
    if isinstance(parts, list):
        begun["content"] = []
    elif item.get("type") == "reasoning":
        begun["summary"] = []
    elif isinstance(item.get("arguments"), str):
        begun["arguments"] = ""
    yield {"type": "response.output_item.added", "output_index": index, "item": begun}
    for at, part in enumerate(parts or ()):
        yield from _part({**place, "content_index": at}, part)
    if item.get("type") == "reasoning":
        for at, part in enumerate(item.get("summary") or ()):
            yield from _summary({**place, "summary_index": at}, part)
    elif isinstance(item.get("arguments"), str):
        told = item["arguments"]
        kind = f"response.{item.get('type')}_arguments"
        yield from ({"type": f"{kind}.delta", **place, "delta": piece} for piece in pieces(told))
        yield {"type": f"{kind}.done", **place, "arguments": told}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _part(place: Body, part: Body) -> Iterator[Body]:
    kind, field = ("refusal", "refusal") if part.get("type") == "refusal" else ("output_text", "text")
    told = part.get(field) or ""
    empty = {**part, field: "", "annotations": []} if kind == "output_text" else {**part, field: ""}
    yield {"type": "response.content_part.added", **place, "part": empty}
    for piece in pieces(told):
        delta = {"type": f"response.{kind}.delta", **place, "delta": piece}
        yield {**delta, "logprobs": []} if kind == "output_text" else delta
    for at, annotation in enumerate(part.get("annotations") or ()):
        yield {
            "type": "response.output_text.annotation.added",
            **place,
            "annotation_index": at,
            "annotation": annotation,
        }
    done = {"type": f"response.{kind}.done", **place, field: told}
    yield {**done, "logprobs": part.get("logprobs") or []} if kind == "output_text" else done
    yield {"type": "response.content_part.done", **place, "part": part}


def _summary(place: Body, part: Body) -> Iterator[Body]:
    told = part.get("text") or ""
    yield {"type": "response.reasoning_summary_part.added", **place, "part": {**part, "text": ""}}
    yield from ({"type": "response.reasoning_summary_text.delta", **place, "delta": piece} for piece in pieces(told))
    yield {"type": "response.reasoning_summary_text.done", **place, "text": told}
    yield {"type": "response.reasoning_summary_part.done", **place, "part": part}
