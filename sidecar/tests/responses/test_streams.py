"""Streams that were kept as the list of their chunks or events are one answer, and finished only if they say so."""

from typing import Any

import pytest

from prompt_cache.responses.answer import Answer, read_answer
from sidecar.tests.responses.shapes import (
    CHAT_USAGE,
    TEN_TWENTY,
    anthropic,
    chunk,
    gemini,
    ollama,
    responses,
    responses_message,
)

ANTHROPIC_EVENTS: list[dict[str, Any]] = [
    {
        "type": "message_start",
        "message": anthropic([]) | {"stop_reason": None, "usage": {"input_tokens": 10, "output_tokens": 1}},
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "ping"},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
    {"type": "content_block_stop", "index": 0},
]
ANTHROPIC_END: list[dict[str, Any]] = [
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 20}},
    {"type": "message_stop"},
]
RESPONSES_EVENTS: list[dict[str, Any]] = [
    {"type": "response.created", "response": responses([], status="in_progress", usage=None)},
    {"type": "response.output_text.delta", "delta": "Hel"},
    {"type": "response.output_text.delta", "delta": "lo"},
]
BEDROCK_EVENTS: list[dict[str, Any]] = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"delta": {"text": "Hel"}, "contentBlockIndex": 0}},
    {"contentBlockDelta": {"delta": {"text": "lo"}, "contentBlockIndex": 0}},
    {"contentBlockStop": {"contentBlockIndex": 0}},
]
COHERE_EVENTS: list[dict[str, Any]] = [
    {"type": "message-start", "id": "m", "delta": {"message": {"role": "assistant", "content": []}}},
    {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Hel"}}}},
    {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "lo"}}}},
]
AI_SDK_EVENTS: list[dict[str, Any]] = [
    {"type": "start"},
    {"type": "text-start", "id": "0"},
    {"type": "text-delta", "id": "0", "delta": "Hel"},
    {"type": "text-delta", "id": "0", "delta": "lo"},
    {"type": "text-end", "id": "0"},
]


@pytest.mark.parametrize(
    ("response", "finish_reason"),
    [
        ([chunk("Hel"), chunk("lo"), chunk(finish_reason="stop")], "stop"),
        ([chunk("Hel"), chunk("lo"), chunk(finish_reason="length")], "length"),
        ([chunk("Hel"), chunk("lo"), chunk(finish_reason="something new")], None),
        ([chunk("Hel"), chunk("lo")], "unfinished"),
        (chunk("Hel"), "unfinished"),
        ([gemini([{"text": "Hel"}]) | {"candidates": [{"content": {"parts": [{"text": "Hel"}]}}]}], "unfinished"),
        ([ollama("Hel", done=False), ollama("lo", done=False)], "unfinished"),
        ([ollama("Hel", done=False), ollama("", done=True, done_reason="length")], "length"),
        ([ollama("Hel", done=False), ollama("lo", done=True)], None),
        (ANTHROPIC_EVENTS, "unfinished"),
        (RESPONSES_EVENTS, "unfinished"),
        (BEDROCK_EVENTS, "unfinished"),
        (COHERE_EVENTS, "unfinished"),
        (AI_SDK_EVENTS, "unfinished"),
    ],
)
def test_a_stream_without_its_end_is_unfinished(response: Any, finish_reason: str | None) -> None:
    answer = read_answer(response)
    assert answer.finish_reason == finish_reason
    assert not answer.is_error


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        pytest.param(
            [
                {"id": "", "object": "", "model": "", "choices": [], "prompt_filter_results": []},
                chunk("Hel"),
                chunk("lo"),
                chunk(finish_reason="stop"),
                chunk() | {"choices": [], "usage": CHAT_USAGE},
            ],
            Answer(text="Hello", model="gpt-4o", usage=TEN_TWENTY, finish_reason="stop"),
            id="openai",
        ),
        pytest.param(
            ANTHROPIC_EVENTS + ANTHROPIC_END,
            Answer(text="Hello", model="claude-sonnet-4-5", usage=TEN_TWENTY, finish_reason="stop"),
            id="anthropic",
        ),
        pytest.param(
            [*RESPONSES_EVENTS, {"type": "response.completed", "response": responses([responses_message("Hello")])}],
            Answer(text="Hello", model="gpt-4o-mini", usage=TEN_TWENTY, finish_reason="stop"),
            id="openai responses",
        ),
        pytest.param(
            [
                *BEDROCK_EVENTS,
                {"messageStop": {"stopReason": "end_turn"}},
                {"metadata": {"usage": {"inputTokens": 10, "outputTokens": 20, "totalTokens": 30}}},
            ],
            Answer(text="Hello", usage=TEN_TWENTY, finish_reason="stop"),
            id="bedrock",
        ),
        pytest.param(
            [
                *COHERE_EVENTS,
                {
                    "type": "message-end",
                    "delta": {
                        "finish_reason": "COMPLETE",
                        "usage": {"tokens": {"input_tokens": 10, "output_tokens": 20}},
                    },
                },
            ],
            Answer(text="Hello", usage=TEN_TWENTY, finish_reason="stop"),
            id="cohere",
        ),
        pytest.param(
            [
                *AI_SDK_EVENTS,
                {"type": "finish", "finishReason": "stop", "totalUsage": {"inputTokens": 10, "outputTokens": 20}},
            ],
            Answer(text="Hello", usage=TEN_TWENTY, finish_reason="stop"),
            id="ai sdk",
        ),
        pytest.param(
            [ollama("Hel", done=False), ollama("lo", done=True, prompt_eval_count=10, eval_count=20)],
            Answer(text="Hello", model="llama3.2", usage=TEN_TWENTY),
            id="ollama",
        ),
    ],
)
def test_reads_a_stream_as_one_answer(response: Any, answer: Answer) -> None:
    assert read_answer(response) == answer
