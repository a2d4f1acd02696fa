"""What calls through the proxy cost is counted once, whether their answers are kept, refused, passed by or cut off."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import requests

from .calls import CHAT, KINDS, Caller, fate, question
from .upstream import Upstream

_SECONDS = 15.0
COUNTED = 1.5
"""Seconds after which all workers have handed over what they counted."""


@pytest.fixture
def namespace() -> str:
    return f"spent-{uuid4().hex[:12]}"


def spent(caller: Caller, namespace: str, calls: int) -> dict[str, Any]:
    """What was spent in a namespace, once so many calls are counted."""
    end = time.monotonic() + _SECONDS
    while True:
        found: dict[str, Any] = caller.send("GET", f"/v1/stats?namespace={namespace}").json()["spent"]
        if found["calls"] >= calls or time.monotonic() > end:
            assert found["calls"] == calls
            return found
        time.sleep(0.1)


def asked_in(namespace: str, **headers: str) -> dict[str, Any]:
    return {"X_Prompt_Cache_Namespace": namespace, **headers}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.name}-{'sse' if 'sse' in kind.stream_path else ''}")
def test_what_passes_by_says_what_it_used(caller: Caller, namespace: str, kind: Any) -> None:
    for stream in (False, True):
        answer = caller.ask(question(), kind, stream=stream, **asked_in(namespace, Cache_Control="no-store"))
        assert fate(answer) == "fwd=bypass"
    found = spent(caller, namespace, 2)
    # OpenAI's streams do not say unless they are asked to.
    silent = kind.name in ("openai_chat", "openai_completions")
    assert found["estimated_calls"] == silent
    if not silent:
        assert (found["input_tokens"], found["output_tokens"]) == (18, 10)
    assert found["unpriced_calls"] == (2 if kind.name.startswith("ollama") else 0)
    assert (found["cost_usd"] > 0) is not kind.name.startswith("ollama")


def test_what_was_asked_for_its_usage_is_not_estimated(caller: Caller, namespace: str) -> None:
    body = {**CHAT.body(question(), stream=True), "stream_options": {"include_usage": True}, "n": 2}
    assert "several-answers" in caller.ask(body, **asked_in(namespace)).headers["Cache-Status"]
    found = spent(caller, namespace, 1)
    assert (found["input_tokens"], found["output_tokens"], found["estimated_calls"]) == (9, 5, 0)


def test_what_is_packed_is_read_and_goes_on_as_it_is(caller: Caller, namespace: str, upstream: Upstream) -> None:
    upstream.fault = "gzip"
    answer = requests.post(
        caller.url + CHAT.path,
        json={**CHAT.body(question()), "n": 2},
        headers={"Authorization": "Bearer k", "X-Prompt-Cache-Namespace": namespace, "Accept-Encoding": "gzip"},
        timeout=30,
        stream=True,
    )
    assert b'"usage"' in gzip.decompress(answer.raw.read(decode_content=False))
    assert spent(caller, namespace, 1)["input_tokens"] == 9


def test_what_is_stored_is_counted_by_the_store_alone_and_hits_cost_nothing(caller: Caller, namespace: str) -> None:
    asked = question()
    assert [fate(caller.ask(asked, **asked_in(namespace))) for _ in range(3)] == ["fwd=uri-miss", "hit", "hit"]
    caller.ask(asked, **asked_in(namespace, Cache_Control="no-cache"))
    assert spent(caller, namespace, 2)["input_tokens"] == 18
    time.sleep(COUNTED)
    assert spent(caller, namespace, 2)["output_tokens"] == 10


def test_who_joins_a_call_pays_nothing(caller: Caller, namespace: str, upstream: Upstream) -> None:
    upstream.delay = 0.3
    asked = question()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: caller.ask(asked, **asked_in(namespace)), range(4)))
    assert spent(caller, namespace, upstream.calls)["calls"] == 1


def test_everybody_who_is_answered_is_counted(caller: Caller, namespace: str, upstream: Upstream) -> None:
    upstream.delay = 0.2
    asked = [question() for _ in range(10)] * 20  # many of them join while an answer is being stored
    with ThreadPoolExecutor(40) as pool:
        list(pool.map(lambda each: Caller(caller.url).ask(each, **asked_in(namespace)), asked))
    end = time.monotonic() + _SECONDS
    found: dict[str, Any] = {}
    while time.monotonic() < end and found.get("lookups") != len(asked):
        found = caller.send("GET", f"/v1/stats?namespace={namespace}").json()
    assert (found["misses"], found["hits"], found["spent"]["calls"]) == (10, 190, upstream.calls)


@pytest.mark.parametrize("fault", ["length", "tool-calls", "no-stream"])
def test_what_is_not_kept_is_counted_once(caller: Caller, namespace: str, upstream: Upstream, fault: str) -> None:
    upstream.fault, upstream.tool_calls = fault, fault == "tool-calls"
    caller.ask(question(), **asked_in(namespace))
    spent(caller, namespace, 1)
    time.sleep(COUNTED)
    found = spent(caller, namespace, 1)
    assert found["input_tokens"] == 9 or fault == "no-stream"


def test_what_was_cut_off_is_estimated(caller: Caller, namespace: str, upstream: Upstream) -> None:
    upstream.fault = "cut"
    for headers in ({}, {"Cache_Control": "no-store"}):
        caller.ask(question(), KINDS[3], stream=True, **asked_in(namespace, **headers))
    found = spent(caller, namespace, 2)
    assert (found["input_tokens"], found["estimated_calls"]) == (18, 2)
    assert found["output_tokens"] >= 10


@pytest.mark.parametrize("control", ["max-age=9", "no-store"])
def test_who_leaves_in_the_middle_has_paid_for_what_was_said(
    caller: Caller, namespace: str, upstream: Upstream, control: str
) -> None:
    upstream.delay = 1.0
    answer = requests.post(
        caller.url + CHAT.path,
        json=CHAT.body(question(), stream=True),
        headers={"Authorization": "Bearer k", "X-Prompt-Cache-Namespace": namespace, "Cache-Control": control},
        timeout=30,
        stream=True,
    )
    next(answer.iter_content(None))
    answer.close()
    found = spent(caller, namespace, 1)
    assert found["estimated_calls"] == 1
    assert found["input_tokens"] > 0
    assert found["output_tokens"] > 0


@pytest.mark.parametrize("control", ["max-age=9", "no-store"])
def test_who_leaves_before_the_answer_has_paid_for_what_was_sent(
    caller: Caller, namespace: str, upstream: Upstream, control: str
) -> None:
    upstream.delay = 3.0
    headers = {"Authorization": "Bearer k", "X-Prompt-Cache-Namespace": namespace, "Cache-Control": control}
    with pytest.raises(requests.Timeout):
        requests.post(caller.url + CHAT.path, json=CHAT.body(question()), headers=headers, timeout=0.5)
    found = spent(caller, namespace, 1)
    assert (found["estimated_calls"], found["unpriced_calls"], found["output_tokens"]) == (1, 0, 0)
    assert found["cost_usd"] > 0


def test_a_call_that_failed_costs_nothing(caller: Caller, namespace: str, upstream: Upstream) -> None:
    upstream.status = 500
    for headers in ({}, {"Cache_Control": "no-store"}):
        assert caller.ask(question(), **asked_in(namespace, **headers)).status_code == 500
    time.sleep(COUNTED)
    spent(caller, namespace, 0)


def test_texts_that_are_embedded_together_are_one_call(caller: Caller, namespace: str) -> None:
    body = {"model": "text-embedding-3-small", "input": [question() for _ in range(3)]}
    headers = {"Authorization": "Bearer k", "X-Prompt-Cache-Namespace": namespace}
    for control in ("max-age=9", "max-age=9", "no-store"):  # missed, hit, passed by
        caller.send("POST", "/openai/v1/embeddings", json=body, headers={**headers, "Cache-Control": control})
    found = spent(caller, namespace, 2)
    assert (found["input_tokens"], found["output_tokens"], found["unpriced_calls"]) == (12, 0, 0)
