"""OpenAI's Chat Completions API on the wire."""

import time
from collections.abc import Iterator
from typing import Any

from .replies import DEFAULT_MODEL, MOST_CHOICES, Question, Reply
from .tools import Tool
from .wire import BadRequest, pieces, text_of


def read(body: dict[str, Any]) -> Question:
    """Raises BadRequest when there are no messages."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise BadRequest("messages", "Send `messages`: a list of objects with `role` and `content`.")
    asked = max((at for at, message in enumerate(messages) if message.get("role") == "user"), default=-1)
    results = [message for message in messages[asked + 1 :] if message.get("role") in ("tool", "function")]
    return Question(
        model=str(body.get("model") or DEFAULT_MODEL),
        texts=[text_of(message.get("content")) for message in messages],
        user_text=text_of(messages[asked].get("content")) if asked >= 0 else "",
        tools=[
            Tool(
                str(tool["function"].get("name")),
                tool["function"].get("parameters"),
                str(tool["function"].get("description") or ""),
            )
            for tool in body.get("tools") or ()
            if isinstance(tool, dict) and isinstance(tool.get("function"), dict)
        ],
        tool_choice=body.get("tool_choice"),
        tool_result=text_of(results[-1].get("content")) if results else None,
        schema=_schema(body.get("response_format")),
        choices=_choices(body.get("n")),
        stream=body.get("stream") is True,
        include_usage=isinstance(options := body.get("stream_options"), dict) and options.get("include_usage") is True,
    )


def _choices(n: Any) -> int:
    if n is None:
        return 1
    if not isinstance(n, int) or not 1 <= n <= MOST_CHOICES:
        raise BadRequest("n", f"`n` is 1 to {MOST_CHOICES}.")
    return n


def _schema(response_format: Any) -> Any:
    if not isinstance(response_format, dict) or response_format.get("type") in (None, "text"):
        return None
    form = response_format.get("json_schema")
    return (form.get("schema") if isinstance(form, dict) else None) or {}


def whole(reply: Reply) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [
        {"role": "assistant", "content": text, "refusal": None, "annotations": []} for text in reply.texts
    ]
    if reply.tool_call:
        messages[0] |= {"content": None, "tool_calls": [_tool_call(reply)]}
    return _head(reply, "chat.completion") | {
        "choices": [_choice(at, "message", message, reply.finish_reason) for at, message in enumerate(messages)],
        "usage": _usage(reply),
    }


def chunks(reply: Reply, question: Question) -> Iterator[tuple[None, dict[str, Any]]]:
    """The stream's events: no names, only data."""
    head = _head(reply, "chat.completion.chunk")
    if question.include_usage:
        head["usage"] = None

    def chunk(at: int, delta: dict[str, Any], finish_reason: str | None = None) -> tuple[None, dict[str, Any]]:
        return None, head | {"choices": [_choice(at, "delta", delta, finish_reason)]}

    if reply.tool_call:
        call = _tool_call(reply)
        call["function"]["arguments"] = ""
        yield chunk(0, {"role": "assistant", "content": None, "tool_calls": [{"index": 0} | call]})
        for piece in pieces(reply.tool_call.arguments):
            yield chunk(0, {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        yield chunk(0, {}, reply.finish_reason)
    else:
        for at, text in enumerate(reply.texts):
            yield chunk(at, {"role": "assistant", "content": "", "refusal": None})
            for piece in pieces(text):
                yield chunk(at, {"content": piece})
            yield chunk(at, {}, reply.finish_reason)
    if question.include_usage:
        yield None, head | {"choices": [], "usage": _usage(reply)}


def _head(reply: Reply, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{reply.id}",
        "object": kind,
        "created": int(time.time()),
        "model": reply.model,
        "system_fingerprint": "fp_demo",
    }


def _choice(at: int, part: str, content: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {"index": at, part: content, "logprobs": None, "finish_reason": finish_reason}


def _tool_call(reply: Reply) -> dict[str, Any]:
    call = reply.tool_call
    assert call is not None
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _usage(reply: Reply) -> dict[str, Any]:
    return {
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
