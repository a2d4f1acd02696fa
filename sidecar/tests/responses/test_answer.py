"""What is read from stored answers, in the shapes that providers and n8n give them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from prompt_cache.responses.answer import Answer, read_answer
from prompt_cache.responses.usage import Usage

# A busy machine is slow, not wrong.
from sidecar.tests.responses.shapes import (
    CALL,
    CHAT_USAGE,
    LANGCHAIN_METADATA,
    TEN_TWENTY,
    anthropic,
    chat,
    gemini,
    langchain,
    n8n_items,
    responses,
    responses_message,
)

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        pytest.param(
            chat({"role": "assistant", "content": "Hello", "refusal": None}),
            Answer(text="Hello", model="gpt-4o-2024-08-06", usage=TEN_TWENTY, finish_reason="stop"),
            id="openai chat",
        ),
        pytest.param(
            chat({"role": "assistant", "content": None, "tool_calls": [CALL]}, "tool_calls"),
            Answer(model="gpt-4o-2024-08-06", usage=TEN_TWENTY, finish_reason="tool_calls", has_tool_calls=True),
            id="openai chat tool call",
        ),
        pytest.param(
            chat({"role": "assistant", "content": None, "refusal": "I can't help with that."}),
            Answer(
                text="I can't help with that.",
                model="gpt-4o-2024-08-06",
                usage=TEN_TWENTY,
                finish_reason="content_filter",
            ),
            id="openai chat refusal",
        ),
        pytest.param(
            responses([{"type": "reasoning", "id": "r", "summary": []}, responses_message("Hello")]),
            Answer(text="Hello", model="gpt-4o-mini", usage=TEN_TWENTY, finish_reason="stop"),
            id="openai responses",
        ),
        pytest.param(
            responses([{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}]),
            Answer(model="gpt-4o-mini", usage=TEN_TWENTY, finish_reason="tool_calls", has_tool_calls=True),
            id="openai responses tool call",
        ),
        pytest.param(
            responses([{"type": "web_search_call", "id": "w"}, responses_message("Found")]),
            Answer(text="Found", model="gpt-4o-mini", usage=TEN_TWENTY, finish_reason="stop"),
            id="a tool that the provider runs is no call to make",
        ),
        pytest.param(
            responses(
                [responses_message("Hel", status="incomplete")],
                status="incomplete",
                incomplete_details={"reason": "max_output_tokens"},
            ),
            Answer(text="Hel", model="gpt-4o-mini", usage=TEN_TWENTY, finish_reason="length"),
            id="openai responses incomplete",
        ),
        pytest.param(
            anthropic([{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "Hello"}]),
            Answer(text="Hello", model="claude-sonnet-4-5", usage=TEN_TWENTY, finish_reason="stop"),
            id="anthropic",
        ),
        pytest.param(
            anthropic([{"type": "tool_use", "id": "t", "name": "f", "input": {}}], "tool_use"),
            Answer(model="claude-sonnet-4-5", usage=TEN_TWENTY, finish_reason="tool_calls", has_tool_calls=True),
            id="anthropic tool use",
        ),
        pytest.param(
            gemini([{"text": "Thinking", "thought": True}, {"text": "Hel"}, {"text": "lo"}]),
            Answer(text="Hello", model="gemini-2.5-flash", usage=TEN_TWENTY, finish_reason="stop"),
            id="gemini",
        ),
        pytest.param(
            gemini([{"functionCall": {"name": "f", "args": {}}}]),
            Answer(model="gemini-2.5-flash", usage=TEN_TWENTY, finish_reason="tool_calls", has_tool_calls=True),
            id="gemini function call",
        ),
        pytest.param(
            [
                gemini([{"text": "Hel"}]) | {"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 1}},
                gemini([{"text": "lo"}]),
            ],
            Answer(text="Hello", model="gemini-2.5-flash", usage=TEN_TWENTY, finish_reason="stop"),
            id="gemini chunks",
        ),
        pytest.param(
            {
                "model": "llama3.2",
                "message": {"role": "assistant", "content": "Hello"},
                "done": True,
                "done_reason": "stop",
                "prompt_eval_count": 10,
                "eval_count": 20,
            },
            Answer(text="Hello", model="llama3.2", usage=TEN_TWENTY, finish_reason="stop"),
            id="ollama chat",
        ),
        pytest.param(
            {"model": "llama3.2", "response": "Hello", "done": True, "prompt_eval_count": 10, "eval_count": 20},
            Answer(text="Hello", model="llama3.2", usage=TEN_TWENTY),
            id="ollama generate",
        ),
        pytest.param(
            {
                "output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
                "stopReason": "end_turn",
                "usage": {"inputTokens": 10, "outputTokens": 20, "totalTokens": 30},
            },
            Answer(text="Hello", usage=TEN_TWENTY, finish_reason="stop"),
            id="bedrock converse",
        ),
        pytest.param(
            {
                "message": {"role": "assistant", "content": [{"type": "text", "text": "Hello"}]},
                "finish_reason": "COMPLETE",
                "usage": {"billed_units": {"input_tokens": 10, "output_tokens": 20}},
            },
            Answer(text="Hello", usage=TEN_TWENTY, finish_reason="stop"),
            id="cohere",
        ),
        pytest.param({"text": "Hello"}, Answer(text="Hello"), id="n8n chain"),
        pytest.param({"output": "Hello"}, Answer(text="Hello"), id="n8n agent"),
        pytest.param({"response": {"text": "Hello"}}, Answer(text="Hello"), id="n8n older chain"),
        pytest.param({"output": {"a": 1}}, Answer(text='{"a":1}'), id="n8n output parser"),
        pytest.param(
            {"text": "Hello", "tokenUsage": {"promptTokens": 10, "completionTokens": 20, "totalTokens": 30}},
            Answer(text="Hello", usage=TEN_TWENTY),
            id="n8n chain with usage",
        ),
        pytest.param(
            {
                "response": {"generations": [[{"text": "Hello", "generationInfo": {"finish_reason": "stop"}}]]},
                "tokenUsageEstimate": {"promptTokens": 10, "completionTokens": 20, "totalTokens": 30},
            },
            Answer(text="Hello", usage=Usage(10, 20, estimated=True), finish_reason="stop"),
            id="n8n model run with estimated usage",
        ),
        pytest.param(
            {"output": [responses_message("Hello")]},
            Answer(text="Hello", finish_reason="stop"),
            id="n8n openai node",
        ),
        pytest.param({"output": [{"content": [{"text": "Hi"}]}]}, Answer(text="Hi"), id="n8n openai node, bare"),
        pytest.param({"content": [{"type": "text", "text": "Hi"}]}, Answer(text="Hi"), id="n8n anthropic node"),
        pytest.param(
            {"content": {"parts": [{"text": "Hi"}], "role": "model"}, "finishReason": "STOP", "index": 0},
            Answer(text="Hi", finish_reason="stop"),
            id="n8n gemini node",
        ),
        pytest.param(
            n8n_items({"text": "Hi"}, {"text": " there"}),
            Answer(text="Hi there"),
            id="n8n items, as the node keeps them",
        ),
        pytest.param(
            n8n_items(
                {"output": "Hi", "tokenUsage": {"promptTokens": 3, "completionTokens": 4}}, chat({"content": "!"})
            ),
            Answer(text="Hi!", model="gpt-4o-2024-08-06", usage=TEN_TWENTY + Usage(3, 4), finish_reason="stop"),
            id="n8n items add up",
        ),
        pytest.param({"json": {"text": "Hi"}, "pairedItem": {"item": 0}}, Answer(text="Hi"), id="whole n8n item"),
        pytest.param(
            {"statusCode": 200, "headers": {}, "body": chat({"role": "assistant", "content": "Hello"})},
            Answer(text="Hello", model="gpt-4o-2024-08-06", usage=TEN_TWENTY, finish_reason="stop"),
            id="n8n http request with full response",
        ),
        pytest.param(
            langchain(content="Hello", **LANGCHAIN_METADATA),
            Answer(text="Hello", model="gpt-4o", usage=TEN_TWENTY, finish_reason="stop"),
            id="langchain dump",
        ),
        pytest.param(
            {"type": "ai", "data": {"content": "Hello", **LANGCHAIN_METADATA}},
            Answer(text="Hello", model="gpt-4o", usage=TEN_TWENTY, finish_reason="stop"),
            id="langchain stored message",
        ),
        pytest.param(
            {
                "generations": [
                    [{"text": "", "message": langchain(content="", **LANGCHAIN_METADATA | {"tool_calls": [CALL]})}]
                ],
                "llmOutput": {},
            },
            Answer(model="gpt-4o", usage=TEN_TWENTY, finish_reason="tool_calls", has_tool_calls=True),
            id="langchain result",
        ),
        pytest.param(
            {
                "generations": [
                    [
                        langchain(
                            content=[{"type": "text", "text": "Hello"}],
                            **LANGCHAIN_METADATA
                            | {"usage_metadata": {"input_tokens": 10, "output_tokens": 20}}
                            | {"response_metadata": responses([responses_message("Hello")])},
                        )
                    ]
                ],
                "llmOutput": {"tokenUsage": {"promptTokens": 0, "completionTokens": 0, "totalTokens": 0}},
            },
            Answer(text="Hello", model="gpt-4o-mini", usage=TEN_TWENTY, finish_reason="stop"),
            id="langchain result of the responses api",
        ),
        pytest.param(
            {
                "generations": [
                    [
                        langchain(
                            content="Hello",
                            usage_metadata={
                                "input_tokens": 10,
                                "output_tokens": 20,
                                "input_token_details": {"cache_read": 8},
                            },
                        )
                    ]
                ],
                "llmOutput": {"tokenUsage": {"promptTokens": 10, "completionTokens": 20, "totalTokens": 30}},
            },
            Answer(text="Hello", usage=Usage(10, 20, 8)),
            id="of two accounts of the usage the fuller one",
        ),
        pytest.param(
            langchain(content="Hello", response_metadata={"model_name": "gpt-4o-minigpt-4o-mini"}),
            Answer(text="Hello", model="gpt-4o-mini"),
            id="langchain joins the model names of a stream",
        ),
        pytest.param(
            {"index": 0, "message": {"role": "assistant", "content": {"a": 1}}, "finish_reason": "stop"},
            Answer(text='{"a":1}', finish_reason="stop"),
            id="n8n older openai node, answer as json",
        ),
        pytest.param(
            {"output": [responses_message("") | {"content": [{"type": "output_text", "text": {"a": 1}}]}]},
            Answer(text='{"a":1}', finish_reason="stop"),
            id="n8n openai node, answer as json",
        ),
        pytest.param(
            {"content": [{"type": "text", "text": "Hi"}], "merged_response": "Hi"},
            Answer(text="Hi"),
            id="n8n anthropic node, merged",
        ),
        pytest.param(
            [{"text": "A", "usage": CHAT_USAGE}, {"text": "B", "usage": CHAT_USAGE}],
            Answer(text="AB", usage=Usage(20, 40)),
            id="several items add up",
        ),
        pytest.param("Hello", Answer(text="Hello"), id="text"),
        pytest.param(0, Answer(text="0"), id="zero is an answer"),
        pytest.param(False, Answer(text="false"), id="false is an answer"),
        pytest.param([1, 2], Answer(text="12"), id="a list"),
        pytest.param({"name": "Ann"}, Answer(text='{"name":"Ann"}'), id="any json"),
    ],
)
def test_reads(response: Any, answer: Answer) -> None:
    assert read_answer(response) == answer


@pytest.mark.parametrize(
    "response",
    [
        {"model": "Volvo 240", "status": "incomplete", "usage": "daily", "price": 3},
        {"output": {"model": "Volvo 240", "finish_reason": "length", "usage": {"input_tokens": 1}}},
        {"output": [{"model": "Volvo 240", "error": "rust"}]},
        {"text": "Fine", "model": "Volvo 240"},
    ],
)
def test_words_of_the_answer_are_not_taken_for_a_providers(response: Any) -> None:
    answer = read_answer(response)
    assert (answer.model, answer.usage, answer.finish_reason) == (None, None, None)
    assert not answer.is_error
    assert not answer.is_empty


@pytest.mark.parametrize(
    ("response", "finish_reason"),
    [
        (chat({"content": "x"}, "length"), "length"),
        (chat({"content": "x"}, "content_filter"), "content_filter"),
        (chat({"content": "x"}, "something new"), None),
        (anthropic([{"type": "text", "text": "x"}], "max_tokens"), "length"),
        (anthropic([{"type": "text", "text": "x"}], "model_context_window_exceeded"), "length"),
        (anthropic([{"type": "text", "text": "x"}], "pause_turn"), "length"),
        (anthropic([{"type": "text", "text": "x"}], "refusal"), "content_filter"),
        (anthropic([{"type": "text", "text": "x"}], "stop_sequence"), "stop"),
        (gemini([{"text": "x"}], "MAX_TOKENS"), "length"),
        (gemini([{"text": "x"}], "SAFETY"), "content_filter"),
        (gemini([{"text": "x"}], "RECITATION"), "content_filter"),
        (gemini([{"text": "x"}], "OTHER"), None),
        ({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {}}, "content_filter"),
        (responses([], status="incomplete", incomplete_details={"reason": "content_filter"}), "content_filter"),
        ({"output": [responses_message("x", status="incomplete")]}, "length"),
        ({"response": "x", "done": True, "done_reason": "length"}, "length"),
        (n8n_items({"text": "Hi"}, chat({"content": "x"}, "length"), chat({"content": "x"})), "length"),
        (n8n_items({"output": "Agent stopped due to max iterations."}), "unfinished"),
        (langchain(content="x", response_metadata={"finishReason": "MAX_TOKENS"}), "length"),
        (langchain(content="x", additional_kwargs={"stop_reason": "max_tokens"}), "length"),
        (
            {"choices": [{"text": "a", "finish_reason": "stop"}, {"text": "b", "finish_reason": "length"}]},
            "length",
        ),
    ],
)
def test_finish_reason_in_openais_vocabulary(response: Any, finish_reason: str | None) -> None:
    assert read_answer(response).finish_reason == finish_reason


@pytest.mark.parametrize(
    "response",
    [
        None,
        "",
        " \n\t",
        {},
        [],
        [{}, None, ""],
        {"text": ""},
        {"output": None},
        {"output": {}},
        {"output": []},
        {"output": " ", "intermediateSteps": [{"action": {"tool": "f"}}]},
        {"response": {"text": ""}},
        {"json": {"text": ""}, "pairedItem": {"item": 0}},
        n8n_items({"text": ""}),
        n8n_items({}, {}),
        n8n_items(),
        chat({"role": "assistant", "content": ""}),
        chat({"role": "assistant", "content": None, "tool_calls": []}),
        {"choices": [], "usage": CHAT_USAGE},
        responses([]),
        responses([{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}]),
        anthropic([]),
        anthropic([{"type": "thinking", "thinking": "Hm"}]),
        gemini([]),
        {"candidates": [{"content": {"role": "model"}, "finishReason": "STOP"}]},
        {"candidates": [{"finishReason": "SAFETY"}]},
        {"model": "llama3.2", "response": "", "done": True},
        langchain(content="", **LANGCHAIN_METADATA),
    ],
)
def test_empty(response: Any) -> None:
    assert read_answer(response).is_empty


@pytest.mark.parametrize(
    "response",
    [
        responses([{"type": "image_generation_call", "result": "iVBORw0"}]),
        gemini([{"inlineData": {"mimeType": "image/png", "data": "iVBORw0"}}]),
        chat({"role": "assistant", "content": None, "audio": {"id": "a", "data": "UklG"}}),
        {"json": {}, "binary": {"data": {"mimeType": "image/png"}}},
        {"output": {"name": ""}},
    ],
)
def test_an_answer_without_text_is_not_empty(response: Any) -> None:
    assert not read_answer(response).is_empty


@pytest.mark.parametrize(
    "response",
    [
        {"error": {"message": "Rate limit reached", "type": "requests"}},
        {"error": "model 'x' not found"},
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}],
        {"json": {"error": "The service refused"}, "pairedItem": {"item": 0}},
        {"json": {}, "error": {"message": "The service refused"}},
        n8n_items({"text": "Hi"}, {"error": "The service refused"}),
        {"statusCode": 502, "headers": {}, "body": "Bad gateway"},
        responses([], status="failed", error={"code": "server_error", "message": "Sorry"}),
        chat({"content": "Half an ans"}, "error"),
        {"choices": [{"message": {"content": "Half"}, "error": {"code": 502}}]},
    ],
)
def test_error(response: Any) -> None:
    assert read_answer(response).is_error
