"""Which calls on the wire are one question to the cache. The golden keys say when an upgrade would empty it."""

import json
from pathlib import Path
from typing import Any

import pytest

from prompt_cache.config.schema import UpstreamSettings
from prompt_cache.http.proxy.asking import is_ambiguous
from prompt_cache.protocols import ENDPOINTS

from .keys import asking, key, keys

GOLDEN = json.loads(Path(__file__).with_name("golden_keys.json").read_text(encoding="utf-8"))

CHAT = "/openai/v1/chat/completions"
MESSAGES = "/anthropic/v1/messages"
GEMINI = "/gemini/v1beta/models/gemini-2.5-flash"
ASKED = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is Bern?"}], "temperature": 0}
TOLD = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 100,
    "system": [{"type": "text", "text": "Be terse."}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "What is Bern?"}]}],
    "tools": [{"name": "f", "input_schema": {"type": "object", "properties": {"cache_control": {"type": "string"}}}}],
}
SAID = {"contents": [{"role": "user", "parts": [{"text": "What is Bern?"}]}]}


@pytest.mark.parametrize("call", GOLDEN, ids=[call["name"] for call in GOLDEN])
def test_golden_keys(call: dict[str, Any]) -> None:
    assert keys(call["path"], call["body"], call.get("headers")) == call["keys"]


def test_every_endpoint_has_a_golden_key() -> None:
    named = {asking(call["path"], call["body"], {}).endpoint.name for call in GOLDEN}
    assert named == {endpoint.name for endpoints in ENDPOINTS.values() for endpoint in endpoints}


SCHEMAS = ("parameters", "schema", "input_schema")
"""Where models write their answers in the order of the fields."""


def turned(value: Any) -> Any:
    """The same with the fields of each object in another order, those of schemas apart."""
    if isinstance(value, dict):
        return {name: value[name] if name in SCHEMAS else turned(value[name]) for name in reversed(value)}
    return [turned(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("call", GOLDEN, ids=[call["name"] for call in GOLDEN])
def test_the_order_of_fields_does_not_count(call: dict[str, Any]) -> None:
    assert keys(call["path"], turned(call["body"]), call.get("headers")) == call["keys"]


@pytest.mark.parametrize("call", GOLDEN, ids=[call["name"] for call in GOLDEN])
def test_a_field_that_nobody_knows_counts(call: dict[str, Any]) -> None:
    changed = {**call["body"], "new_in_2031": 1}
    assert not set(keys(call["path"], changed, call.get("headers"))) & set(call["keys"])


def with_cache_control(body: dict[str, Any], *path: str | int) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(body))
    place: Any = copy
    for step in path:
        place = place[step]
    place["cache_control"] = {"type": "ephemeral"}
    return copy


@pytest.mark.parametrize(
    "path", [("system", 0), ("messages", 0, "content", 0), ("tools", 0), ()], ids=["system", "part", "tool", "call"]
)
def test_where_the_providers_own_cache_begins_does_not_count(path: tuple[str | int, ...]) -> None:
    assert key(MESSAGES, with_cache_control(TOLD, *path)) == key(MESSAGES, TOLD)


def test_but_a_tools_parameter_of_that_name_counts() -> None:
    place = ("tools", 0, "input_schema", "properties")
    assert key(MESSAGES, with_cache_control(TOLD, *place)) != key(MESSAGES, TOLD)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"OpenAI-Beta": "a"}),
        ({}, {"OpenAI-Organization": "o"}),
        ({}, {"anthropic-beta": "a"}),
        ({}, {"api-version": "1"}),
        ({}, {"X-Goog-FieldMask": "candidates"}),
        ({"Authorization": "Bearer a"}, {"Authorization": "Bearer b"}),
        # the provider goes by the second
        ({"Authorization": "Bearer x", "x-api-key": "a"}, {"Authorization": "Bearer x", "x-api-key": "b"}),
        ({"Ocp-Apim-Subscription-Key": "a"}, {"Ocp-Apim-Subscription-Key": "b"}),
        ({"cf-aig-authorization": "Bearer a"}, {"cf-aig-authorization": "Bearer b"}),
        ({"X-Prompt-Cache-Namespace": "a"}, {"X-Prompt-Cache-Namespace": "b"}),
    ],
)
def test_headers_that_count(one: dict[str, str], other: dict[str, str]) -> None:
    assert key(CHAT, ASKED, one) != key(CHAT, ASKED, other)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Prompt-Cache-Attributes": "prompt-cache.payer=x"},
        {"User-Agent": "x", "Accept": "*/*", "X-Stainless-Runtime-Version": "3.14", "Idempotency-Key": "1"},
        {"X-Prompt-Cache-Token": "x", "X-Prompt-Cache-Tags": "x", "Cache-Control": "max-age=1"},
    ],
)
def test_headers_that_do_not(headers: dict[str, str]) -> None:
    assert key(CHAT, ASKED, headers) == key(CHAT, ASKED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"{CHAT}?api-version=1", f"{CHAT}?api-version=2"),
        (f"{CHAT}?a=1&a=2", f"{CHAT}?a=3&a=2"),
        (f"{CHAT}?a=%fe", f"{CHAT}?a=%ff"),
        (f"{CHAT}?sig=1", f"{CHAT}?sig=2"),
        ("/u/openai/deployments/a/chat/completions", "/u/openai/deployments/b/chat/completions"),
        (CHAT, "/u/mistral/chat/completions"),
        (CHAT, "/ollama/v1/chat/completions"),
    ],
)
def test_places_that_count(one: str, other: str) -> None:
    assert key(one, ASKED) != key(other, ASKED)


