"""LangChain's chat models of OpenAI (both APIs), Anthropic, Google and Ollama."""

import asyncio
from collections.abc import Callable, Iterator
from functools import reduce
from operator import add
from typing import Any

import anthropic
import openai
import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_google_genai.chat_models import GoogleAPIError, GoogleInvalidRequestError
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from ollama import ResponseError
from pydantic import BaseModel, SecretStr

from .conftest import ONLY_KEPT, TOOLS, Proxy

KEY = SecretStr("k")

Maker = Callable[..., Any]
WEATHER = {
    "name": "weather",
    "description": "Tells the weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
}


class City(BaseModel):
    """A city."""

    name: str
    population: int


def chat_completions(proxy: Proxy, headers: Any = None) -> Any:
    base = f"{proxy.url}/openai/v1"
    return ChatOpenAI(
        model="gpt-4o-mini",
        base_url=base,
        api_key=KEY,
        default_headers=headers,
        max_retries=0,
        include_response_headers=True,
    )


def responses(proxy: Proxy, headers: Any = None) -> Any:
    base = f"{proxy.url}/openai/v1"
    return ChatOpenAI(
        model="gpt-5-mini",
        base_url=base,
        api_key=KEY,
        default_headers=headers,
        max_retries=0,
        use_responses_api=True,
    )


def claude(proxy: Proxy, headers: Any = None) -> Any:
    base = f"{proxy.url}/anthropic"
    return ChatAnthropic(
        model="claude-sonnet-4-5", base_url=base, api_key="k", default_headers=headers, max_retries=0, max_tokens=500
    )


def gemini(proxy: Proxy, headers: Any = None) -> Any:
    return ChatGoogleGenerativeAI(
        model="gemini-2.5-flash",
        base_url=f"{proxy.url}/gemini",
        api_key="k",
        additional_headers=headers,
        max_retries=1,
    )


def llama(proxy: Proxy, headers: Any = None) -> Any:
    return ChatOllama(model="llama3.2", base_url=f"{proxy.url}/ollama", client_kwargs={"headers": headers or {}})


each_model = pytest.mark.parametrize("model", [chat_completions, responses, claude, gemini, llama])
either_way = pytest.mark.parametrize("stream_first", [False, True], ids=["plain-then-stream", "stream-then-plain"])


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """One for all, since LangChain shares its connections among models."""
    with asyncio.Runner() as runner:
        yield runner


def whole(model: Any, asked: Any) -> Any:
    return model.invoke(asked)


def streamed(model: Any, asked: Any) -> Any:
    return reduce(add, model.stream(asked))


@each_model
@either_way
def test_a_stream_is_the_same_answer(proxy: Proxy, question: str, model: Maker, stream_first: bool) -> None:
    asks = [streamed, whole, whole] if stream_first else [whole, whole, streamed]
    with proxy.asking(1):
        texts = [ask(model(proxy), question).text for ask in asks]
    assert texts == [texts[0]] * 3
    assert "answer" in texts[0]


@each_model
def test_without_blocking(proxy: Proxy, question: str, model: Maker, loop: asyncio.Runner) -> None:
    async def ask() -> list[Any]:
        one = await model(proxy).ainvoke(question)
        parts = [part.text async for part in model(proxy).astream(question)]
        return [one.text, "".join(parts)]

    with proxy.asking(1):
        first, second = loop.run(ask())
    assert second == first


@each_model
@either_way
def test_a_call_of_a_tool_and_what_follows(proxy: Proxy, question: str, model: Maker, stream_first: bool) -> None:
    bound = model(proxy, TOOLS).bind_tools([WEATHER])
    with proxy.asking(1):
        first, second = (ask(bound, question) for ask in ([streamed, whole] if stream_first else [whole, streamed]))
    calls = [[(call["name"], call["args"]) for call in message.tool_calls] for message in (first, second)]
    assert calls[0] == calls[1]
    assert calls[0][0][0] == "weather"
    told = ToolMessage("sunny", tool_call_id=second.tool_calls[0]["id"], name="weather")
    with proxy.asking(1):
        ends = [bound.invoke([HumanMessage(question), second, told]).text for _ in range(2)]
    assert ends[0] == ends[1]
    assert "answer" in ends[0]


@each_model
def test_structured_answers_are_parsed(proxy: Proxy, question: str, model: Maker) -> None:
    formed = model(proxy, TOOLS).with_structured_output(City)
    with proxy.asking(1):
        first, second = formed.invoke(question), formed.invoke(question)
    assert isinstance(first, City)
    assert second == first


def test_vectors(proxy: Proxy, question: str) -> None:
    model = OpenAIEmbeddings(base_url=f"{proxy.url}/openai/v1", api_key=KEY, check_embedding_ctx_length=False)
    with proxy.asking(1):
        vectors = [model.embed_query(question), *model.embed_documents([question])]
    assert vectors[0] == vectors[1]


def test_headers_tell_what_happened(proxy: Proxy, question: str) -> None:
    new, again = (chat_completions(proxy).invoke(question).response_metadata["headers"] for _ in range(2))
    assert new["cache-status"].startswith("prompt-cache; fwd=uri-miss")
    assert again["cache-status"].startswith("prompt-cache; hit")


@pytest.mark.parametrize(
    ("model", "absent", "refused"),
    [
        (chat_completions, openai.InternalServerError, openai.BadRequestError),
        (responses, openai.InternalServerError, openai.BadRequestError),
        (claude, anthropic.APIStatusError, anthropic.BadRequestError),
        (gemini, GoogleAPIError, GoogleInvalidRequestError),
        (llama, ResponseError, ResponseError),
    ],
)
def test_what_is_refused_is_the_clients_own_exception(
    proxy: Proxy, question: str, model: Maker, absent: type[Exception], refused: type[Exception]
) -> None:
    with proxy.asking(0), pytest.raises(absent, match="this is not in the cache") as told:
        model(proxy, ONLY_KEPT).invoke(question)
    assert "prompt_cache_only_if_cached" in str(vars(told.value.__cause__ or told.value)).lower()
    with proxy.asking(1), pytest.raises(refused, match="as told"):
        model(proxy).invoke(f"fail with 400 {question}")
