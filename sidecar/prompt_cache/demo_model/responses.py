"""OpenAI's Responses API on the wire."""

import time
from collections.abc import Iterator
from itertools import count
from typing import Any

from .replies import DEFAULT_MODEL, Question, Reply
from .tools import Tool
from .wire import BadRequest, pieces, text_of


def read(body: dict[str, Any]) -> Question:
    """Raises BadRequest when there is no input."""
    given = body.get("input")
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadRequest("input", "Send `input`: a text, or a list of items.")
    asked = max((at for at, item in enumerate(items) if item.get("role") == "user"), default=-1)
    results = [item for item in items[asked + 1 :] if item.get("type") == "function_call_output"]
    instructions = [body["instructions"]] if isinstance(body.get("instructions"), str) else []
    return Question(
        model=str(body.get("model") or DEFAULT_MODEL),
        texts=instructions + [text_of(item.get("content", item.get("output"))) for item in items],
        user_text=text_of(items[asked].get("content")) if asked >= 0 else "",
        tools=[
            Tool(str(tool.get("name")), tool.get("parameters"), str(tool.get("description") or ""))
            for tool in body.get("tools") or ()
            if isinstance(tool, dict) and tool.get("type") == "function"
        ],
        tool_choice=body.get("tool_choice"),
        tool_result=text_of(results[-1].get("output")) if results else None,
        schema=_schema(body.get("text")),
        stream=body.get("stream") is True,
    )


def _schema(text: Any) -> Any:
    form = text.get("format") if isinstance(text, dict) else None
    if not isinstance(form, dict) or form.get("type") in (None, "text"):
        return None
    return form.get("schema") or {}


def whole(reply: Reply) -> dict[str, Any]:
    return _response(reply, _status(reply), [_item(reply, _status(reply))], _usage(reply))


def events(reply: Reply) -> Iterator[tuple[str, dict[str, Any]]]:
    """The stream's events: name and data."""
    numbers = count()

    def event(kind: str, /, **data: Any) -> tuple[str, dict[str, Any]]:
        return kind, {"type": kind, "sequence_number": next(numbers)} | data

    begun = _response(reply, "in_progress", [], None)
    yield event("response.created", response=begun)
    yield event("response.in_progress", response=begun)

    item = _item(reply, _status(reply))
    where = {"item_id": item["id"], "output_index": 0}
    if reply.tool_call:
        empty = item | {"status": "in_progress", "arguments": ""}
        yield event("response.output_item.added", output_index=0, item=empty)
        for piece in pieces(reply.tool_call.arguments):
            yield event("response.function_call_arguments.delta", **where, delta=piece)
        yield event(
            "response.function_call_arguments.done",
            **where,
            name=reply.tool_call.name,
            arguments=reply.tool_call.arguments,
        )
    else:
        part = item["content"][0]
        where |= {"content_index": 0}
        empty = item | {"status": "in_progress", "content": []}
        yield event("response.output_item.added", output_index=0, item=empty)
        yield event("response.content_part.added", **where, part=part | {"text": ""})
        for piece in pieces(reply.text):
            yield event("response.output_text.delta", **where, delta=piece, logprobs=[])
        yield event("response.output_text.done", **where, text=reply.text, logprobs=[])
        yield event("response.content_part.done", **where, part=part)
    yield event("response.output_item.done", output_index=0, item=item)
    yield event(f"response.{_status(reply)}", response=whole(reply))


def _status(reply: Reply) -> str:
    return "completed" if reply.finish_reason in ("stop", "tool_calls") else "incomplete"


def _item(reply: Reply, status: str) -> dict[str, Any]:
    if call := reply.tool_call:
        return {
            "id": f"fc_{reply.id}",
            "type": "function_call",
            "status": status,
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
        }
    return {
        "id": f"msg_{reply.id}",
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [{"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}],
    }


def _response(reply: Reply, status: str, output: list[dict[str, Any]], usage: dict[str, Any] | None) -> dict[str, Any]:
    reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(reply.finish_reason)
    return {
        "id": f"resp_{reply.id}",
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "error": None,
        "incomplete_details": {"reason": reason} if status == "incomplete" else None,
        "instructions": None,
        "metadata": {},
        "model": reply.model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": usage,
    }


def _usage(reply: Reply) -> dict[str, Any]:
    return {
        "input_tokens": reply.input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": reply.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": reply.input_tokens + reply.output_tokens,
    }
