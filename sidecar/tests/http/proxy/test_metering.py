"""What a call used, read from its answer as it goes by."""

import json
from typing import Any

import pytest

from prompt_cache.http.proxy.metering import Meter
from prompt_cache.protocols.anthropic import Messages
from prompt_cache.protocols.framing import Framing, Garbled, JsonLines, JsonList, ServerSentEvents
from prompt_cache.protocols.gemini import GenerateContent
from prompt_cache.protocols.ollama import Chat
from prompt_cache.protocols.openai_chat import DONE, ChatCompletions
from prompt_cache.protocols.openai_responses import Responses
from prompt_cache.responses.usage import Usage

MOST = 1_000_000
TEXT = "one two three four five six seven eight nine ten " * 20
BODIES: list[tuple[Any, Framing, dict[str, Any]]] = [
    (
        ChatCompletions(),
        DONE,
        {
            "model": "gpt-4o-mini",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": TEXT}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 250},
        },
    ),
    (
        Responses(),
        ServerSentEvents(),
        {
            "object": "response",
            "status": "completed",
            "model": "gpt-5-mini",
            "output": [
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": TEXT}], "id": "m"}
            ],
            "usage": {"input_tokens": 9, "output_tokens": 250, "total_tokens": 259},
        },
    ),
    (
        Messages(),
        ServerSentEvents(),
        {
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5",
            "content": [{"type": "text", "text": TEXT}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 9, "output_tokens": 250},
        },
    ),
    (
        GenerateContent(),
        JsonList(),
        {
            "candidates": [{"content": {"role": "model", "parts": [{"text": TEXT}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 250, "totalTokenCount": 259},
            "modelVersion": "gemini-2.5-flash",
        },
    ),
    (
        Chat(),
        JsonLines(),
        {
            "model": "llama3.2",
            "message": {"role": "assistant", "content": TEXT},
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 9,
            "eval_count": 250,
        },
    ),
]
each_protocol = pytest.mark.parametrize(("endpoint", "framing", "body"), BODIES, ids=[each[0].name for each in BODIES])


def written(framing: Framing, endpoint: Any, body: dict[str, Any]) -> list[bytes]:
    return list(framing.written(endpoint.events(body)))


@each_protocol
@pytest.mark.parametrize("streamed", [True, False])
def test_what_the_answer_says(endpoint: Any, framing: Framing, body: dict[str, Any], streamed: bool) -> None:
    meter = Meter(framing if streamed else None, MOST)
    whole = b"".join(written(framing, endpoint, body)) if streamed else json.dumps(body).encode()
    for at in range(0, len(whole), 7):
        meter.feed(whole[at : at + 7])
    answer, ended = meter.told(endpoint)
    assert ended
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (9, 250)
    assert answer.model == (body.get("model") or body["modelVersion"])


@each_protocol
def test_of_what_was_cut_off_a_rough_count(endpoint: Any, framing: Framing, body: dict[str, Any]) -> None:
    meter = Meter(framing, MOST)
    parts = written(framing, endpoint, body)
    cut = len(parts) // 2
    for part in parts[:cut]:
        meter.feed(part)
    _, ended = meter.told(endpoint)
    assert not ended
    assert meter.spoken_tokens is not None
    assert 80 < meter.spoken_tokens < 180  # half of 250, and a few words more or less


@each_protocol
def test_of_a_long_stream_no_more_than_a_few_events_are_held(
    endpoint: Any, framing: Framing, body: dict[str, Any]
) -> None:
    meter = Meter(framing, 10_000)
    parts = written(framing, endpoint, body)
    first = [*parts[:3], *parts[3:5] * 5000]
    for part in first:
        meter.feed(part)
    assert sum(map(len, first)) > 500_000
    assert len(meter._first) + len(meter._last) < 10
    assert meter.spoken_tokens


def test_a_body_that_is_larger_than_is_held_says_nothing() -> None:
    meter = Meter(None, 1000)
    for _ in range(100):
        meter.feed(b"x" * 100)
    assert not meter._parts
    answer, ended = meter.told(ChatCompletions())
    assert (answer.usage, ended, meter.spoken_tokens) == (None, False, None)


def test_what_is_no_stream_is_read_no_further() -> None:
    meter = Meter(DONE, MOST)
    with pytest.raises(Garbled):
        meter.feed(b"data: {broken\n\n")
    assert meter.feed(b'data: {"usage": {"prompt_tokens": 5, "completion_tokens": 5}}\n\n') == []
    assert meter.spoken_tokens is None


def test_of_a_stream_that_says_no_usage_its_texts_are_counted() -> None:
    endpoint, framing, body = BODIES[0]
    meter = Meter(framing, MOST)
    for part in written(framing, endpoint, {name: value for name, value in body.items() if name != "usage"}):
        meter.feed(part)
    answer, ended = meter.told(endpoint)
    assert ended
    assert (answer.usage or Usage()).output_tokens is None
    assert meter.spoken_tokens == pytest.approx(250, rel=0.1)


def test_what_is_nested_as_deep_as_can_be_breaks_nothing() -> None:
    meter = Meter(DONE, MOST)
    deep = b'{"content":' * 900 + b'"x"' + b"}" * 900
    try:
        meter.feed(b"data: " + deep + b"\n\n")
    except Garbled:
        return
    assert meter.spoken_tokens is not None
