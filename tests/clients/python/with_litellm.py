"""LiteLLM, with a provider of each protocol."""

import asyncio
import json
import os
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it is fetched

import litellm
import pytest
from pydantic import BaseModel

from .conftest import ONLY_KEPT, TOOLS, Proxy

PROVIDERS = {
    "openai/gpt-4o-mini": "openai/v1",
    "anthropic/claude-sonnet-4-5": "anthropic",
    "gemini/gemini-2.5-flash": "gemini/v1beta",
    "ollama_chat/llama3.2": "ollama",
}
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
WEATHER = {"type": "function", "function": {"name": "weather", "description": "Tells it", "parameters": SCHEMA}}
each_model = pytest.mark.parametrize("model", PROVIDERS)
either_way = pytest.mark.parametrize("stream_first", [False, True], ids=["plain-then-stream", "stream-then-plain"])


class City(BaseModel):
    name: str
    population: int


def said(proxy: Proxy, model: str, question: str, **more: Any) -> Any:
    base = f"{proxy.url}/{PROVIDERS[model]}"
    asked = [{"role": "user", "content": question}]
    return {"model": model, "api_base": base, "api_key": "k-1", "num_retries": 0, "messages": asked, **more}


def plain(*asked: Any, **more: Any) -> Any:
    return litellm.completion(**said(*asked, **more)).choices[0].message


def streamed(*asked: Any, **more: Any) -> Any:
    chunks = list(litellm.completion(**said(*asked, stream=True, **more)))
    return litellm.stream_chunk_builder(chunks).choices[0].message


@each_model
@either_way
def test_a_stream_is_the_same_answer(proxy: Proxy, question: str, model: str, stream_first: bool) -> None:
    with proxy.asking(1):
        asks = [streamed, plain, plain] if stream_first else [plain, plain, streamed]
        answers = [ask(proxy, model, question).content for ask in asks]
    assert answers == [answers[0]] * 3
    assert "answer" in answers[0]


@each_model
def test_without_blocking(proxy: Proxy, question: str, model: str) -> None:
    async def ask() -> list[Any]:
        whole = await litellm.acompletion(**said(proxy, model, question))
        chunks = await litellm.acompletion(**said(proxy, model, question, stream=True))
        parts = [chunk.choices[0].delta.content or "" async for chunk in chunks]
        return [whole.choices[0].message.content, "".join(parts)]

    with proxy.asking(1):
        first, second = asyncio.run(ask())
    assert second == first


@each_model
@either_way
def test_a_call_of_a_tool(proxy: Proxy, question: str, model: str, stream_first: bool) -> None:
    with proxy.asking(1):
        asks = [streamed, plain] if stream_first else [plain, streamed]
        messages = [ask(proxy, model, question, tools=[WEATHER], extra_headers=TOOLS) for ask in asks]
    calls = [message.tool_calls[0].function for message in messages]
    assert calls[0].name == "weather"
    assert calls[1].name == calls[0].name
    assert json.loads(calls[1].arguments) == json.loads(calls[0].arguments)


@each_model
def test_structured_answers(proxy: Proxy, question: str, model: str) -> None:
    with proxy.asking(1):
        texts = [plain(proxy, model, question, response_format=City, extra_headers=TOOLS).content for _ in range(2)]
    assert City.model_validate_json(texts[0]) == City.model_validate_json(texts[1])


@pytest.mark.parametrize("model", ["openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5"])  # it hides those of others
def test_headers_tell_what_happened(proxy: Proxy, question: str, model: str) -> None:
    new, again = (litellm.completion(**said(proxy, model, question))._hidden_params for _ in range(2))
    assert new["additional_headers"]["llm_provider-cache-status"].startswith("prompt-cache; fwd=uri-miss")
    assert again["additional_headers"]["llm_provider-cache-status"].startswith("prompt-cache; hit")


@each_model
def test_what_is_refused_is_the_clients_own_exception(proxy: Proxy, question: str, model: str) -> None:
    with proxy.asking(0), pytest.raises(litellm.exceptions.Timeout, match="this is not in the cache"):
        plain(proxy, model, question, extra_headers=ONLY_KEPT)
    with proxy.asking(1), pytest.raises(litellm.exceptions.RateLimitError, match="as told"):
        plain(proxy, model, f"fail with 429 {question}", max_retries=0)
