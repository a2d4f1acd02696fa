"""Anthropic's own client."""

import asyncio
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic
from pydantic import BaseModel

from .conftest import ONLY_KEPT, TOOLS, Proxy

SCHEMA: Any = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}
WEATHER: Any = {"name": "weather", "description": "Tells the weather", "input_schema": SCHEMA}
either_way = pytest.mark.parametrize("stream_first", [False, True], ids=["plain-then-stream", "stream-then-plain"])


class City(BaseModel):
    name: str
    population: int


@pytest.fixture
def client(proxy: Proxy) -> Anthropic:
    return Anthropic(base_url=f"{proxy.url}/anthropic", api_key="sk-ant-1")


@pytest.fixture
def keeping(client: Anthropic) -> Anthropic:
    """One whose calls of tools are kept."""
    return client.with_options(default_headers=TOOLS)


def said(question: str, **more: Any) -> Any:
    cached = {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}
    asked = [{"role": "user", "content": question}]
    return {"model": "claude-sonnet-4-5", "max_tokens": 500, "system": [cached], "messages": asked, **more}


def plain(client: Anthropic, question: str, **more: Any) -> Any:
    return client.messages.create(**said(question, **more))


def streamed(client: Anthropic, question: str, **more: Any) -> Any:
    with client.messages.stream(**said(question, **more)) as stream:
        told = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert told == "".join(block.text for block in message.content if block.type == "text")
    return message


def as_told(message: Any) -> Any:
    """A message without what the client's helper for streams adds."""
    return message.model_dump(exclude={"content": {"__all__": {"parsed_output"}}}, exclude_none=True)


def test_the_second_answer_is_the_first(client: Anthropic, proxy: Proxy, question: str) -> None:
    with proxy.asking(1):
        first, second = plain(client, question), plain(client, question)
    assert second == first
    assert "answer" in first.content[0].text


@either_way
@pytest.mark.parametrize("tools", [[], [WEATHER]], ids=["text", "tool"])
def test_a_stream_is_the_same_answer(
    keeping: Anthropic, proxy: Proxy, question: str, stream_first: bool, tools: Any
) -> None:
    asks = [streamed, plain] if stream_first else [plain, streamed]
    with proxy.asking(1):
        first, second = (ask(keeping, question, tools=tools) for ask in asks)
    assert as_told(second) == as_told(first)
    assert first.content[0].type == ("tool_use" if tools else "text")
    assert first.stop_reason == ("tool_use" if tools else "end_turn")


def test_a_stream_in_raw_events(client: Anthropic, proxy: Proxy, question: str) -> None:
    with proxy.asking(1):
        first, second = (list(client.messages.create(**said(question), stream=True)) for _ in range(2))
    assert second == first
    assert first[-1].type == "message_stop"


def test_without_blocking(proxy: Proxy, question: str) -> None:
    async def ask() -> list[Any]:
        async with AsyncAnthropic(base_url=f"{proxy.url}/anthropic", api_key="sk-ant-1") as client:
            whole = await client.messages.create(**said(question))
            async with client.messages.stream(**said(question)) as stream:
                told = "".join([text async for text in stream.text_stream])
            together = await asyncio.gather(*(client.messages.create(**said(question + "?")) for _ in range(20)))
            assert all(answer == together[0] for answer in together)
            return [whole.content[0].text, told]

    with proxy.asking(2):
        first, second = asyncio.run(ask())
    assert second == first


def test_the_result_of_a_tool(keeping: Anthropic, proxy: Proxy, question: str) -> None:
    call = plain(keeping, question, tools=[WEATHER])
    assert call.content[0].input["city"].startswith("Grüezi")
    told = [{"type": "tool_result", "tool_use_id": call.content[0].id, "content": "sunny"}]
    history = [
        {"role": "user", "content": question},
        {"role": "assistant", "content": call.content},
        {"role": "user", "content": told},
    ]
    with proxy.asking(1):
        first, second = (plain(keeping, question, tools=[WEATHER], messages=history) for _ in range(2))
    assert second == first
    assert first.stop_reason == "end_turn"


def test_tools_are_called_anew_unless_asked_otherwise(client: Anthropic, proxy: Proxy, question: str) -> None:
    with proxy.asking(2):
        for _ in range(2):
            plain(client, question, tools=[WEATHER])


def test_structured_answers_are_parsed(client: Anthropic, proxy: Proxy, question: str) -> None:
    with proxy.asking(1):
        cities = [client.messages.parse(**said(question), output_format=City).parsed_output for _ in range(2)]
        with client.messages.stream(**said(question), output_format=City) as stream:
            cities.append(stream.get_final_message().parsed_output)
    assert isinstance(cities[0], City)
    assert cities == [cities[0]] * 3


def test_headers_tell_what_happened(client: Anthropic, question: str) -> None:
    new, again = (client.messages.with_raw_response.create(**said(question)) for _ in range(2))
    assert new.headers["Cache-Status"].startswith("prompt-cache; fwd=uri-miss")
    assert again.headers["Cache-Status"].startswith("prompt-cache; hit; ttl=")
    assert int(again.headers["Age"]) >= 0
    assert "tokens=14" in again.headers["X-Prompt-Cache-Saved"]
    assert again.parse() == new.parse()


def test_what_the_proxy_refuses_is_the_clients_own_exception(client: Anthropic, proxy: Proxy, question: str) -> None:
    with proxy.asking(0):
        with pytest.raises(anthropic.APIStatusError, match="prompt_cache_only_if_cached") as absent:
            client.messages.create(**said(question), extra_headers=ONLY_KEPT)
        assert absent.value.status_code == 504
        assert absent.value.response.request.headers["X-Stainless-Retry-Count"] == "0"
        with pytest.raises(anthropic.BadRequestError, match="X-Prompt-Cache-TTL") as wrong:
            client.messages.create(**said(question), extra_headers={"X-Prompt-Cache-TTL": "soon"})
        assert wrong.value.body["error"]["type"] == "prompt_cache_invalid_header"


def test_the_address_may_stand_in_the_environment(proxy: Proxy, question: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"{proxy.url}/anthropic")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-1")
    with proxy.asking(1):
        assert plain(Anthropic(), question) == plain(Anthropic(), question)


def test_what_the_provider_refuses_is_told_as_it_is(client: Anthropic, proxy: Proxy, question: str) -> None:
    once = client.with_options(max_retries=0)
    for status, exception in (
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (429, anthropic.RateLimitError),
        (529, anthropic.APIStatusError),
    ):
        with proxy.asking(1), pytest.raises(exception, match="as told") as told:
            plain(once, f"fail with {status} {question}")
        assert told.value.status_code == status
        assert told.value.response.headers["Retry-After"] == "7"
