"""Vendors' envelopes are judged by their own words, in their own places; whatever else there is, is not."""

from typing import Any

import pytest

from prompt_cache.responses.answer import Answer, read_answer
from prompt_cache.responses.usage import Usage
from sidecar.tests.responses.shapes import (
    CALL,
    CHAT_USAGE,
    LANGCHAIN_METADATA,
    TEN_TWENTY,
    anthropic,
    chat,
    chunk,
    gemini,
    langchain,
    ollama,
    responses,
    responses_message,
)

HALF = {"role": "assistant", "content": "Half"}
FILTERED = {"hate": {"filtered": True, "severity": "high"}}
UNFILTERED = {"hate": {"filtered": False, "severity": "safe"}, "jailbreak": {"filtered": False, "detected": False}}


def choice(**fields: Any) -> dict[str, Any]:
    body = chat(HALF)
    return body | {"choices": [body["choices"][0] | fields]}


def prediction(status: str, **fields: Any) -> dict[str, Any]:
    return {"id": "p", "version": "v", "input": {"prompt": "Hi"}, "status": status, "error": None, "logs": "", **fields}


def n8n_model(metadata: dict[str, Any]) -> dict[str, Any]:
    """As the Prompt Cache Model sub-node keeps answers."""
    data = {"content": "x", "tool_calls": [], "additional_kwargs": {}, "response_metadata": metadata}
    return {"generations": [{"text": "x", "message": {"type": "ai", "data": data}}]}


