"""Token counts from every provider's vocabulary."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prompt_cache.responses.usage import Usage, estimate, from_fields, rough_tokens

# A busy machine is slow, not wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

OPENAI_CHAT = {
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "total_tokens": 2306,
    "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 64},
}


@pytest.mark.parametrize(
    ("fields", "usage"),
    [
        pytest.param(OPENAI_CHAT, Usage(2006, 300, 1920, None, 64), id="openai chat"),
        pytest.param(
            {
                "input_tokens": 36,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 87,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 123,
            },
            Usage(36, 87, 0, None, 0),
            id="openai responses",
        ),
        pytest.param(
            {
                "input_tokens": 50,
                "cache_creation_input_tokens": 248,
                "cache_read_input_tokens": 1800,
                "output_tokens": 503,
            },
            Usage(2098, 503, 1800, 248),
            id="anthropic counts cached tokens beside the input",
        ),
        pytest.param(
            {"inputTokens": 50, "outputTokens": 5, "totalTokens": 155, "cacheReadInputTokens": 100},
            Usage(150, 5, 100),
            id="bedrock converse",
        ),
        pytest.param(
            {"prompt_tokens": 2098, "completion_tokens": 503, "cache_read_input_tokens": 1800},
            Usage(2098, 503, 1800),
            id="a gateway that gives anthropic's names to openai's counts",
        ),
        pytest.param(
            {
                "input_tokens": 2098,
                "output_tokens": 503,
                "total_tokens": 2601,
                "input_token_details": {"cache_read": 1800, "cache_creation": 248},
                "output_token_details": {"reasoning": 3},
            },
            Usage(2098, 503, 1800, 248, 3),
            id="langchain usage_metadata",
        ),
        pytest.param(
            {
                "promptTokenCount": 10,
                "cachedContentTokenCount": 4,
                "candidatesTokenCount": 20,
                "thoughtsTokenCount": 30,
                "toolUsePromptTokenCount": 5,
                "totalTokenCount": 65,
            },
            Usage(15, 50, 4, None, 30),
            id="gemini",
        ),
        pytest.param({"promptTokenCount": 10, "totalTokenCount": 10}, Usage(10, 0), id="gemini, nothing generated"),
        pytest.param({"prompt_eval_count": 26, "eval_count": 298}, Usage(26, 298), id="ollama"),
        pytest.param({"eval_count": 298}, Usage(None, 298), id="ollama, prompt already evaluated"),
        pytest.param({"promptTokens": 7, "completionTokens": 9, "totalTokens": 16}, Usage(7, 9), id="n8n tokenUsage"),
        pytest.param(
            {"billed_units": {"input_tokens": 5, "output_tokens": 6}, "tokens": {"input_tokens": 71}},
            Usage(5, 6),
            id="cohere",
        ),
        pytest.param(
            {
                "prompt_tokens": 32,
                "completion_tokens": 9,
                "total_tokens": 135,
                "completion_tokens_details": {"reasoning_tokens": 94},
            },
            Usage(32, 103, None, None, 94),
            id="xai counts reasoning beside the completion",
        ),
        pytest.param(
            {"prompt_tokens": 10, "completion_tokens": 1, "prompt_cache_hit_tokens": 8},
            Usage(10, 1, 8),
            id="deepseek",
        ),
        pytest.param(
            {
                "input_tokens": 10,
                "output_tokens": 20,
                "cached_input_tokens": 3,
                "cache_write_tokens": 2,
                "reasoning_tokens": 1,
                "estimated": True,
            },
            Usage(10, 20, 3, 2, 1, estimated=True),
            id="our own names",
        ),
        pytest.param({"prompt_tokens": 10, "total_tokens": 15}, Usage(10, 5), id="output from the total"),
        pytest.param({"completion_tokens": 10, "total_tokens": 15}, Usage(5, 10), id="input from the total"),
        pytest.param(
            {"input_tokens": 10, "output_tokens": 5, "cached_input_tokens": 99},
            Usage(10, 5, 10),
            id="a part is never more than the whole",
        ),
        pytest.param({"input_tokens": 10.0, "output_tokens": 5.5}, Usage(10), id="only whole numbers count"),
    ],
)
def test_reads_a_providers_usage(fields: dict[str, Any], usage: Usage) -> None:
    assert from_fields(fields) == usage


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"total_tokens": 10},
        {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0},
        {"input_tokens": "10"},
        {"input_tokens": True},
        {"input_tokens": -1},
        {"input_tokens": 10**40, "output_tokens": float("nan")},
        {"prompt_tokens_details": {"cached_tokens": 5}},
        {"tokens": {}},
    ],
)
def test_states_no_usage(fields: dict[str, Any]) -> None:
    assert from_fields(fields) is None


COUNT_NAMES = st.sampled_from(
    [
        "input_tokens",
        "output_tokens",
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "cached_input_tokens",
        "reasoning_tokens",
        "promptTokenCount",
        "candidatesTokenCount",
        "thoughtsTokenCount",
        "totalTokenCount",
        "eval_count",
        "prompt_tokens_details",
        "input_token_details",
        "tokens",
        "billed_units",
    ]
)
COUNTS = st.recursive(
    st.integers(-5, 10**6) | st.none() | st.floats() | st.sampled_from(["", "7"]) | st.booleans(),
    lambda inner: st.dictionaries(
        st.sampled_from(["cached_tokens", "cache_read", "cache_creation", "input_tokens", "output_tokens"]), inner
    ),
    max_leaves=5,
)


@unhurried
@given(st.dictionaries(COUNT_NAMES, COUNTS))
def test_any_usage_is_consistent(fields: dict[str, Any]) -> None:
    usage = from_fields(fields)
    if usage is None:
        return
    assert usage.input_tokens or usage.output_tokens
    assert all(count is None or count >= 0 for count in usage.counts())
    if usage.input_tokens is not None:
        assert (usage.cached_input_tokens or 0) + (usage.cache_write_tokens or 0) <= usage.input_tokens
    if usage.output_tokens is not None:
        assert (usage.reasoning_tokens or 0) <= usage.output_tokens


def test_adds_up_and_keeps_unknown_unknown() -> None:
    total = Usage(10, 20, 5, None, None) + Usage(1, None, 2, None, None, estimated=True)
    assert total == Usage(11, 20, 7, None, None, estimated=True)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("a", 1),
        ("12345678", 2),
        ("Привет", 3),
        ("今天天气很好", 6),
        ("도쿄タワー", 5),
        ("GPT 今天", 3),
    ],
)
def test_rough_count_knows_scripts_apart(text: str, tokens: int) -> None:
    assert rough_tokens(text) == tokens


def test_an_estimate_says_so() -> None:
    assert estimate("What is this?", "A test.") == Usage(4, 2, estimated=True)


@unhurried
@given(st.text(), st.text())
def test_more_text_never_counts_less(text: str, more: str) -> None:
    assert 0 <= rough_tokens(text) <= rough_tokens(text + more)
