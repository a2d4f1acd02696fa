"""What a call used, read from its answer as it goes by."""

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Source
from prompt_cache.core.spending import Payment
from prompt_cache.http.proxy.metering import Bill, Meter
from prompt_cache.protocols.anthropic import Messages
from prompt_cache.protocols.framing import Framing, Garbled, JsonLines, JsonList, ServerSentEvents
from prompt_cache.protocols.gemini import GenerateContent
from prompt_cache.protocols.ollama import Chat
from prompt_cache.protocols.openai_chat import DONE, ChatCompletions
from prompt_cache.protocols.openai_responses import Responses
from prompt_cache.responses.usage import Usage
from prompt_cache.stores.memory import MemoryStore

MOST = 1_000_000
TEXT = "one two three four five six seven eight nine ten " * 20
BODIES: list[tuple[Any, Framing, dict[str, Any]]] = [
    (
        ChatCompletions(),
        DONE,
        {
            "model": "gpt-4o-mini",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": TEXT}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 250},
        },
    ),
    (
        Responses(),
        ServerSentEvents(),
        {
            "object": "response",
            "status": "completed",
            "model": "gpt-5-mini",
            "output": [
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": TEXT}], "id": "m"}
            ],
            "usage": {"input_tokens": 9, "output_tokens": 250, "total_tokens": 259},
        },
    ),
    (
        Messages(),
        ServerSentEvents(),
        {
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5",
            "content": [{"type": "text", "text": TEXT}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 9, "output_tokens": 250},
        },
    ),
    (
        GenerateContent(),
        JsonList(),
        {
            "candidates": [{"content": {"role": "model", "parts": [{"text": TEXT}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 250, "totalTokenCount": 259},
            "modelVersion": "gemini-2.5-flash",
        },
    ),
    (
        Chat(),
        JsonLines(),
        {
            "model": "llama3.2",
            "message": {"role": "assistant", "content": TEXT},
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 9,
            "eval_count": 250,
        },
    ),
]
each_protocol = pytest.mark.parametrize(("endpoint", "framing", "body"), BODIES, ids=[each[0].name for each in BODIES])


def written(framing: Framing, endpoint: Any, body: dict[str, Any]) -> list[bytes]:
    return list(framing.written(endpoint.events(body)))


@each_protocol
@pytest.mark.parametrize("streamed", [True, False])
def test_what_the_answer_says(endpoint: Any, framing: Framing, body: dict[str, Any], streamed: bool) -> None:
    meter = Meter(framing if streamed else None, MOST)
    whole = b"".join(written(framing, endpoint, body)) if streamed else json.dumps(body).encode()
    for at in range(0, len(whole), 7):
        meter.feed(whole[at : at + 7])
    answer, ended = meter.told(endpoint)
    assert ended
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (9, 250)
    assert answer.model == (body.get("model") or body["modelVersion"])


@each_protocol
def test_of_what_was_cut_off_a_rough_count(endpoint: Any, framing: Framing, body: dict[str, Any]) -> None:
    meter = Meter(framing, MOST)
    parts = written(framing, endpoint, body)
    cut = len(parts) // 2
    for part in parts[:cut]:
        meter.feed(part)
    _, ended = meter.told(endpoint)
    assert not ended
    assert meter.spoken_tokens is not None
    assert 80 < meter.spoken_tokens < 180  # half of 250, and a few words more or less


@each_protocol
def test_of_a_long_stream_no_more_than_a_few_events_are_held(
    endpoint: Any, framing: Framing, body: dict[str, Any]
) -> None:
    meter = Meter(framing, 10_000)
    parts = written(framing, endpoint, body)
    first = [*parts[:3], *parts[3:5] * 5000]
    for part in first:
        meter.feed(part)
    assert sum(map(len, first)) > 500_000
    assert len(meter._first) + len(meter._last) < 10
    assert meter.spoken_tokens


def test_a_body_that_is_larger_than_is_held_says_nothing() -> None:
    meter = Meter(None, 1000)
    for _ in range(100):
        meter.feed(b"x" * 100)
    assert not meter._parts
    answer, ended = meter.told(ChatCompletions())
    assert (answer.usage, ended, meter.spoken_tokens) == (None, False, None)


def test_what_is_no_stream_is_read_no_further() -> None:
    meter = Meter(DONE, MOST)
    with pytest.raises(Garbled):
        meter.feed(b"data: {broken\n\n")
    assert meter.feed(b'data: {"usage": {"prompt_tokens": 5, "completion_tokens": 5}}\n\n') == []
    assert meter.spoken_tokens is None


def test_of_a_stream_that_says_no_usage_its_texts_are_counted() -> None:
    endpoint, framing, body = BODIES[0]
    meter = Meter(framing, MOST)
    for part in written(framing, endpoint, {name: value for name, value in body.items() if name != "usage"}):
        meter.feed(part)
    answer, ended = meter.told(endpoint)
    assert ended
    assert (answer.usage or Usage()).output_tokens is None
    assert meter.spoken_tokens == pytest.approx(250, rel=0.1)


def test_what_is_nested_as_deep_as_can_be_breaks_nothing() -> None:
    meter = Meter(DONE, MOST)
    deep = b'{"content":' * 900 + b'"x"' + b"}" * 900
    try:
        meter.feed(b"data: " + deep + b"\n\n")
    except Garbled:
        return
    assert meter.spoken_tokens is not None


# -- bills -----


def bill(endpoint: Any, framing: Framing | None, body: dict[str, Any]) -> tuple[Bill, list[Payment]]:
    """Of a call with this body, and what is counted of it."""
    asking: Any = SimpleNamespace(
        endpoint=endpoint,
        raw=json.dumps(body).encode(),
        body=body,
        call=SimpleNamespace(request=None),
        route=SimpleNamespace(path="chat/completions"),
        namespace="support",
        directives=SimpleNamespace(source=Source("Flow", "Chat")),
        payer=SimpleNamespace(caller=SimpleNamespace(name="mine")),
    )
    cache = PromptCache(MemoryStore())
    paid: list[Payment] = []
    cache.spending.watchers.append(paid.append)
    return Bill(cache.spending, asking, framing, began=time.monotonic() - 2), paid


def test_bill__is_counted_once() -> None:
    made, paid = bill(ChatCompletions(), None, {"model": "gpt-4o-mini"})
    made.meter.feed(json.dumps(BODIES[0][2]).encode())
    made.count()
    made.count()
    (payment,) = paid
    assert payment.dimensions == ("support", "gpt-4o-mini", "Flow", "Chat")
    assert (payment.caller, payment.usage.estimated) == ("mine", False)
    assert payment.cost_usd == pytest.approx((9 * 0.15 + 250 * 0.6) / 1e6)
    assert payment.seconds == pytest.approx(2, abs=1)


def test_bill__that_is_left_to_the_store_is_counted_where_that_could_not() -> None:
    made, paid = bill(ChatCompletions(), None, {"model": "gpt-4o-mini"})
    made.leave_to_store()
    made.count()
    assert paid == []
    made.count(again=True)
    made.count()
    assert len(paid) == 1


def test_bill__of_a_stream_that_was_cut_off_is_an_estimate_of_both_sides() -> None:
    asked = {"model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": "word " * 400}]}
    for endpoint, framing, body in BODIES:
        made, paid = bill(endpoint, framing, asked)
        for part in written(framing, endpoint, body)[: len(TEXT) // 50]:
            made.meter.feed(part)
        made.count()
        usage = paid[0].usage
        assert usage.estimated
        assert usage.output_tokens
        assert usage.input_tokens == 9 or 400 < (usage.input_tokens or 0) < 700
        assert paid[0].cost_usd


def test_bill__of_a_call_whose_caller_left_is_what_was_sent() -> None:
    asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "word " * 400}]}
    for told in (b"", json.dumps(BODIES[0][2]).encode()[:-20]):
        made, paid = bill(ChatCompletions(), None, asked)
        made.meter.feed(told)
        made.count()
        (payment,) = paid
        assert payment.usage.estimated
        assert payment.usage.output_tokens == 0
        assert payment.cost_usd == pytest.approx((payment.usage.input_tokens or 0) * 0.15 / 1e6)
        assert payment.cost_usd


def test_bill__of_what_could_not_be_read_is_not_known() -> None:
    made, paid = bill(ChatCompletions(), None, {"model": "gpt-4o-mini"})
    made.meter.give_up()
    made.count()
    assert paid[0].cost_usd is None


def test_bill__of_a_refusal_in_an_answers_clothes_is_nothing() -> None:
    made, paid = bill(ChatCompletions(), None, {"model": "gpt-4o-mini"})
    made.meter.feed(b'{"error": {"message": "overloaded", "type": "server_error", "code": 503}}')
    made.count()
    assert paid == []


def test_bill__whatever_the_answer_is_nothing_fails() -> None:
    for odd in (
        b"",
        b"null",
        b"[]",
        b"[[1]]",
        b'{"usage": 7, "choices": "x"}',
        b"\xff\xfe",
        b'{"usage": {"prompt_tokens": -1}}',
    ):
        made, paid = bill(ChatCompletions(), None, {})
        made.meter.feed(odd)
        made.count()
        assert len(paid) <= 1
