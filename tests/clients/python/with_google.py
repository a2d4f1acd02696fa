"""Google's own client of Gemini."""

import asyncio
from typing import Any

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from .conftest import ONLY_KEPT, TOOLS, Proxy

MODEL = "gemini-2.5-flash"
WEATHER: Any = {
    "function_declarations": [
        {
            "name": "weather",
            "description": "Tells the weather",
            "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}, "days": {"type": "INTEGER"}}},
        }
    ]
}
either_way = pytest.mark.parametrize("stream_first", [False, True], ids=["plain-then-stream", "stream-then-plain"])


class City(BaseModel):
    name: str
    population: int


def client_of(proxy: Proxy, **headers: str) -> genai.Client:
    options = types.HttpOptions(base_url=f"{proxy.url}/gemini", headers=headers)
    return genai.Client(api_key="g-1", http_options=options)


@pytest.fixture
def client(proxy: Proxy) -> genai.Client:
    return client_of(proxy)


def plain(client: genai.Client, question: Any, **config: Any) -> Any:
    config = {"system_instruction": "Be brief.", "temperature": 0, **config}
    return client.models.generate_content(model=MODEL, contents=question, config=config)


def streamed(client: genai.Client, question: str, **config: Any) -> list[Any]:
    config = {"system_instruction": "Be brief.", "temperature": 0, **config}
    return list(client.models.generate_content_stream(model=MODEL, contents=question, config=config))


def as_told(response: Any) -> Any:
    return response.model_dump(exclude={"sdk_http_response"})


def test_the_second_answer_is_the_first(client: genai.Client, proxy: Proxy, question: str) -> None:
    with proxy.asking(1):
        first, second = plain(client, question), plain(client, question)
    assert as_told(second) == as_told(first)
    assert "answer" in first.text
    assert first.usage_metadata.total_token_count == 14


@either_way
def test_a_stream_is_the_same_answer(client: genai.Client, proxy: Proxy, question: str, stream_first: bool) -> None:
    def whole() -> str:
        return str(plain(client, question).text)

    def pieces() -> str:
        chunks = streamed(client, question)
        assert len(chunks) > 3
        return "".join(chunk.text for chunk in chunks)

    with proxy.asking(1):
        first, second = (ask() for ask in ([pieces, whole] if stream_first else [whole, pieces]))
    assert second == first
    assert "answer" in first


def test_without_blocking(proxy: Proxy, question: str) -> None:
    async def ask() -> list[str]:
        models = client_of(proxy).aio.models
        whole = await models.generate_content(model=MODEL, contents=question)
        chunks = [chunk.text async for chunk in await models.generate_content_stream(model=MODEL, contents=question)]
        return [whole.text or "", "".join(text or "" for text in chunks)]

    with proxy.asking(1):
        first, second = asyncio.run(ask())
    assert second == first


@either_way
def test_a_call_of_a_tool_and_what_follows(proxy: Proxy, question: str, stream_first: bool) -> None:
    client = client_of(proxy, **TOOLS)

    def whole() -> Any:
        return plain(client, question, tools=[WEATHER])

    def pieces() -> Any:
        return next(chunk for chunk in streamed(client, question, tools=[WEATHER]) if chunk.function_calls)

    with proxy.asking(1):
        first, second = (ask() for ask in ([pieces, whole] if stream_first else [whole, pieces]))
    assert second.function_calls == first.function_calls
    call = second.function_calls[0]
    assert (call.name, set(call.args)) == ("weather", {"city", "days"})
    told = types.Part.from_function_response(name="weather", response={"result": "sunny"})
    history = [
        types.Content(role="user", parts=[types.Part(text=question)]),
        second.candidates[0].content,
        types.Content(role="user", parts=[told]),
    ]
    with proxy.asking(1):
        ends = [plain(client, history, tools=[WEATHER]).text for _ in range(2)]
    assert ends[0] == ends[1]
    assert "answer" in ends[0]


def test_structured_answers_are_parsed(client: genai.Client, proxy: Proxy, question: str) -> None:
    config = {"response_mime_type": "application/json", "response_schema": City}
    with proxy.asking(1):
        first, second = (plain(client, question, **config).parsed for _ in range(2))
    assert isinstance(first, City)
    assert second == first


def test_headers_tell_what_happened(client: genai.Client, question: str) -> None:
    new, again = (_headers(plain(client, question)) for _ in range(2))
    assert new["cache-status"].startswith("prompt-cache; fwd=uri-miss")
    assert again["cache-status"].startswith("prompt-cache; hit; ttl=")
    assert "tokens=14" in again["x-prompt-cache-saved"]


def _headers(response: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in response.sdk_http_response.headers.items()}


def test_the_address_may_stand_in_the_environment(proxy: Proxy, question: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"{proxy.url}/gemini")
    monkeypatch.setenv("GEMINI_API_KEY", "g-1")
    with proxy.asking(1):
        assert plain(genai.Client(), question).text == plain(genai.Client(), question).text


@pytest.mark.parametrize("ask", [plain, streamed])
def test_what_is_refused_is_the_clients_own_exception(proxy: Proxy, question: str, ask: Any) -> None:
    with proxy.asking(0), pytest.raises(errors.ServerError) as absent:
        ask(client_of(proxy, **ONLY_KEPT), question)
    assert (absent.value.code, absent.value.status) == (504, "PROMPT_CACHE_ONLY_IF_CACHED")
    with proxy.asking(1), pytest.raises(errors.ClientError, match="as told") as told:
        ask(client_of(proxy), f"fail with 429 {question}")
    assert told.value.code == 429
