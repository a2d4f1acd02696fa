"""What people read of requests and answers, in the shapes of all providers, and of what was made to hurt a page."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompt_cache.http.dashboard.readable import Bubble, folded, read_request, read_response, shown
from prompt_cache.http.dashboard.readable.messages import PART, WHOLE
from prompt_cache.keying.normalize import Normalizers
from sidecar.tests.responses.shapes import (
    CALL,
    anthropic,
    chat,
    chunk,
    gemini,
    langchain,
    n8n_items,
    ollama,
    responses,
    responses_message,
)
from sidecar.tests.support import request

Said = tuple[str, str, str]


def said(bubbles: list[Bubble]) -> list[list[Said]]:
    """(kind, title, text with JSON in one line) of each block."""
    return [[(block.kind, block.title, " ".join(block.text.split())) for block in bubble.blocks] for bubble in bubbles]


def of_answer(value: Any) -> list[list[Said]]:
    return said(read_response(json.dumps(value).encode()).bubbles)


def text(text: str) -> Said:
    return ("text", "", text)


STREAM_OF_CALLS = [
    chunk(None, None, choices=[{"index": 0, "delta": {"tool_calls": [{"index": 0, **CALL}]}}]),
    chunk(None, None, choices=[{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": " "}}]}}]),
    chunk(None, "tool_calls"),
]
ANTHROPIC_STREAM = [
    {"type": "message_start", "message": {**anthropic([]), "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]


@pytest.mark.parametrize(
    ("answer", "blocks"),
    [
        pytest.param(chat({"role": "assistant", "content": "Hello"}), [[text("Hello")]], id="openai chat"),
        pytest.param(
            chat({"role": "assistant", "content": None, "tool_calls": [CALL]}), [[("call", "f", "{}")]], id="tool call"
        ),
        pytest.param(
            chat({"role": "assistant", "content": None, "refusal": "No."}), [[("refusal", "", "No.")]], id="refusal"
        ),
        pytest.param(
            chat({"role": "assistant", "reasoning_content": "Hm", "content": '{"a": [1]}'}),
            [[("reasoning", "", "Hm"), ("json", "", '{ "a": [ 1 ] }')]],
            id="reasoning and structured output",
        ),
        pytest.param(
            responses(
                [
                    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]},
                    responses_message("Hi"),
                    {"type": "function_call", "name": "f", "arguments": '{"a":1}'},
                ]
            ),
            [[("reasoning", "", "Hm"), text("Hi"), ("call", "f", '{ "a": 1 }')]],
            id="openai responses",
        ),
        pytest.param(
            anthropic(
                [
                    {"type": "thinking", "thinking": "Hm", "signature": "s"},
                    {"type": "text", "text": "Yes"},
                    {"type": "tool_use", "name": "t", "input": {"x": 1}},
                ]
            ),
            [[("reasoning", "", "Hm"), text("Yes"), ("call", "t", '{ "x": 1 }')]],
            id="anthropic",
        ),
        pytest.param(
            gemini(
                [
                    {"text": "Hm", "thought": True},
                    {"text": "Yes"},
                    {"functionCall": {"name": "f", "args": {"a": 2}}},
                    {"inlineData": {"mimeType": "image/png", "data": "A" * 4000}},
                ]
            ),
            [[("reasoning", "", "Hm"), text("Yes"), ("call", "f", '{ "a": 2 }'), ("media", "image/png", "")]],
            id="gemini",
        ),
        pytest.param(ollama("Hello", done=True), [[text("Hello")]], id="ollama"),
        pytest.param(
            langchain(content="Hi", tool_calls=[{"name": "x", "args": {"q": 1}}]),
            [[text("Hi"), ("call", "x", '{ "q": 1 }')]],
            id="langchain",
        ),
        pytest.param(n8n_items({"output": "A"}, {"text": "B"}), [[text("A")], [text("B")]], id="n8n items"),
        pytest.param(
            n8n_items({"output": {"city": "Paris"}}), [[("json", "", '{ "city": "Paris" }')]], id="n8n output parser"
        ),
        pytest.param([chunk("Hel"), chunk("lo"), chunk(None, "stop")], [[text("Hello")]], id="openai stream"),
        pytest.param(STREAM_OF_CALLS, [[("call", "f", "{}")]], id="openai stream of a tool call"),
        pytest.param(ANTHROPIC_STREAM, [[text("Hello")]], id="anthropic stream"),
        pytest.param([ollama("Hel", done=False), ollama("lo", done=True)], [[text("Hello")]], id="ollama stream"),
        pytest.param("plain text", [[text("plain text")]], id="text"),
        pytest.param('{"a": 1}', [[("json", "", '{ "a": 1 }')]], id="JSON in a text"),
        pytest.param({"a": {"b": 1}}, [[("json", "", '{ "a": { "b": 1 } }')]], id="anybody's JSON"),
        pytest.param([1, 2], [[("json", "", "[ 1, 2 ]")]], id="a list"),
        pytest.param(None, [[("json", "", "null")]], id="null"),
        pytest.param({}, [[("json", "", "{}")]], id="nothing"),
    ],
)
def test_an_answer_says_what_it_says(answer: Any, blocks: list[list[Said]]) -> None:
    assert of_answer(answer) == blocks


def test_several_choices_are_several_bubbles() -> None:
    body = chat({"role": "assistant", "content": "One"})
    body["choices"] += [{"index": 1, "message": {"role": "assistant", "content": "Two"}}]
    assert of_answer(body) == [[text("One")], [text("Two")]]


def test_a_picture_is_shown_as_its_size_or_its_address() -> None:
    content = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{'A' * 400}"}},
        {"type": "image_url", "image_url": {"url": "https://a.example/cat.png"}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "A" * 800}},
        {"type": "input_audio", "input_audio": {"data": "A" * 40, "format": "wav"}},
    ]
    (bubble,) = read_request(
        json.dumps({"messages": [{"role": "user", "content": content}]}).encode()
    ).conversation.bubbles
    assert [(block.kind, block.title, block.text, block.bytes) for block in bubble.blocks] == [
        ("text", "", "What is it?", None),
        ("media", "image/png", "", 300),
        ("media", "image", "https://a.example/cat.png", None),
        ("media", "image/jpeg", "", 600),
        ("media", "wav", "", 30),
    ]


def test_a_request_is_a_conversation_with_its_settings_and_tools() -> None:
    asked = request(
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What does tea cost?"},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": '{"price": 2}'},
            {"role": "developer", "content": "In euros."},
        ],
        tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
        params={"temperature": 0.2, "stop": ["\n"]},
        response_format={"type": "json_object"},
    )
    from prompt_cache.core.questions import Questions
    from prompt_cache.core.rules import Rules
    from prompt_cache.keying.keys import Keyer, canonical_json
    from prompt_cache.keying.normalize import Normalizers

    kept = canonical_json(Questions(Rules(), Keyer(), Normalizers()).of(asked).parts)
    parts = read_request(kept)
    assert [bubble.role for bubble in parts.conversation.bubbles] == ["system", "user", "assistant", "tool", "system"]
    assert said(parts.conversation.bubbles)[2:4] == [[("call", "f", "{}")], [("result", "call-1", '{ "price": 2 }')]]
    assert dict(parts.settings)["temperature"] == "0.2"
    assert [name for name, _ in parts.settings] == ["stop", "temperature", "response_format"]
    assert [name for name, _ in parts.tools] == ["f"]


# -- what is made to hurt -----


def test_what_nobody_sees_is_shown_as_what_it_is() -> None:
    assert shown("a\0b\x1b[31m \u202egnp.exe\u2066 \ufeff\u2028\r\n\tx") == (
        "a⟨U+0000⟩b⟨U+001B⟩[31m ⟨U+202E⟩gnp.exe⟨U+2066⟩ ⟨U+FEFF⟩⟨U+2028⟩\n\tx"
    )
    assert shown("half \ud800 an emoji 🙂") == "half ? an emoji 🙂"


def test_what_was_masked_is_shown_by_the_name_of_its_mask() -> None:
    normalizer = Normalizers({"today": "Today is [0-9-]+"})[["mask:today"]]
    assert shown(normalizer.masked("Today is 2026-11-26. \ufdd0<today> Hi.")) == "⟨today⟩. ⟨U+FDD0⟩⟨U+FDD0⟩<today> Hi."


@pytest.mark.parametrize(
    "stored",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'"\\ud800"',
        b"not JSON \xff\xfe",
        b"",
        b'{"messages": 3}',
        b'{"choices": [{"message": {"content": [[[[[[[[[["x"]]]]]]]]]]}}]}',
    ],
)
def test_what_cannot_be_read_is_shown_all_the_same(stored: bytes) -> None:
    for readable in (read_response(stored), read_request(stored).conversation):
        msgspec.json.encode(readable)  # it is text that can be sent
    assert not stored or not stored.startswith(b"[") or read_response(stored).bubbles


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "role",
                    "content",
                    "parts",
                    "type",
                    "text",
                    "choices",
                    "message",
                    "tool_calls",
                    "function",
                    "arguments",
                    "output",
                    "candidates",
                    "thinking",
                    "functionCall",
                    "functionResponse",
                    "inlineData",
                    "source",
                    "image_url",
                    "data",
                    "n8n.items",
                    "json",
                    "lc",
                    "kwargs",
                    "done",
                    "response",
                    "delta",
                    "object",
                    "messages",
                    "params",
                    "tools",
                    "name",
                    "summary",
                    "refusal",
                    "images",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
@settings(max_examples=150, deadline=None)
def test_no_json_breaks_it(value: Any) -> None:
    data = json.dumps(value).encode()
    assert msgspec.json.encode(read_response(data))
    assert msgspec.json.encode(read_request(data))


def test_a_huge_answer_is_shown_in_part_until_all_is_asked_for() -> None:
    huge = json.dumps("word " * 2_000_000).encode()
    part, whole = read_response(huge), read_response(huge, WHOLE)
    assert (part.cut, whole.cut) == (True, False)
    assert len(part.bubbles[0].blocks[0].text) < PART + 10
    assert len(whole.bubbles[0].blocks[0].text) == 10_000_000


def test_many_messages_are_shown_in_part() -> None:
    kept = json.dumps({"messages": [{"role": "user", "content": "x"}] * 3000}).encode()
    assert read_request(kept).conversation.cut
    assert len(read_request(kept).conversation.bubbles) < 1000


def test_what_is_all_shown_has_not_more_blocks_than_a_page_takes() -> None:
    answer = {"choices": [{"message": {"role": "assistant", "content": [{"type": "text", "text": "x"}] * 20_001}}]}
    found = read_response(json.dumps(answer).encode(), WHOLE)
    assert found.cut
    assert len(found.bubbles[0].blocks) == 20_000


def test_what_is_long_is_folded_between_lines() -> None:
    lines = "\n".join(f"line {n}" for n in range(100))
    head, rest = folded(lines)
    assert head.endswith("line 23")
    assert rest.startswith("line 24")
    assert f"{head}\n{rest}" == lines
    assert folded("short") == ("short", "")
    assert folded("\n".join("x" * 26)) == ("\n".join("x" * 26), "")  # two lines more are not worth a fold
    one = folded("word " * 10_000)
    assert len(one.head) <= 2400
    assert one.head + one.rest == "word " * 10_000
    assert len(folded("x" * 1_000_000).head) == 2400
