"""Ollama's own client."""

import asyncio
from typing import Any

import ollama
import pytest
from ollama import AsyncClient, Client
from pydantic import BaseModel

from .conftest import ONLY_KEPT, TOOLS, Proxy

MODEL = "llama3.2"
either_way = pytest.mark.parametrize("stream_first", [False, True], ids=["plain-then-stream", "stream-then-plain"])


class City(BaseModel):
    name: str
    population: int


def weather(city: str, days: int) -> str:
    """Tells the weather.

    Args:
        city: Where.
        days: How many.
    """
    return f"sunny in {city} for {days} days"


def client_of(proxy: Proxy, **headers: str) -> Client:
    return Client(host=f"{proxy.url}/ollama", headers=headers)


@pytest.fixture
def client(proxy: Proxy) -> Client:
    return client_of(proxy)


def said(question: str, **more: Any) -> Any:
    return {"model": MODEL, "messages": [{"role": "user", "content": question}], **more}


def chat(client: Client, question: str) -> Any:
    return client.chat(**said(question)).message.content


def chat_stream(client: Client, question: str) -> Any:
    return "".join(line.message.content or "" for line in client.chat(**said(question), stream=True))


def generate(client: Client, question: str) -> Any:
    return client.generate(MODEL, question).response


def generate_stream(client: Client, question: str) -> Any:
    return "".join(line.response for line in client.generate(MODEL, question, stream=True))


def test_the_second_answer_is_the_first(client: Client, proxy: Proxy, question: str) -> None:
    with proxy.asking(2):
        assert client.chat(**said(question)) == client.chat(**said(question))
        assert client.generate(MODEL, question) == client.generate(MODEL, question)


@either_way
@pytest.mark.parametrize(("plain", "streamed"), [(chat, chat_stream), (generate, generate_stream)])
def test_a_stream_is_the_same_answer(
    client: Client, proxy: Proxy, question: str, plain: Any, streamed: Any, stream_first: bool
) -> None:
    with proxy.asking(1):
        first, second = (ask(client, question) for ask in ([streamed, plain] if stream_first else [plain, streamed]))
    assert second == first
    assert "answer" in first


def test_without_blocking(proxy: Proxy, question: str) -> None:
    async def ask() -> list[Any]:
        client = AsyncClient(host=f"{proxy.url}/ollama")
        whole = await client.chat(**said(question))
        lines = [line.message.content async for line in await client.chat(**said(question), stream=True)]
        return [whole.message.content, "".join(lines)]

    with proxy.asking(1):
        first, second = asyncio.run(ask())
    assert second == first


@either_way
def test_a_call_of_a_tool_and_what_follows(proxy: Proxy, question: str, stream_first: bool) -> None:
    client = client_of(proxy, **TOOLS)

    def plain() -> Any:
        return client.chat(**said(question, tools=[weather])).message

    def streamed() -> Any:
        lines = list(client.chat(**said(question, tools=[weather]), stream=True))
        return next(line.message for line in lines if line.message.tool_calls)

    with proxy.asking(1):
        first, second = (ask() for ask in ([streamed, plain] if stream_first else [plain, streamed]))
    assert second.tool_calls == first.tool_calls
    call = first.tool_calls[0].function
    told = {"role": "tool", "tool_name": call.name, "content": weather(**call.arguments)}
    history = [{"role": "user", "content": question}, second, told]
    with proxy.asking(1):
        ends = [client.chat(MODEL, history, tools=[weather]).message.content for _ in range(2)]
    assert ends[0] == ends[1]
    assert "answer" in (ends[0] or "")


def test_the_address_may_stand_in_the_environment(proxy: Proxy, question: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", f"{proxy.url}/ollama")
    with proxy.asking(1):
        assert chat(Client(), question) == chat_stream(Client(), question)


def test_structured_answers(client: Client, proxy: Proxy, question: str) -> None:
    with proxy.asking(1):
        texts = [chat(client, question) for chat in (_formed, _formed)]
    assert City.model_validate_json(texts[0]) == City.model_validate_json(texts[1])


def _formed(client: Client, question: str) -> Any:
    return client.chat(**said(question, format=City.model_json_schema())).message.content


def test_vectors(client: Client, proxy: Proxy, question: str) -> None:
    with proxy.asking(2):
        first = client.embed("all-minilm", [question, question + "?"])
        second = client.embed("all-minilm", [question + "?", question + "!"])
    assert first.embeddings[1] == second.embeddings[0]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_what_is_refused_is_the_clients_own_exception(proxy: Proxy, question: str, stream: bool) -> None:
    def ask(question: str, **headers: str) -> None:
        list(client_of(proxy, **headers).chat(**said(question), stream=stream))

    with proxy.asking(0), pytest.raises(ollama.ResponseError, match="prompt_cache_only_if_cached") as absent:
        ask(question, **ONLY_KEPT)
    assert absent.value.status_code == 504
    with proxy.asking(1), pytest.raises(ollama.ResponseError, match="as told") as told:
        ask(f"fail with 404 {question}")
    assert told.value.status_code == 404
