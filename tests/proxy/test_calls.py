"""What a caller may ask of the proxy, and what it never gets."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from stack import Sidecar

from .calls import CHAT, KEY, KINDS, Caller, fate, question, text_of
from .upstream import Upstream


def test_what_is_not_a_models_answer_passes_through_untouched(caller: Caller, upstream: Upstream) -> None:
    told = caller.send("GET", "/openai/v1/models?limit=2&x=%2F", headers={"Authorization": f"Bearer {KEY}"})
    assert told.json()["path"] == "/v1/models?limit=2&x=%2F"
    assert told.json()["keys"] == {"authorization": f"Bearer {KEY}"}
    assert told.headers["Set-Cookie"] == "a=b"
    data = b"x" * 3_000_000
    sent = caller.send("POST", "/openai/v1/files", data=data, headers={"Content-Type": "application/octet-stream"})
    assert sent.json()["bytes"] == len(data)
    assert upstream.calls == 0


def test_our_own_headers_and_the_connections_do_not_go_on(caller: Caller) -> None:
    hop = {"Connection": "keep-alive, X-Once", "X-Once": "1", "TE": "trailers", "Cookie": "c=1"}
    ours = {"X-Prompt-Cache-Namespace": "default", "X-Prompt-Cache-Token": "t"}
    told = caller.send("GET", "/openai/v1/models", headers={**hop, **ours, "X-Mine": "1"}).json()["headers"]
    assert "x-mine" in told
    assert not {"x-once", "te", "cookie", "x-prompt-cache-namespace", "x-prompt-cache-token"} & set(told)


def test_cookies_and_rate_limits_are_of_the_first_answer_alone(caller: Caller, upstream: Upstream) -> None:
    upstream.headers = {"set-cookie": "a=b", "x-ratelimit-remaining-requests": "7"}
    asked = question()
    new, again = caller.ask(asked), caller.ask(asked)
    assert new.headers["X-RateLimit-Remaining-Requests"] == "7"
    assert fate(again) == "hit"
    assert not {"set-cookie", "x-ratelimit-remaining-requests"} & {name.lower() for name in again.headers}


def test_who_pays_with_another_key_gets_an_answer_of_its_own(caller: Caller) -> None:
    asked = question()
    assert [fate(caller.ask(asked, key=key)) for key in ("one", "two", "one")] == [
        "fwd=uri-miss",
        "fwd=uri-miss",
        "hit",
    ]
    shared: dict[str, Any] = {"X_Prompt_Cache_Namespace": "shared"}
    assert [fate(caller.ask(asked, key=key, **shared)) for key in ("one", "two")] == ["fwd=uri-miss", "hit"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"OpenAI_Beta": "a"}, {"OpenAI_Beta": "b"}),
        ({"X_Prompt_Cache_Attributes": "tenant=a"}, {"X_Prompt_Cache_Attributes": "tenant=b"}),
        ({"X_Prompt_Cache_Namespace": "a"}, {"X_Prompt_Cache_Namespace": "b"}),
    ],
)
def test_headers_that_shape_the_answer_are_part_of_the_question(
    caller: Caller, one: dict[str, Any], other: dict[str, Any]
) -> None:
    asked = question()
    fates = [fate(caller.ask(asked, **headers)) for headers in (one, other, one)]
    assert fates == ["fwd=uri-miss", "fwd=uri-miss", "hit"]


def test_a_field_that_nobody_knows_is_part_of_the_question(caller: Caller, upstream: Upstream) -> None:
    asked = CHAT.body(question())
    for body in (
        asked,
        {**asked, "new_in_2031": 1},
        {**asked, "temperature": 0},
        {**asked, "user": "u", "store": True},
    ):
        caller.ask(body)
    assert upstream.calls == 3


def test_who_instructs_and_which_tools_there_are_is_part_of_the_question(caller: Caller, upstream: Upstream) -> None:
    asked = CHAT.body(question())
    tool: dict[str, Any] = {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}
    other = {"type": "function", "function": {**tool["function"], "description": "in books"}}
    variants: list[dict[str, Any]] = [
        {},
        {"tools": [tool]},
        {"tools": [other]},
        {"tools": [tool], "tool_choice": "none"},
        {"messages": [{"role": "system", "content": "Answer in French."}, *asked["messages"]]},
    ]
    for variant in variants * 2:
        caller.ask({**asked, **variant}, X_Prompt_Cache_Namespace="tools")
    assert upstream.calls == len(variants)

    said = KINDS[3].body(question())
    for system in ("Answer in French.", "Answer in German.", None):
        caller.ask({**said, "system": system} if system else said, KINDS[3])
    assert upstream.calls == len(variants) + 3


def test_a_caller_says_how_fresh_and_whether_at_all(caller: Caller, upstream: Upstream) -> None:
    asked = question()
    assert caller.ask(asked, Cache_Control="only-if-cached").status_code == 504
    assert upstream.calls == 0
    fates = [
        fate(caller.ask(asked, Cache_Control=control))
        for control in ("", "no-cache", "", "no-store", "max-age=0", "max-age=60", "only-if-cached")
    ]
    assert fates == ["fwd=uri-miss", "fwd=request", "hit", "fwd=bypass", "fwd=uri-miss", "hit", "hit"]
    assert upstream.calls == 4


def test_what_the_operator_says_holds_against_callers(caller: Caller) -> None:
    asked = question()
    strict: dict[str, Any] = {"X_Prompt_Cache_Namespace": "strict", "X_Prompt_Cache_TTL": "7d"}
    caller.ask(asked, **strict)
    for control in ("no-cache", "no-store", "max-age=0"):
        again = caller.ask(asked, Cache_Control=control, **strict)
        assert fate(again) == "hit"
    assert int(again.headers["Cache-Status"].partition("ttl=")[2].partition(";")[0]) <= 60


def test_headers_that_cannot_be_meant_are_named_in_the_providers_own_shape(caller: Caller, upstream: Upstream) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"X_Prompt_Cache_Namespace": "a/b"}, "X-Prompt-Cache-Namespace"),
        ({"X_Prompt_Cache_TTL": "soon"}, "X-Prompt-Cache-TTL"),
        ({"X_Prompt_Cache_Attributes": "tenant"}, "X-Prompt-Cache-Attributes"),
        ({"X_Prompt_Cache_Normalize": "casefolded"}, "X-Prompt-Cache-Normalize"),
        ({"Cache_Control": "max-age=soon"}, "max-age"),
    ]
    for headers, name in cases:
        for kind in KINDS:
            answer = caller.ask(question(), kind, **headers)
            assert answer.status_code == 400
            assert name in answer.text
            assert "prompt_cache_invalid_header" in answer.text.lower()
    assert upstream.calls == 0
    assert caller.ask("x", KINDS[3], X_Prompt_Cache_TTL="soon").json()["type"] == "error"


def test_tools_are_called_again_unless_the_namespace_says_otherwise(caller: Caller, upstream: Upstream) -> None:
    upstream.tool_calls = True
    asked = question()
    assert [fate(caller.ask(asked)) for _ in range(2)] == ["fwd=uri-miss"] * 2
    assert [fate(caller.ask(asked, X_Prompt_Cache_Namespace="tools")) for _ in range(2)] == ["fwd=uri-miss", "hit"]


@pytest.mark.parametrize("field", [{"n": 2}, {"modalities": ["text", "audio"]}])
def test_what_cannot_be_cached_passes_and_says_why(
    caller: Caller, upstream: Upstream, field: dict[str, object]
) -> None:
    asked = {**CHAT.body(question()), **field}
    for _ in range(2):
        status = caller.ask(asked).headers["Cache-Status"]
        assert status.startswith("prompt-cache; fwd=bypass; detail=")
    assert upstream.calls == 2


def test_failures_of_the_provider_pass_as_they_are(caller: Caller, upstream: Upstream) -> None:
    asked = question()
    for status in (400, 401, 429, 500, 503):
        upstream.status = status
        answer = caller.ask(asked)
        assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
        assert answer.json()["error"]["message"] == "as told"
    upstream.status = 200
    assert fate(caller.ask(asked)) == "fwd=uri-miss"


def test_an_answer_past_its_time_is_better_than_none(caller: Caller, upstream: Upstream) -> None:
    asked = question()
    first = caller.ask(asked, X_Prompt_Cache_TTL="1").json()
    time.sleep(1.2)
    upstream.status = 503
    assert caller.ask(asked).status_code == 503
    stale = caller.ask(asked, Cache_Control="stale-if-error=60")
    assert stale.json() == first
    upstream.status = 200
    assert caller.ask(asked, Cache_Control="stale-if-error=60").json() != first


def test_a_hundred_equal_calls_at_once_are_one(upstream: Upstream, server: Sidecar) -> None:
    upstream.delay = 0.5
    asked = question()

    def ask(at: int) -> str:
        own = Caller(server.url)
        try:
            response = own.ask(asked, stream=at % 2 == 0)
            return text_of(response)
        finally:
            own.close()

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(ask, range(100)))
    assert upstream.calls == 1
    assert "answer 1 to" in answers[0]
    assert set(answers) == {answers[0]}


def test_when_the_one_who_asks_fails_another_takes_over(upstream: Upstream, server: Sidecar) -> None:
    upstream.delay, upstream.status = 0.5, 503
    asked = question()
    callers = [Caller(server.url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(one.ask, asked) for one in callers]
        time.sleep(0.3)
        upstream.status = 200  # for whoever asks next
        # the first has read its status by now or not; in both cases somebody is answered, and nobody is forgotten
        statuses = sorted(answer.result().status_code for answer in asking)
    for one in callers:
        one.close()
    assert statuses.count(200) >= 3
    assert upstream.calls <= 2


def test_a_call_that_nobody_waits_for_is_given_up(caller: Caller, upstream: Upstream, server: Sidecar) -> None:
    upstream.delay = 3.0
    asked = question()
    _leave_after(server, asked, "default", 0.5)
    _wait_until(lambda: upstream.cut_calls == 1)
    upstream.delay = 0.0
    assert fate(caller.ask(asked)) == "fwd=uri-miss"


def test_or_read_to_its_end_where_the_namespace_says_so(caller: Caller, upstream: Upstream, server: Sidecar) -> None:
    upstream.delay = 1.0
    asked = question()
    _leave_after(server, asked, "patient", 0.3)
    time.sleep(1.5)
    assert fate(caller.ask(asked, X_Prompt_Cache_Namespace="patient")) == "hit"
    assert (upstream.calls, upstream.cut_calls) == (1, 0)


def _leave_after(server: Sidecar, asked: str, namespace: str, seconds: float) -> None:
    left = threading.Event()

    def leave() -> None:
        own = Caller(server.url)
        try:
            own._session.post(
                server.url + CHAT.path,
                json=CHAT.body(asked),
                headers={"Authorization": f"Bearer {KEY}", "X-Prompt-Cache-Namespace": namespace},
                timeout=seconds,
            )
        except requests.RequestException:
            left.set()
        finally:
            own.close()

    leave()
    assert left.is_set()


def _wait_until(is_so: object, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("path", ["/openai/v1/../../etc", "/openai/v1/%2e%2e/x", "/openai/v1/a/%2E%2E%5Cx"])
def test_no_path_leads_out_of_the_providers_address(server: Sidecar, upstream: Upstream, path: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.split(b" ")[1] == b"400"
    assert upstream.seen == []


def test_an_unknown_upstream_is_named_with_those_there_are(caller: Caller) -> None:
    answer = caller.send("POST", "/u/nobody/chat/completions", json={})
    assert answer.status_code == 404
    assert "openai" in answer.json()["error"]["message"]


def test_no_key_and_no_prompt_reach_the_log(caller: Caller, upstream: Upstream, server: Sidecar) -> None:
    asked = question()
    caller.ask(asked, key="sk-very-secret")
    upstream.status = 500
    caller.ask(asked + "?", key="sk-very-secret")
    log = server.log.read_text()
    assert "/openai/v1/chat/completions" in log
    assert "sk-very-secret" not in log
    assert asked not in log
