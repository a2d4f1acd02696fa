"""Agents and models on a cache server, with OpenAI's own integration."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr

from prompt_cache_client import PromptCache
from prompt_cache_client.langchain import PromptCacheLLMCache, PromptCacheMiddleware
from stack import DemoModel, Sidecar

_KEY = "sk-demo-key-nobody-may-read"


@pytest.fixture
def cache(server: Sidecar, request: pytest.FixtureRequest) -> Iterator[PromptCache]:
    """A namespace of its own."""
    with PromptCache(server.url, token=server.token, namespace=re.sub(r"\W", "-", request.node.name)[:64]) as cache:
        yield cache


class Place(BaseModel):
    """A place."""

    city: str


@tool
def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


def model_of(demo: DemoModel, **settings: Any) -> ChatOpenAI:
    url, key = f"{demo.url}/v1", SecretStr(_KEY)
    return ChatOpenAI(model="gpt-4o-mini", base_url=url, api_key=key, max_retries=0, **settings)


def ask(agent: Any, text: str) -> str:
    return str(agent.invoke({"messages": [("user", text)]})["messages"][-1].text)


def test_an_agent_with_tools_asks_once(cache: PromptCache, demo: DemoModel) -> None:
    for _ in range(2):
        agent = create_agent(
            model_of(demo), [weather], middleware=[PromptCacheMiddleware(cache, cache_tool_calls=True)]
        )
        assert "sunny in Ghent" in ask(agent, "Use the weather: city Ghent")
    assert demo.calls() == 2
    stats = cache.stats()
    assert stats["hits"] == 2
    assert stats["saved"]["cost_usd"] > 0
    assert stats["saved"]["seconds"] > 0


def test_a_question_can_be_read_and_no_key_is_kept(cache: PromptCache, demo: DemoModel, server: Sidecar) -> None:
    headers = {"x-api-key": "another-key-nobody-may-read"}
    agent = create_agent(
        model_of(demo, temperature=0.5, default_headers=headers),
        [weather],
        system_prompt="Be brief.",
        middleware=[PromptCacheMiddleware(cache)],
    )
    ask(agent, "hello there")
    model_of(demo, cache=PromptCacheLLMCache(cache), default_headers=headers).invoke("hello again")
    listed = server.client().get(f"/v1/entries?namespace={cache.namespace}")
    assert "nobody-may-read" not in str(listed)
    of_model, of_agent = listed["items"]
    for item in (of_model, of_agent):
        assert item["model"] == "gpt-4o-mini"
        assert item["cost_usd"] > 0
        assert item["latency"] > 0
    assert of_model["request"]["messages"] == [{"role": "user", "content": "hello again"}]
    assert of_agent["request"]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hello there"},
    ]
    assert of_agent["request"]["tools"][0]["function"]["name"] == "weather"
    assert of_agent["request"]["params"]["llm.temperature"] == 0.5


def test_the_field_that_differs_is_known(cache: PromptCache, demo: DemoModel, server: Sidecar) -> None:
    for temperature in (0.1, 0.2):
        model_of(demo, cache=PromptCacheLLMCache(cache), temperature=temperature).invoke("hello")
    client = server.client()
    items = client.get(f"/v1/entries?namespace={cache.namespace}")["items"]
    one, other = (client.get(f"/v1/entries/{item['key']}?namespace={cache.namespace}")["digests"] for item in items)
    assert {name for name in one | other if one.get(name) != other.get(name)} == {"params.llm.temperature"}


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output_of_a_model(cache: PromptCache, demo: DemoModel, method: Any) -> None:
    model = model_of(demo, cache=PromptCacheLLMCache(cache)).with_structured_output(Place, method=method)
    first, second = model.invoke("Where? city: Ghent"), model.invoke("Where? city: Ghent")
    assert isinstance(second, Place)
    assert first == second
    assert demo.calls() == 1


def test_structured_output_of_an_agent(cache: PromptCache, demo: DemoModel) -> None:
    agent: Any = create_agent(model_of(demo), middleware=[PromptCacheMiddleware(cache)], response_format=Place)
    places = [agent.invoke({"messages": [("user", "city: Ghent")]})["structured_response"] for _ in range(2)]
    assert isinstance(places[1], Place)
    assert places[0] == places[1]
    assert demo.calls() == 1


def test_a_stream_of_a_miss_is_kept(cache: PromptCache, demo: DemoModel) -> None:
    agent = create_agent(model_of(demo), middleware=[PromptCacheMiddleware(cache)])
    question: Any = {"messages": [("user", "one two three four")]}
    streamed = [
        [message.text for message, _ in agent.stream(question, stream_mode="messages") if message.text]  # type: ignore[union-attr]
        for _ in range(2)
    ]
    assert len(streamed[0]) > 1
    assert ["".join(streamed[0])] == streamed[1]
    assert demo.calls() == 1
    assert cache.stats()["saved"]["input_tokens"] > 0


def test_a_model_that_streams_by_itself_asks_no_cache_of_langchains(cache: PromptCache, demo: DemoModel) -> None:
    """LangChain's own doing, which docs/langchain.md tells."""
    model = model_of(demo, cache=PromptCacheLLMCache(cache))
    model.invoke("one two three")
    for _ in range(2):
        assert "".join(str(chunk.text) for chunk in model.stream("one two three"))
    assert demo.calls() == 3


def test_agents_of_two_processes_that_ask_the_same_at_once_ask_once(
    cache: PromptCache, demo: DemoModel, tmp_path: Path
) -> None:
    program = tmp_path / "agent.py"
    program.write_text(
        "import sys\n"
        "from langchain.agents import create_agent\n"
        "from langchain_openai import ChatOpenAI\n"
        "from prompt_cache_client import PromptCache\n"
        "from prompt_cache_client.langchain import PromptCacheMiddleware\n"
        "url, token, namespace, model = sys.argv[1:]\n"
        "cache = PromptCache(url, token=token, namespace=namespace)\n"
        "agent = create_agent(ChatOpenAI(model='gpt-4o-mini', base_url=model, api_key='x'),\n"
        "                     middleware=[PromptCacheMiddleware(cache)])\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(agent.invoke({'messages': [('user', 'hello')]})['messages'][-1].text)\n"
    )
    url, token, namespace = cache._shared.address.url, "admin-token", str(cache.namespace)
    with demo.takes(3):
        processes = [
            subprocess.Popen(
                [sys.executable, program, url, token, namespace, f"{demo.url}/v1"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda process: process.communicate("\n")[0], processes))
    assert answers[0] == answers[1] != ""
    assert demo.calls() == 1


def test_a_server_that_goes_away_fails_nobody(tmp_path: Path, demo: DemoModel) -> None:
    with Sidecar(tmp_path, env={"PROMPT_CACHE_STORE": "memory://", "PROMPT_CACHE_WORKERS": "1"}) as sidecar:
        agent = create_agent(model_of(demo), middleware=[PromptCacheMiddleware(sidecar.url)])
        model = model_of(demo, cache=PromptCacheLLMCache(sidecar.url))
        for _ in range(2):
            ask(agent, "hello")
            model.invoke("hello")
        assert demo.calls() == 2
    assert ask(agent, "hello")
    assert model.invoke("hello").text
    assert asyncio.run(model.ainvoke("hello")).text
    assert demo.calls() == 5