def test_models_of_one_name_in_two_places_are_two() -> None:
    assert key("/gemini/v1beta/models/x:generateContent", SAID) != key(
        "/gemini/v1beta/tunedModels/x:generateContent", SAID
    )


def test_the_address_of_the_upstream_counts() -> None:
    elsewhere = {"openai": UpstreamSettings(url="https://llm.example.com/v1")}
    assert key(CHAT, ASKED) != key(CHAT, ASKED, upstreams=elsewhere)
    assert key("/u/openai/chat/completions", ASKED) == key(CHAT, ASKED)


@pytest.mark.parametrize("path", [f"{GEMINI}:streamGenerateContent", f"{GEMINI}:streamGenerateContent?alt=sse"])
def test_a_stream_asks_the_same(path: str) -> None:
    assert key(path, SAID) == key(f"{GEMINI}:generateContent", SAID)
    streamed = {**ASKED, "stream": True, "stream_options": {"include_usage": True}}
    assert key(CHAT, streamed) == key(CHAT, ASKED)


def test_what_is_said_twice_is_not_answered_from_the_cache() -> None:
    assert is_ambiguous(b'{"model": "a", "messages": [], "model": "b"}')
    assert is_ambiguous(b'{"messages": [{"role": "user", "content": "a", "content": "b"}]}')
    assert not is_ambiguous(json.dumps(TOLD).encode())
    both = {**SAID, "systemInstruction": {"parts": [{"text": "a"}]}, "system_instruction": {"parts": [{"text": "b"}]}}
    assert asking(f"{GEMINI}:generateContent", both, {}).bypass


@pytest.mark.parametrize("field", [{"dimensions": 256}, {"encoding_format": "base64"}, {"model": "other"}])
def test_what_shapes_a_vector_counts(field: dict[str, Any]) -> None:
    for inputs in (["a", "a ", "A"], [[1, 2], [1, 3], [1]]):
        asked = {"model": "e", "input": inputs}
        found = keys("/openai/v1/embeddings", asked)
        assert len(set(found)) == 3
        assert not set(keys("/openai/v1/embeddings", {**asked, **field})) & set(found)


def test_a_list_of_tokens_is_one_text() -> None:
    (one,) = keys("/openai/v1/embeddings", {"model": "e", "input": [1, 2]})
    assert [one] == keys("/openai/v1/embeddings", {"model": "e", "input": [[1, 2]]})
    assert one != key("/openai/v1/embeddings", {"model": "e", "input": "tokens", "tokens": [1, 2]})