@pytest.mark.parametrize(
    ("response", "finish_reason"),
    [
        # OpenAI and those who speak its dialect
        (choice(finish_reason="sensitive"), "content_filter"),
        (choice(finish_reason="model_length"), "length"),
        (choice(finish_reason="max_tokens_exceeded"), "length"),
        (choice(finish_reason="moderation_blocked"), "content_filter"),
        (choice(finish_reason=None, native_finish_reason="MAX_TOKENS"), "length"),
        ({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "NO_IMAGE"}]}, "unfinished"),
        ({"output": "Agent stopped due to max iterations."}, "unfinished"),
        (choice(finish_reason={"unified": "content-filter", "raw": "x"}), "content_filter"),
        ({"choices": [{"text": "Half", "finishReason": "content-filter"}]}, "content_filter"),
        (choice(finish_reason="MAX_TOKENS"), "length"),
        (choice(finish_reason={"type": "max_tokens"}), "length"),
        (choice(finish_reason=None, finish_details={"type": "max_tokens"}), "length"),
        (choice(content_filter_results=FILTERED), "content_filter"),
        (choice(content_filter_results=UNFILTERED), "stop"),
        (choice() | {"prompt_filter_results": [{"content_filter_results": FILTERED}]}, "content_filter"),
        (choice() | {"prompt_filter_results": [{"content_filter_results": UNFILTERED}]}, "stop"),
        (chat({"role": "assistant", "content": None, "refusal": "No"}), "content_filter"),
        ({"role": "assistant", "content": None, "refusal": "No"}, "content_filter"),
        (responses([], status="queued"), "unfinished"),
        (responses([responses_message("Half")], status="in_progress"), "unfinished"),
        (responses([responses_message("Half")], status="incomplete"), "length"),
        (responses([responses_message("Half")], status="incomplete", incomplete_details={"reason": "new"}), "length"),
        ({"output": [responses_message("Half", status="in_progress")]}, "unfinished"),
        ([{"type": "reasoning", "summary": []}, responses_message("Half", status="incomplete")], "length"),
        ({"id": "v", "object": "video", "status": "queued", "progress": 0}, "unfinished"),
        # Anthropic
        (anthropic([{"type": "text", "text": "Half"}]) | {"stop_reason": None}, "unfinished"),
        ({"completion": "Half", "stop_reason": "max_tokens", "stop": None}, "length"),
        # Gemini
        (gemini([{"text": "x"}], "FinishReason.SAFETY"), "content_filter"),
        ({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finish_reason": 3}]}, "content_filter"),
        ({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finish_reason": "MAX_TOKENS"}]}, "length"),
        (gemini([{"text": "x"}]) | {"promptFeedback": {"blockReason": "BLOCK_REASON_UNSPECIFIED"}}, "stop"),
        ({"prompt_feedback": {"block_reason": "OTHER"}}, "content_filter"),
        ({"content": {"parts": [{"text": "x"}], "role": "model"}, "finishReason": "RECITATION"}, "content_filter"),
        # Ollama
        (ollama("Half", done=False), "unfinished"),
        ({"response": "Half", "done": False}, "unfinished"),
        ({"model": "x", "message": HALF, "done": False}, "unfinished"),
        (ollama("Half", done=True, done_reason="length"), "length"),
        # Cohere
        ({"id": "c", "message": HALF, "finish_reason": "MAX_TOKENS"}, "length"),
        ({"text": "Half", "generation_id": "g", "finish_reason": "ERROR_TOXIC", "meta": {}}, "content_filter"),
        ({"id": "c", "generations": [{"id": "g", "text": "Half", "finish_reason": "MAX_TOKENS"}]}, "length"),
        # Amazon Bedrock
        ({"output": {"message": HALF}, "stopReason": "guardrail_intervened"}, "content_filter"),
        ({"output": {"message": HALF}, "stopReason": "content_filtered"}, "content_filter"),
        ({"output": {"message": HALF}, "stopReason": "max_tokens"}, "length"),
        (
            anthropic([{"type": "text", "text": "x"}]) | {"amazon-bedrock-guardrailAction": "INTERVENED"},
            "content_filter",
        ),
        (anthropic([{"type": "text", "text": "x"}]) | {"amazon-bedrock-guardrailAction": "NONE"}, "stop"),
        ({"results": [{"outputText": "x", "tokenCount": 1, "completionReason": "CONTENT_FILTERED"}]}, "content_filter"),
        ({"results": [{"outputText": "x", "tokenCount": 1, "completionReason": "LENGTH"}]}, "length"),
        ({"results": [{"outputText": "x", "tokenCount": 1, "completionReason": "FINISH"}]}, "stop"),
        ({"generation": "Half", "generation_token_count": 1, "stop_reason": "length"}, "length"),
        ({"outputs": [{"text": "Half", "stop_reason": "length"}]}, "length"),
        ({"id": 1, "completions": [{"data": {"text": "x"}, "finishReason": {"reason": "length"}}]}, "length"),
        ({"id": 1, "completions": [{"data": {"text": "x"}, "finishReason": {"reason": "endoftext"}}]}, "stop"),
        # the AI SDK
        ({"text": "Half", "finishReason": "content-filter"}, "content_filter"),
        ({"text": "Half", "finishReason": "length", "usage": {"inputTokens": 1, "outputTokens": 2}}, "length"),
        ({"text": "x", "finishReason": {"unified": "content-filter", "raw": "SAFETY"}}, "content_filter"),
        ({"text": "x", "finishReason": {"unified": "other", "raw": "sensitive"}}, "content_filter"),
        ({"text": "x", "finishReason": {"unified": "stop", "raw": "end_turn"}}, "stop"),
        ({"content": [{"type": "text", "text": "x"}], "finishReason": {"unified": "length", "raw": None}}, "length"),
        ({"object": {"a": 1}, "finishReason": "length"}, "length"),
        ({"output": "Half", "finishReason": "content-filter"}, "content_filter"),
        # LangChain
        (langchain(content="x", response_metadata={"stop_reason": "max_tokens"}), "length"),
        (langchain(content="x", response_metadata={"stopReason": "guardrail_intervened"}), "content_filter"),
        (langchain(content="x", response_metadata={"finish_reason": "SAFETY", "is_blocked": True}), "content_filter"),
        (langchain(content="x", response_metadata={"is_blocked": True}), "content_filter"),
        (langchain(content="x", response_metadata={"model": "llama3.2", "done": False}), "unfinished"),
        (langchain(content="x", response_metadata={"done_reason": "length", "done": True}), "length"),
        (langchain(content="x", response_metadata={"done_reason": "stop", "done": False}), "stop"),
        (langchain(content="x", response_metadata={"status": "in_progresscompleted"}), None),
        (n8n_model({"finish_reason": "length"}), "length"),
        (n8n_model({"status": "incomplete"}), "length"),
        (n8n_model({"stop_reason": "end_turn"}), "stop"),
        (langchain(content="x", response_metadata={"status": "incomplete", "incomplete_details": None}), "length"),
        (langchain(content="x", response_metadata={"finish_reason": "lengthlength"}), "length"),
        ({"type": "ai", "content": "x", "response_metadata": {"finish_reason": "content_filter"}}, "content_filter"),
        ({"generations": [[{"text": "x", "generationInfo": {"finish_reason": "length"}}]]}, "length"),
        ({"text": "x", "generationInfo": {"finishReason": "MAX_TOKENS"}}, "length"),
        ({"text": "Half", "finish_reason": "length", "index": 0}, "length"),
        # others
        (
            {"request_id": "r", "output": {"text": "x", "finish_reason": "length"}, "usage": {"input_tokens": 1}},
            "length",
        ),
        ({"request_id": "r", "output": {"choices": [{"message": HALF, "finish_reason": "null"}]}}, "unfinished"),
        ({"request_id": "r", "output": {"task_id": "t", "task_status": "RUNNING"}}, "unfinished"),
        ([{"generated_text": "Half", "details": {"finish_reason": "length", "generated_tokens": 1}}], "length"),
        ([{"generated_text": "x", "details": {"finish_reason": "eos_token", "generated_tokens": 1}}], "stop"),
        ({"model_id": "granite", "results": [{"generated_text": "x", "stop_reason": "not_finished"}]}, "unfinished"),
        ({"content": "Half", "stop": True, "stop_type": "limit", "tokens_predicted": 9}, "length"),
        ({"predictions": [{"content": "", "safetyAttributes": {"blocked": True}}]}, "content_filter"),
        (prediction("processing", output=["Hel"]), "unfinished"),
        (prediction("starting", output=None), "unfinished"),
        (prediction("succeeded", output=["Hel", "lo"]), "stop"),
        ({"status": "IN_QUEUE", "request_id": "r", "response_url": "https://a.example"}, "unfinished"),
        ({"id": "r", "status": "IN_PROGRESS", "delayTime": 1}, "unfinished"),
    ],
)
def test_says_how_it_ended(response: Any, finish_reason: str | None) -> None:
    answer = read_answer(response)
    assert answer.finish_reason == finish_reason
    assert not answer.is_error


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        pytest.param(
            {"text": "Hello", "finishReason": "stop", "usage": {"inputTokens": 10, "outputTokens": 20}},
            Answer(text="Hello", usage=TEN_TWENTY, finish_reason="stop"),
            id="ai sdk text",
        ),
        pytest.param(
            {"object": {"a": 1}, "finishReason": "stop", "response": {"modelId": "gpt-4o"}},
            Answer(text='{"a":1}', model="gpt-4o", finish_reason="stop"),
            id="ai sdk object",
        ),
        pytest.param(
            {"text": "", "toolCalls": [{"toolName": "f"}], "finishReason": "tool-calls"},
            Answer(finish_reason="tool_calls", has_tool_calls=True),
            id="ai sdk tool call",
        ),
        pytest.param(
            {"type": "ai", "content": "Hello", **LANGCHAIN_METADATA},
            Answer(text="Hello", model="gpt-4o", usage=TEN_TWENTY, finish_reason="stop"),
            id="langchain message",
        ),
        pytest.param(
            {"type": "ai", "data": {"content": "", "tool_calls": [CALL]}},
            Answer(finish_reason="tool_calls", has_tool_calls=True),
            id="langchain stored message with a tool call",
        ),
        pytest.param(
            {
                "inputTextTokenCount": 10,
                "results": [{"outputText": "Hello", "tokenCount": 20, "completionReason": "FINISH"}],
            },
            Answer(text="Hello", usage=TEN_TWENTY, finish_reason="stop"),
            id="bedrock titan",
        ),
        pytest.param(
            {
                "object": "conversation.response",
                "outputs": [{"type": "message.output", "content": "Hello"}, {"type": "function.call", "name": "f"}],
                "usage": CHAT_USAGE,
            },
            Answer(text="Hello", usage=TEN_TWENTY, finish_reason="tool_calls", has_tool_calls=True),
            id="mistral conversation",
        ),
        pytest.param(
            {"object": "list", "model": "e", "data": [{"embedding": [0.1]}], "usage": {"prompt_tokens": 10}},
            Answer(model="e", usage=Usage(10)),
            id="vectors",
        ),
        pytest.param({"created": 1, "data": [{"b64_json": "iVBORw0"}]}, Answer(), id="pictures"),
        pytest.param(
            {"id": "m", "model": "omni-moderation", "results": [{"flagged": True, "categories": {}}]},
            Answer(model="omni-moderation"),
            id="moderation",
        ),
        pytest.param({"id": "r", "results": [{"index": 0, "relevance_score": 0.9}], "meta": {}}, Answer(), id="rerank"),
        pytest.param(
            {"result": {"response": "Hello"}, "success": True, "errors": [], "messages": []},
            Answer(text="Hello"),
            id="cloudflare",
        ),
        pytest.param([{"generated_text": "Hello"}], Answer(text="Hello"), id="hugging face"),
        pytest.param(
            prediction("succeeded", output=["Hel", "lo"]), Answer(text="Hello", finish_reason="stop"), id="job"
        ),
        pytest.param(
            {"statusCode": 200, "body": '{"answer": "Paris"}'}, Answer(text="Paris"), id="a function's body in its text"
        ),
        pytest.param(
            {"message": {"role": "assistant", "content": "", "tool_calls": [CALL]}},
            Answer(finish_reason="tool_calls", has_tool_calls=True),
            id="n8n message with a tool call",
        ),
    ],
)
def test_reads_other_vendors(response: Any, answer: Answer) -> None:
    assert read_answer(response) == answer


