"""Any JSON is an answer that can be read."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prompt_cache.responses.answer import read_answer
from prompt_cache.responses.envelopes import TABLE

# A busy machine is slow, not wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NAMES = st.sampled_from(
    [
        *(envelope.mark for envelope in TABLE),
        *(path[0] for envelope in TABLE for path in (*envelope.content, *envelope.data, *envelope.finish) if path),
        "choices",
        "message",
        "content",
        "parts",
        "text",
        "output",
        "response",
        "kwargs",
        "candidates",
        "generations",
        "type",
        "role",
        "tool_calls",
        "refusal",
        "audio",
        "error",
        "json",
        "binary",
        "body",
        "statusCode",
        "data",
        "model",
        "usage",
        "usageMetadata",
        "tokens",
        "finish_reason",
        "status",
        "incomplete_details",
        "done",
        "response_metadata",
        "additional_kwargs",
        "prompt_tokens",
        "completion_tokens",
        "eval_count",
        "thought",
    ]
)
WORDS = st.sampled_from(["message", "ai", "tool_use", "reasoning", "length", "error", "incomplete", "x", "", " "])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=6),
    max_leaves=30,
)


@unhurried
@given(JSON)
def test_reads_any_json(response: Any) -> None:
    answer = read_answer(response)
    if answer.text.strip() or answer.has_tool_calls:
        assert not answer.is_empty


@unhurried
@given(st.text())
def test_text_is_its_own_answer(text: str) -> None:
    answer = read_answer(text)
    assert answer.text == text
    assert answer.is_empty == (not text.strip())


@pytest.mark.parametrize("nested", ['{"content":', '{"response":', "[", '{"output":[', '{"usage":', '{"message":'])
def test_reads_json_as_deep_as_it_parses(nested: str) -> None:
    closing = "".join({"{": "}", "[": "]"}[c] for c in reversed(nested) if c in "{[")
    read_answer(json.loads(nested * 400 + "null" + closing * 400))
