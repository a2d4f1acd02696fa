"""OpenAI's own client: chat completions, responses, completions, embeddings."""

import asyncio
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from .conftest import ONLY_KEPT, TOOLS, Proxy

MODEL = "gpt-4o-mini"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
CHAT_TOOL: Any = {"type": "function", "function": {"name": "weather", "strict": True, "parameters": SCHEMA}}
RESPONSES_TOOL: Any = {"type": "function", "name": "weather", "strict": True, "parameters": SCHEMA}
either_way = pytest.mark.parametrize("stream_first", [False, True], ids=["plain-then-stream", "stream-then-plain"])


class City(BaseModel):
    name: str
    population: int
    districts: list[str]


@pytest.fixture
def client(proxy: Proxy) -> OpenAI:
    return OpenAI(base_url=f"{proxy.url}/openai/v1", api_key="sk-1")


@pytest.fixture
def keeping(client: OpenAI) -> OpenAI:
    """One whose calls of tools are kept."""
    return client.with_options(default_headers=TOOLS)


def said(question: str) -> Any:
    return {"model": MODEL, "messages": [{"role": "user", "content": question}]}


def chat(client: OpenAI, question: str) -> Any:
    return client.chat.completions.create(**said(question)).choices[0].message.content


def chat_stream(client: OpenAI, question: str) -> str:
    chunks = client.chat.completions.create(**said(question), stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def respond(client: OpenAI, question: str) -> str:
    return client.responses.create(model="gpt-5-mini", input=question).output_text


def respond_stream(client: OpenAI, question: str) -> str:
    with client.responses.stream(model="gpt-5-mini", input=question) as stream:
        told = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        assert stream.get_final_response().output_text == told
    return told


def test_the_second_answer_is_the_first(client: OpenAI, proxy: Proxy, question: str) -> None:
    with proxy.asking(1):
        first, second = (client.chat.completions.create(**said(question)) for _ in range(2))
    assert second == first
    with proxy.asking(1):
        one, other = (client.responses.create(model="gpt-5-mini", input=question) for _ in range(2))
    assert other == one
    with proxy.asking(1):
        old, again = (client.completions.create(model="gpt-3.5-turbo-instruct", prompt=question) for _ in range(2))
    assert again == old


@either_way
@pytest.mark.parametrize(("plain", "streamed"), [(chat, chat_stream), (respond, respond_stream)])
def test_a_stream_is_the_same_answer(
    client: OpenAI, proxy: Proxy, question: str, plain: Any, streamed: Any, stream_first: bool
) -> None:
    asks = [streamed, plain] if stream_first else [plain, streamed]
    with proxy.asking(1):
        first, second = (ask(client, question) for ask in asks)
    assert "answer" in first
    assert second == first


def test_a_stream_tells_usage_to_who_asks(client: OpenAI, proxy: Proxy, question: str) -> None:
    with proxy.asking(1):
        for _ in range(2):
            options: Any = {"stream": True, "stream_options": {"include_usage": True}}
            *_, last = client.chat.completions.create(**said(question), **options)
            assert last.usage.total_tokens == 14


def test_without_blocking(proxy: Proxy, question: str) -> None:
    async def ask() -> list[str]:
        async with AsyncOpenAI(base_url=f"{proxy.url}/openai/v1", api_key="sk-1") as client:
            plain = await client.chat.completions.create(**said(question))
            chunks = await client.chat.completions.create(**said(question), stream=True)
            parts = [chunk.choices[0].delta.content or "" async for chunk in chunks if chunk.choices]
            together = await asyncio.gather(
                *(client.chat.completions.create(**said(question + "?")) for _ in range(20))
            )
            assert all(answer == together[0] for answer in together)
            return [plain.choices[0].message.content or "", "".join(parts)]

    with proxy.asking(2):
        first, second = asyncio.run(ask())
    assert second == first


@either_way
def test_a_call_of_a_tool_and_what_follows(keeping: OpenAI, proxy: Proxy, question: str, stream_first: bool) -> None:
    def plain() -> Any:
        return keeping.chat.completions.create(**said(question), tools=[CHAT_TOOL])

    def streamed() -> Any:
        with keeping.chat.completions.stream(**said(question), tools=[CHAT_TOOL]) as stream:
            return stream.get_final_completion()

    with proxy.asking(1):
        messages = [ask().choices[0].message for ask in ([streamed, plain] if stream_first else [plain, streamed])]
    calls = [[(call.id, call.function.name, call.function.arguments) for call in each.tool_calls] for each in messages]
    assert calls[0] == calls[1]
    assert calls[0][0][1] == "weather"
    history = [
        *said(question)["messages"],
        messages[1].to_dict(),
        {"role": "tool", "tool_call_id": calls[0][0][0], "content": "sunny"},
    ]
    with proxy.asking(1):
        ends = [keeping.chat.completions.create(model=MODEL, messages=history, tools=[CHAT_TOOL]) for _ in range(2)]
    assert ends[0] == ends[1]
    assert "answer" in (ends[0].choices[0].message.content or "")


@either_way
def test_a_call_of_a_tool_in_responses(keeping: OpenAI, proxy: Proxy, question: str, stream_first: bool) -> None:
    def plain() -> Any:
        return keeping.responses.create(model="gpt-5-mini", input=question, tools=[RESPONSES_TOOL])

    def streamed() -> Any:
        with keeping.responses.stream(model="gpt-5-mini", input=question, tools=[RESPONSES_TOOL]) as stream:
            return stream.get_final_response()

    with proxy.asking(1):
        calls = [ask().output[0] for ask in ([streamed, plain] if stream_first else [plain, streamed])]
    assert calls[0].type == "function_call"
    assert (calls[0].call_id, calls[0].name, calls[0].arguments) == (
        calls[1].call_id,
        calls[1].name,
        calls[1].arguments,
    )


def test_tools_are_called_anew_unless_asked_otherwise(client: OpenAI, proxy: Proxy, question: str) -> None:
    with proxy.asking(2):
        for _ in range(2):
            client.chat.completions.create(**said(question), tools=[CHAT_TOOL])


def test_structured_answers_are_parsed(client: OpenAI, proxy: Proxy, question: str) -> None:
    with proxy.asking(1):
        parsed = [
            client.chat.completions.parse(**said(question), response_format=City).choices[0].message.parsed
            for _ in range(2)
        ]
        with client.chat.completions.stream(**said(question), response_format=City) as stream:
            parsed.append(stream.get_final_completion().choices[0].message.parsed)
    assert isinstance(parsed[0], City)
    assert parsed == [parsed[0]] * 3
    with proxy.asking(1):
        cities = [client.responses.parse(model="gpt-5-mini", input=question, text_format=City) for _ in range(2)]
    assert isinstance(cities[0].output_parsed, City)
    assert cities[0].output_parsed == cities[1].output_parsed


def test_vectors(client: OpenAI, proxy: Proxy, question: str) -> None:
    with proxy.asking(2):
        first = client.embeddings.create(model="text-embedding-3-small", input=[question, question + "?"])
        second = client.embeddings.create(model="text-embedding-3-small", input=[question + "?", question + "!"])
    assert first.data[1].embedding == second.data[0].embedding
    assert len(first.data[0].embedding) == 2
    with proxy.asking(0):
        assert client.embeddings.create(model="text-embedding-3-small", input=question).data[0] == first.data[0]


def test_headers_tell_what_happened(client: OpenAI, question: str) -> None:
    answers = [client.chat.completions.with_raw_response.create(**said(question)) for _ in range(2)]
    assert answers[0].headers["Cache-Status"].startswith("prompt-cache; fwd=uri-miss")
    hit = answers[1].headers
    assert hit["Cache-Status"].startswith("prompt-cache; hit; ttl=")
    assert int(hit["Age"]) >= 0
    assert "tokens=14" in hit["X-Prompt-Cache-Saved"]
    assert hit["X-Prompt-Cache-Key"]
    assert answers[1].parse() == answers[0].parse()
    with client.chat.completions.with_streaming_response.create(**said(question), stream=True) as streamed:
        assert streamed.headers["Cache-Status"].startswith("prompt-cache; hit")


def test_what_the_proxy_refuses_is_the_clients_own_exception(client: OpenAI, proxy: Proxy, question: str) -> None:
    with proxy.asking(0):
        with pytest.raises(openai.InternalServerError) as absent:
            client.chat.completions.create(**said(question), extra_headers=ONLY_KEPT)
        assert (absent.value.status_code, absent.value.code) == (504, "prompt_cache_only_if_cached")
        assert absent.value.response.request.headers["X-Stainless-Retry-Count"] == "0"
        with pytest.raises(openai.BadRequestError, match="X-Prompt-Cache-TTL") as wrong:
            client.responses.create(model="gpt-5-mini", input=question, extra_headers={"X-Prompt-Cache-TTL": "soon"})
        assert wrong.value.code == "prompt_cache_invalid_header"


def test_what_the_provider_refuses_is_told_as_it_is(client: OpenAI, proxy: Proxy, question: str) -> None:
    once = client.with_options(max_retries=0)
    for status, exception in (
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ):
        with proxy.asking(2):
            for _ in range(2):
                with pytest.raises(exception, match="as told") as told:
                    once.chat.completions.create(**said(f"fail with {status} {question}"))
        assert told.value.response.headers["Retry-After"] == "7"


@pytest.mark.parametrize("path", ["openai/v1", "ollama/v1", "u/openai"])
def test_the_address_may_stand_in_the_environment(
    proxy: Proxy, question: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{proxy.url}/{path}")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    with proxy.asking(1):
        assert chat(OpenAI(), question) == chat_stream(OpenAI(), question)


def test_what_is_no_models_answer_passes(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["gpt-4o-mini"]