@pytest.mark.parametrize(
    "response",
    [
        {"answer": "Paris", "usage": {"input_tokens": 1, "output_tokens": 2}},
        {"result": "Paris", "finish_reason": "stop"},
        {"completion": "Paris"},
        {"spam": True, "response": None},
        {"spam": False, "response": ""},
        {"score": 0, "text": ""},
        {"output": {"spam": True, "message": ""}},
        {"output": {"message": ""}},
        {"message": {"content": "", "subject": "Hi"}},
        {"outputs": [{"text": "", "score": 1}]},
        {"output": {"text": "Hi", "finish_reason": "length"}},
        {"output": {"role": "assistant", "content": "Hi", "refusal": "none"}},
        {"refusal": "none", "answer": "ok"},
        {"employee": "Ann", "finish_reason": "length"},
        {"employee": "Ann", "finishReason": "content-filter"},
        {"employee": "Ann", "stop_reason": "refusal"},
        {"employee": "Ann", "status": "incomplete"},
        {"employee": "Ann", "done": False},
        {"task": "Buy milk", "done": False, "message": "later"},
        {"id": "7", "status": "in_progress", "task": "Buy milk"},
        {"status": "queued"},
        {"choices": ["A", "B"], "finish_reason": "length"},
        {"choices": [{"text": "A"}, {"text": "B"}], "finish_reason": "length"},
        {"candidates": [{"name": "Ann", "content": "x", "status": "failed"}], "finishReason": "SAFETY"},
        {"generations": [{"name": "Boomers", "status": "failed"}], "finish_reason": "length"},
        {"results": [{"title": "Paris"}], "status": "failed"},
        {"type": "message", "text": "Hi", "status": "failed"},
        {"type": "start", "at": 1},
        {"metadata": {"author": "Ann"}},
        {"messages": [{"role": "assistant", "content": "Hi"}], "status": "failed"},
        {"model": "Volvo 240", "answer": "Yes", "usage": {"input_tokens": 1, "output_tokens": 2}},
        [{"employee": "Ann", "finish_reason": "length"}, {"employee": "Bob", "done": False}],
        [{"type": "file", "name": "a"}, {"type": "folder", "name": "b"}],
        [{"type": "file", "name": "a"}],
        [{"type": "start"}, {"type": "finish"}],
        {"json": {"employee": "Ann", "finish_reason": "length"}, "pairedItem": {"item": 0}},
        {"embedding": {"values": [0.0]}},
        {"embeddings": [[0.0]]},
        [[0.0, 0.1]],
        [{"index": 0, "score": 0.5}],
        {"images": [{"url": "https://a.example/a.png"}]},
    ],
)
def test_the_body_of_a_program_of_ones_own_is_taken_at_its_word(response: Any) -> None:
    answer = read_answer(response)
    assert not answer.is_empty
    assert not answer.is_error
    assert answer.model is None
    assert answer.finish_reason in (None, "stop")


def test_ones_own_body_may_say_what_it_used() -> None:
    answer = read_answer({"answer": "Paris", "usage": {"input_tokens": 10, "output_tokens": 20}})
    assert (answer.text, answer.usage) == ("Paris", TEN_TWENTY)


@pytest.mark.parametrize(
    "response",
    [
        {"answer": "", "usage": {"input_tokens": 1, "output_tokens": 2}},
        {"a": {"b": [None, "", {}, [" "]]}},
        {"answer": None},
        {"object": None, "finishReason": "stop"},
        {"object": "list", "model": "e", "data": []},
        {"text": "", "finishReason": "stop", "usage": {"inputTokens": 1, "outputTokens": 0}},
        {"message": {"role": "assistant", "content": ""}},
        {"role": "assistant", "content": ""},
        {"message": {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm"}]}},
        [{"generated_text": ""}],
        [chunk(finish_reason="stop")],
        prediction("succeeded", output=None),
        {"result": {"response": ""}, "success": True, "errors": [], "messages": []},
    ],
)
def test_nothing_in_it(response: Any) -> None:
    assert read_answer(response).is_empty
