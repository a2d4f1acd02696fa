"""Streams as providers really send them, and what they say in one body; and what must not be made of them."""

from typing import Any

import msgspec
import pytest

from prompt_cache.http.proxy.answers import Unreadable, body_of
from prompt_cache.http.proxy.capture import Capture
from prompt_cache.http.proxy.metering import Meter
from prompt_cache.protocols.anthropic import Messages
from prompt_cache.protocols.framing import Framing, JsonLines, JsonList, ServerSentEvents
from prompt_cache.protocols.gemini import GenerateContent
from prompt_cache.protocols.ollama import Chat
from prompt_cache.protocols.openai_chat import DONE, ChatCompletions
from prompt_cache.protocols.openai_completions import Completions
from prompt_cache.protocols.openai_responses import Responses


def chunk(delta: dict[str, Any], finish: str | None = None, **choice: Any) -> dict[str, Any]:
    told = {"index": 0, "delta": delta, "finish_reason": finish, **choice}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [told]}


def call(index: int, **piece: Any) -> dict[str, Any]:
    return chunk({"tool_calls": [{"index": index, **piece}]})


def test_calls_of_tools_that_come_side_by_side() -> None:
    body = ChatCompletions().collected(
        [
            {"id": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]},
            chunk({"role": "assistant", "content": None}),
            call(0, id="a", type="function", function={"name": "f", "arguments": ""}),
            call(1, id="b", type="function", function={"name": "g", "arguments": '{"x"'}),
            call(0, function={"arguments": '{"y": 1'}),
            call(1, function={"arguments": ": 2}"}),
            call(0, function={"arguments": "}"}),
            chunk({}, "tool_calls"),
        ]
    )
    assert body["choices"][0]["message"] == {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"y": 1}'}},
            {"id": "b", "type": "function", "function": {"name": "g", "arguments": '{"x": 2}'}},
        ],
    }
    assert body["object"] == "chat.completion"


def test_refusals_probabilities_and_thoughts_in_pieces() -> None:
    thought = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0}
    body = ChatCompletions().collected(
        [
            chunk({"role": "assistant", "content": "", "refusal": None}),
            chunk({"refusal": "I "}, logprobs={"content": None, "refusal": [{"token": "I "}]}),
            chunk({"refusal": "won't"}, logprobs={"content": None, "refusal": [{"token": "won't"}]}),
            chunk({"reasoning_details": [{**thought, "text": "a"}]}),
            chunk({"reasoning_details": [{**thought, "text": "b"}]}),
            chunk({}, "stop"),
        ]
    )
    (choice,) = body["choices"]
    assert choice["message"]["refusal"] == "I won't"
    assert choice["logprobs"]["refusal"] == [{"token": "I "}, {"token": "won't"}]
    assert choice["message"]["reasoning_details"] == [{**thought, "text": "ab"}]


def test_probabilities_of_older_completions_and_of_ollama_add_up() -> None:
    def told(text: str, finish: str | None = None) -> dict[str, Any]:
        logprobs = {"tokens": [text], "token_logprobs": [-1.0], "top_logprobs": None}
        return {"id": "c", "choices": [{"index": 0, "text": text, "logprobs": logprobs, "finish_reason": finish}]}

    body = Completions().collected([told("a"), told("b", "stop")])
    assert body["choices"][0]["logprobs"] == {
        "tokens": ["a", "b"],
        "token_logprobs": [-1.0, -1.0],
        "top_logprobs": None,
    }
    lines = [
        {"message": {"role": "assistant", "content": "a"}, "logprobs": [{"token": "a"}], "done": False},
        {"message": {"role": "assistant", "content": "b"}, "logprobs": [{"token": "b"}], "done": False},
        {"message": {"role": "assistant", "content": ""}, "done": True},
    ]
    assert Chat().collected(lines)["logprobs"] == [{"token": "a"}, {"token": "b"}]


def test_a_number_from_nowhere_does_not_fill_the_memory() -> None:
    kept = [chunk({"role": "assistant"}), call(2_000_000_000, id="a"), chunk({}, "tool_calls")]
    with pytest.raises(Unreadable):
        body_of(ChatCompletions(), msgspec.json.encode(kept), zero_usage=False)


def test_what_nobody_knows_yet_passes_by() -> None:
    body = Messages().collected(
        [
            {"type": "message_start", "message": {"id": "m", "content": [], "usage": {"input_tokens": 1}}},
            {"type": "ping"},
            {"type": "new_in_2031", "index": 7},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "new_delta", "novel": 1}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
            {"type": "message_stop"},
        ]
    )
    assert body["content"] == [{"type": "text", "text": "a", "novel": 1}]
    assert body["usage"] == {"input_tokens": 1, "output_tokens": 2}


def test_items_of_a_response_whose_arguments_are_not_there() -> None:
    item = {"id": "m", "type": "mcp_call", "arguments": None, "name": "x", "output": "y"}
    body = {"id": "r", "status": "completed", "output": [item]}
    assert Responses().collected(Responses().events(body)) == body


ODD = [5, "x", None, [], {}, {"choices": 5}, {"choices": [5]}, {"type": []}, {"candidates": 5}, {"promptFeedback": "x"}]


@pytest.mark.parametrize(
    ("endpoint", "framing"),
    [
        (ChatCompletions(), DONE),
        (Completions(), DONE),
        (Responses(), ServerSentEvents()),
        (Messages(), ServerSentEvents()),
        (GenerateContent(), JsonList()),
        (Chat(), JsonLines()),
    ],
)
@pytest.mark.parametrize("event", ODD, ids=str)
def test_events_of_no_protocol_break_nothing_and_are_not_kept(endpoint: Any, framing: Framing, event: Any) -> None:
    capture = Capture(endpoint, Meter(framing, 10_000), 10_000, streamed=True)
    for part in framing.written([event]):
        capture.add(part)
    assert not capture.is_answered
    assert capture.whole() is None


@pytest.mark.parametrize("framing", [DONE, JsonLines()])
def test_a_huge_event_in_small_pieces_takes_no_square_of_time(framing: Framing) -> None:
    reader = framing.reader()
    whole = b"".join(framing.written([{"x": "é" * 2_000_000}]))
    events = []
    for at in range(0, len(whole), 1000):
        events += reader.feed(whole[at : at + 1000])
    events += reader.close()
    assert [len(event["x"]) for event in events] == [2_000_000]
