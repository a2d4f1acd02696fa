"""The demonstration model against OpenAI's official client, over a real socket."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from prompt_cache.demo_model.replies import digest

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


class City(BaseModel):
    name: str
    population: int
    districts: list[str]


def start(delay: float = 0.0) -> tuple[subprocess.Popen[str], str]:
    """A demonstration model in a process of its own, and its base URL."""
    program = f"from prompt_cache.demo_model import run; run('127.0.0.1:0', {delay})"
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    announced = re.search(r"http://\S+", process.stderr.readline())
    assert announced is not None
    return process, announced.group()


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    process, url = start()
    yield url
    process.kill()
    process.wait()


@pytest.fixture
def client(base_url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        yield client


def test_chat(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why is grass green?"}],
    )
    text = completion.choices[0].message.content
    assert text is not None
    assert "demonstration model" in text
    assert "Why is grass green?" in text
    assert text.endswith(digest("Why is grass green?"))
    assert completion.model == "gpt-4o-mini"
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage is not None
    assert completion.usage.prompt_tokens > 5
    assert completion.usage.completion_tokens > 20
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


def test_chat_stream_adds_up_to_the_whole_answer(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello\n\nworld"}])
    with client.chat.completions.stream(
        model="m",
        messages=[{"role": "user", "content": "Hello\n\nworld"}],
        stream_options={"include_usage": True},
    ) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert len(deltas) > 5
    assert "".join(deltas) == final.choices[0].message.content == whole.choices[0].message.content
    assert final.usage == whole.usage


def test_chat_stream_carries_usage_only_when_asked(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}], stream=True))
    assert all(chunk.usage is None for chunk in chunks)
    assert all(len(chunk.choices) == 1 for chunk in chunks)


def test_chat_calls_a_tool_then_uses_its_result(client: openai.OpenAI) -> None:
    tools: Any = [{"type": "function", "function": {"name": "weather", "parameters": WEATHER}}]
    messages: Any = [{"role": "user", "content": "Use the tool: what will the weather be?"}]
    first: Any = client.chat.completions.create(model="m", messages=messages, tools=tools)
    assert first.choices[0].finish_reason == "tool_calls"
    [call] = first.choices[0].message.tool_calls
    assert call.function.name == "weather"
    arguments = json.loads(call.function.arguments)
    assert arguments.keys() == {"city", "days"}
    assert arguments["days"] >= 1

    messages += [
        first.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "Sunny, 21 degrees"},
    ]
    second: Any = client.chat.completions.create(model="m", messages=messages, tools=tools)
    assert second.choices[0].finish_reason == "stop"
    assert "Sunny, 21 degrees" in second.choices[0].message.content


def test_chat_streams_a_tool_call(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model="m",
        messages=[{"role": "user", "content": "Compute 6 * 7 with the tool"}],
        tools=[
            {
                "type": "function",
                "function": {
                    "name": "calculator",
                    "parameters": {"type": "object", "properties": {"input": {"type": "string"}}},
                },
            }
        ],
    ) as stream:
        message = stream.until_done().get_final_completion().choices[0].message
    assert message.tool_calls is not None
    assert json.loads(message.tool_calls[0].function.arguments) == {"input": "6 * 7"}


def test_chat_structured_output(client: openai.OpenAI) -> None:
    completion = client.chat.completions.parse(
        model="m", messages=[{"role": "user", "content": "Tell me of Ghent"}], response_format=City
    )
    city = completion.choices[0].message.parsed
    assert city is not None
    assert digest("Tell me of Ghent") in city.name
    loose = client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Hi"}], response_format={"type": "json_object"}
    )
    assert isinstance(json.loads(loose.choices[0].message.content or ""), dict)


def test_responses(client: openai.OpenAI) -> None:
    response = client.responses.create(model="gpt-4o-mini", instructions="Be brief.", input="Why is snow white?")
    assert response.status == "completed"
    assert response.output_text.endswith(digest("Why is snow white?"))
    assert response.usage is not None
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    parsed = client.responses.parse(
        model="m", input=[{"role": "user", "content": "Tell me of Ghent"}], text_format=City
    )
    assert parsed.output_parsed is not None


def test_responses_stream(client: openai.OpenAI) -> None:
    whole = client.responses.create(model="m", input="Hello there")
    with client.responses.stream(model="m", input="Hello there") as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert final.output_text == whole.output_text
    assert final.usage == whole.usage
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == whole.output_text
    kinds = list(dict.fromkeys(event.type for event in events))
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))


@pytest.mark.parametrize("streamed", [False, True])
def test_responses_call_a_tool_then_use_its_result(client: openai.OpenAI, streamed: bool) -> None:
    tools: Any = [{"type": "function", "name": "weather", "parameters": WEATHER, "strict": True}]
    asked: Any = [{"role": "user", "content": [{"type": "input_text", "text": "Use a tool for the weather"}]}]
    first: Any
    if streamed:
        with client.responses.stream(model="m", input=asked, tools=tools) as stream:
            first = stream.until_done().get_final_response()
    else:
        first = client.responses.create(model="m", input=asked, tools=tools)
    [call] = first.output
    assert call.type == "function_call"
    assert json.loads(call.arguments)["days"] >= 1
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "Rain all day"}
    second = client.responses.create(model="m", input=[*asked, call.model_dump(), result], tools=tools)
    assert "Rain all day" in second.output_text


def test_models(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert "gpt-4o-mini" in names
    assert client.models.retrieve("gpt-4o-mini").id == "gpt-4o-mini"


def test_terminates_promptly_in_the_middle_of_a_call() -> None:
    process, url = start(delay=60)
    client = openai.OpenAI(base_url=url, api_key="none", max_retries=0, timeout=0.2)
    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0
    assert time.monotonic() - begun < 2
