"""Answers as the providers stream them, with all that they send along, and by no code of ours.

So what a client makes of a stream is held against what the proxy makes of it.
"""

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_PIECE = 7


def streamed(name: str, answer: Json, *, sse: bool, with_usage: bool) -> list[bytes]:
    """The parts of an endpoint's stream; Google's comes as a JSON list where it is no `sse`."""
    match name:
        case "openai_chat":
            return [*_data(_chat(answer, with_usage=with_usage)), b"data: [DONE]\n\n"]
        case "openai_completions":
            return [*_data(_completion(answer, with_usage=with_usage)), b"data: [DONE]\n\n"]
        case "openai_responses":
            events = [{**event, "sequence_number": at} for at, event in enumerate(_response(answer))]
            return _named(events)
        case "anthropic_messages":
            return _named(_message(answer))
        case "gemini_generate" if sse:
            return [b"data: %s\r\n\r\n" % _encoded(chunk) for chunk in _gemini(answer)]
        case "gemini_generate":
            first, *rest = map(_encoded, _gemini(answer))
            return [b"[" + first, *(b"\r\n,\r\n" + chunk for chunk in rest), b"\r\n]\r\n"]
    return [_encoded(line) + b"\n" for line in _ollama(answer)]


def _encoded(event: Json) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def _data(events: Iterator[Json]) -> list[bytes]:
    return [b"data: %s\n\n" % _encoded(event) for event in events]


def _named(events: Iterator[Json] | list[Json]) -> list[bytes]:
    return [b"event: %s\ndata: %s\n\n" % (event["type"].encode(), _encoded(event)) for event in events]


def _pieces(text: str) -> list[str]:
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]


def _chat(answer: Json, *, with_usage: bool) -> Iterator[Json]:
    about = {name: answer[name] for name in ("id", "created", "model")}
    about |= {"object": "chat.completion.chunk", "service_tier": "default", "system_fingerprint": "fp_1"}

    def chunk(delta: Json, finish: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        usage = {"usage": None} if with_usage else {}
        return {**about, "choices": [choice], **usage, "obfuscation": "x1Yz"}

    choice = answer["choices"][0]
    message = choice["message"]
    others = {name: value for name, value in message.items() if name not in ("role", "content", "tool_calls")}
    yield chunk({"role": "assistant", "content": None if message["content"] is None else "", "refusal": None, **others})
    for piece in _pieces(message["content"] or ""):
        yield chunk({"content": piece})
    for at, call in enumerate(message.get("tool_calls") or ()):
        function = call["function"]
        yield chunk({"tool_calls": [{**call, "index": at, "function": {**function, "arguments": ""}}]})
        for piece in _pieces(function["arguments"]):
            yield chunk({"tool_calls": [{"index": at, "function": {"arguments": piece}}]})
    yield chunk({}, choice["finish_reason"])
    if with_usage:
        yield {**about, "choices": [], "usage": answer["usage"], "obfuscation": "x1"}


def _completion(answer: Json, *, with_usage: bool) -> Iterator[Json]:
    about = {name: answer[name] for name in ("id", "object", "created", "model")}
    usage = {"usage": None} if with_usage else {}
    finish = answer["choices"][0]["finish_reason"]
    for piece in [*_pieces(answer["choices"][0]["text"]), ""]:
        choice = {"text": piece, "index": 0, "logprobs": None, "finish_reason": None if piece else finish}
        yield {**about, "choices": [choice], **usage}
    if with_usage:
        yield {**about, "choices": [], "usage": answer["usage"]}


def _response(answer: Json) -> Iterator[Json]:
    begun = {**answer, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for at, item in enumerate(answer["output"]):
        place = {"item_id": item["id"], "output_index": at}
        if item["type"] == "function_call":
            empty = {**item, "status": "in_progress", "arguments": ""}
            yield {"type": "response.output_item.added", "output_index": at, "item": empty}
            kind = "response.function_call_arguments"
            for piece in _pieces(item["arguments"]):
                yield {"type": f"{kind}.delta", **place, "delta": piece, "obfuscation": "x1"}
            yield {"type": f"{kind}.done", **place, "name": item["name"], "arguments": item["arguments"]}
        else:
            empty = {**item, "status": "in_progress", "content": []}
            yield {"type": "response.output_item.added", "output_index": at, "item": empty}
            part, place = item["content"][0], {**place, "content_index": 0}
            yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
            kind = "response.output_text"
            for piece in _pieces(part["text"]):
                yield {"type": f"{kind}.delta", **place, "delta": piece, "logprobs": [], "obfuscation": "x1"}
            yield {"type": f"{kind}.done", **place, "text": part["text"], "logprobs": []}
            yield {"type": "response.content_part.done", **place, "part": part}
        yield {"type": "response.output_item.done", "output_index": at, "item": item}
    yield {"type": "response.completed", "response": answer}


def _message(answer: Json) -> Iterator[Json]:
    begun = {**answer, "content": [], "stop_reason": None, "usage": {**answer["usage"], "output_tokens": 1}}
    yield {"type": "message_start", "message": begun}
    for at, block in enumerate(answer["content"]):
        if block["type"] == "tool_use":
            empty = {**block, "input": {}}
            texts = ["", *_pieces(json.dumps(block["input"]))]
            deltas = [{"type": "input_json_delta", "partial_json": text} for text in texts]
        else:
            empty = {**block, "text": ""}
            deltas = [{"type": "text_delta", "text": text} for text in _pieces(block["text"])]
        yield {"type": "content_block_start", "index": at, "content_block": empty}
        yield {"type": "ping"}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": at, "delta": delta}
        yield {"type": "content_block_stop", "index": at}
    ending = {"stop_reason": answer["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": ending, "usage": {"output_tokens": answer["usage"]["output_tokens"]}}
    yield {"type": "message_stop"}


def _gemini(answer: Json) -> Iterator[Json]:
    about = {name: answer[name] for name in ("modelVersion", "responseId")}
    [candidate], usage = answer["candidates"], answer["usageMetadata"]
    so_far = {"promptTokenCount": usage["promptTokenCount"], "totalTokenCount": usage["promptTokenCount"]}
    for part in candidate["content"]["parts"]:
        for piece in [{"text": text} for text in _pieces(part["text"])] if "text" in part else [part]:
            content = {"parts": [piece], "role": "model"}
            yield {"candidates": [{"content": content, "index": 0}], "usageMetadata": so_far, **about}
    last = {
        "content": {"parts": [{"text": ""}], "role": "model"},
        "finishReason": answer["candidates"][0]["finishReason"],
        "index": 0,
    }
    yield {"candidates": [last], "usageMetadata": usage, **about}


def _ollama(answer: Json) -> Iterator[Json]:
    about = {"model": answer["model"]}
    times = (f"2026-11-25T08:00:00.{at:06}Z" for at in range(10**6))

    def line(text: str, **more: Any) -> Json:
        message = {"role": "assistant", "content": text, **more}
        said = {"message": message} if "message" in answer else {"response": text}
        return {**about, "created_at": next(times), **said, "done": False}

    for piece in _pieces(answer["message"]["content"] if "message" in answer else answer["response"]):
        yield line(piece)
    if calls := answer.get("message", {}).get("tool_calls"):
        yield line("", tool_calls=calls)
    yield {**answer, **line(""), "done": True}
