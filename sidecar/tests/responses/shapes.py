"""Answers in the shapes that providers and frameworks give them."""

from typing import Any

from prompt_cache.responses.usage import Usage

TEN_TWENTY = Usage(10, 20)
CHAT_USAGE = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def chat(message: dict[str, Any], finish_reason: str = "stop") -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": CHAT_USAGE,
    }


def responses(output: list[Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": "gpt-4o-mini",
        "output": output,
        "usage": {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30},
        **fields,
    }


def responses_message(text: str, **fields: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": content, **fields}


def anthropic(content: list[Any], stop_reason: str = "end_turn") -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 20},
    }


def gemini(parts: list[Any], finish_reason: str = "STOP") -> dict[str, Any]:
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": finish_reason, "index": 0}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 20, "totalTokenCount": 30},
        "modelVersion": "gemini-2.5-flash",
    }


def chunk(text: str | None = None, finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    choices = [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    return {"id": "c", "object": "chat.completion.chunk", "model": "gpt-4o", "choices": choices, **fields}


def ollama(text: str, *, done: bool, **fields: Any) -> dict[str, Any]:
    return {"model": "llama3.2", "created_at": "2026", "response": text, "done": done, **fields}


def langchain(**kwargs: Any) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "AIMessage"], "kwargs": kwargs}


LANGCHAIN_METADATA = {
    "usage_metadata": {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30},
    "response_metadata": {"model_name": "gpt-4o", "finish_reason": "stop", "tokenUsage": {}},
    "additional_kwargs": {},
    "tool_calls": [],
    "invalid_tool_calls": [],
}


def n8n_items(*items: dict[str, Any]) -> dict[str, Any]:
    """What the AI gave, as our n8n node keeps it."""
    return {"n8n.items": [{"json": item, "own": True, "files": ["photo"]} for item in items]}
