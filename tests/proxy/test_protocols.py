"""Each provider's protocol through the proxy: asked once, answered again from the cache, in either form."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
import requests

from prompt_cache.protocols import ENDPOINTS

from .calls import CHAT, KINDS, Caller, Kind, fate, question, text_of, told
from .upstream import Upstream

each_kind = pytest.mark.parametrize("kind", KINDS, ids=[f"{kind.name}-{at}" for at, kind in enumerate(KINDS)])


@each_kind
@pytest.mark.parametrize("first", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("second", [False, True], ids=["plain", "stream"])
def test_asked_again_in_either_form_is_answered_from_the_cache(
    caller: Caller, upstream: Upstream, kind: Kind, first: bool, second: bool
) -> None:
    asked = question()
    new, again = caller.ask(asked, kind, stream=first), caller.ask(asked, kind, stream=second)

    assert upstream.calls == 1
    assert (fate(new), fate(again)) == ("fwd=uri-miss", "hit")
    assert text_of(again) == text_of(new)
    assert "answer 1" in text_of(new)


@each_kind
def test_a_hit_has_every_field_as_it_was_stored(caller: Caller, upstream: Upstream, kind: Kind) -> None:
    asked = question()
    for stream in (False, True):
        new, again = (caller.ask(f"{asked} {stream}", kind, stream=stream) for _ in range(2))
        assert told(again) == told(new)
    assert upstream.calls == 2


@each_kind
@pytest.mark.parametrize("tool_calls", [False, True], ids=["text", "tool"])
def test_a_body_made_of_a_stream_is_what_the_provider_would_have_said(
    caller: Caller, upstream: Upstream, kind: Kind, tool_calls: bool
) -> None:
    upstream.tool_calls = tool_calls
    asked = question()
    assert caller.ask(asked, kind, stream=True, X_Prompt_Cache_Namespace="tools").status_code == 200
    made = caller.ask(asked, kind, X_Prompt_Cache_Namespace="tools")
    upstream.calls = 0
    direct = caller.ask(asked, kind, Cache_Control="no-store")
    assert (fate(made), fate(direct)) == ("hit", "fwd=bypass")
    assert _lacks(made.json(), direct.json()) <= {"usage", "created_at"}  # not asked for, and of the last line
    assert "obfuscation" not in made.text


def _lacks(made: Any, direct: Any, name: str = "") -> set[str]:
    """The names of fields of a direct answer that are missing or otherwise in one that was made."""
    if isinstance(direct, dict) and isinstance(made, dict):
        return set().union(*(_lacks(made.get(field), value, field) for field, value in direct.items()))
    if isinstance(direct, list) and isinstance(made, list) and len(direct) == len(made):
        return set().union(*(_lacks(one, other, name) for one, other in zip(made, direct, strict=True)))
    return set() if made == direct else {name}


@each_kind
def test_a_stream_is_replayed_piece_by_piece(caller: Caller, kind: Kind) -> None:
    asked = question()
    caller.ask(asked, kind, stream=True)
    assert len(told(caller.ask(asked, kind, stream=True))) > 3


@each_kind
@pytest.mark.parametrize("fault", ["gzip", "bytes"])
def test_packed_or_in_single_bytes_it_is_the_same_stream(
    caller: Caller, upstream: Upstream, kind: Kind, fault: str
) -> None:
    upstream.fault = fault
    asked = question()
    new, again = caller.ask(asked, kind, stream=True), caller.ask(asked, kind, stream=True)
    assert told(again) == told(new)
    assert fate(again) == "hit"


@each_kind
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_what_is_cut_off_is_not_stored(caller: Caller, upstream: Upstream, kind: Kind, stream: bool) -> None:
    upstream.fault = "cut"
    asked = question()
    with suppress(requests.RequestException):  # a client sees it as well
        caller.ask(asked, kind, stream=stream)
    upstream.fault = ""
    assert fate(caller.ask(asked, kind, stream=stream)) == "fwd=uri-miss"
    assert upstream.calls == 2


@each_kind
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_what_ended_because_it_was_long_enough_is_not_stored(
    caller: Caller, upstream: Upstream, kind: Kind, stream: bool
) -> None:
    upstream.fault = "length"
    asked = question()
    assert "answer 1" in text_of(caller.ask(asked, kind, stream=stream))
    upstream.fault = ""
    assert "answer 2" in text_of(caller.ask(asked, kind, stream=stream))


def test_a_stream_from_the_cache_keeps_the_pace_that_its_namespace_sets(caller: Caller, upstream: Upstream) -> None:
    asked = question()
    caller.ask(asked, stream=True, X_Prompt_Cache_Namespace="slow")
    began = time.monotonic()
    assert fate(caller.ask(asked, stream=True, X_Prompt_Cache_Namespace="slow")) == "hit"
    assert time.monotonic() - began >= 0.08  # five tokens, fifty a second
    assert upstream.calls == 1


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name in ("openai_responses", "anthropic_messages")])
def test_an_error_inside_a_stream_is_told_and_not_stored(caller: Caller, upstream: Upstream, kind: Kind) -> None:
    upstream.fault = "error-event"
    asked = question()
    assert "overloaded" in caller.ask(asked, kind, stream=True).text
    upstream.fault = ""
    assert fate(caller.ask(asked, kind, stream=True)) == "fwd=uri-miss"


def test_usage_in_a_stream_is_told_to_who_asks_for_it(caller: Caller, upstream: Upstream) -> None:
    asked = CHAT.body(question(), stream=True)
    with_usage = {**asked, "stream_options": {"include_usage": True}}
    caller.ask(with_usage, stream=True)
    assert '"usage"' in caller.ask(with_usage, stream=True).text
    assert '"usage"' not in caller.ask(asked, stream=True).text
    assert upstream.calls == 1


def test_a_hit_uses_nothing_where_the_namespace_says_so(caller: Caller) -> None:
    asked = question()
    usages = [caller.ask(asked, X_Prompt_Cache_Namespace="free").json()["usage"] for _ in range(2)]
    assert usages[0]["total_tokens"] == 14
    assert set(usages[1].values()) == {0}


def test_vectors_are_cached_one_by_one(caller: Caller, upstream: Upstream) -> None:
    words = [question() for _ in range(3)]

    def embed(texts: Any) -> Any:
        return caller.send("POST", "/openai/v1/embeddings", json={"model": "e", "input": texts})

    first = embed([words[0], words[1], words[0]])
    second = embed([words[1], words[2]])
    third = embed(words[2])
    assert [fate(response) for response in (first, second, third)] == ["fwd=uri-miss", "fwd=partial", "hit"]
    assert upstream.calls == 2
    assert json.loads(upstream.bodies[1])["input"] == [words[2]]
    vectors = [[vector["embedding"] for vector in response.json()["data"]] for response in (first, second, third)]
    assert vectors[0][0] == vectors[0][2]
    assert vectors[1][0] == vectors[0][1]
    assert vectors[2] == [vectors[1][1]]
    assert third.json()["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    headers = {"X-Prompt-Cache-Namespace": "free"}
    body = {"model": "e", "input": words[2]}
    free = [caller.send("POST", "/openai/v1/embeddings", json=body, headers=headers) for _ in range(2)]
    assert [answer.json()["usage"]["total_tokens"] for answer in free] == [2, 0]


def test_ollamas_vectors_are_cached_too(caller: Caller, upstream: Upstream) -> None:
    words = [question() for _ in range(2)]
    bodies = [{"model": "e", "input": texts} for texts in (words[0], words)]
    one, both = (caller.send("POST", "/ollama/api/embed", json=body).json() for body in bodies)
    assert both["embeddings"][0] == one["embeddings"][0]
    assert json.loads(upstream.bodies[1])["input"] == [words[1]]


def test_every_endpoint_is_tried_here() -> None:
    tried = {kind.name for kind in KINDS} | {"openai_embeddings", "ollama_embed"}
    assert tried == {endpoint.name for endpoints in ENDPOINTS.values() for endpoint in endpoints}
