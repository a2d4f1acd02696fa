"""How a node's answer stands in the cache."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.cache.base import Namespace

from prompt_cache.responses.answer import read_answer
from prompt_cache_client.langgraph import NodeSerializer
from prompt_cache_client.langgraph.entries import node_of, packed, request_of, source_of, tag_of, tags_of, unpacked

RETRIEVE = ("__pregel_ns_writes", "app.retrieve", "retrieve")
TEXT = st.text(st.characters(), max_size=400)
NAMESPACE = st.lists(TEXT, max_size=4).map(tuple)


def test_what_people_see() -> None:
    assert tags_of(RETRIEVE) == [
        "node:retrieve",
        "langgraph",
        'langgraph:["__pregel_ns_writes"]',
        'langgraph:["__pregel_ns_writes","app.retrieve"]',
        'langgraph:["__pregel_ns_writes","app.retrieve","retrieve"]',
    ]
    params = {"cache": "langgraph", "serde": "NodeSerializer"}
    request = {"prompt": '["__pregel_ns_writes","app.retrieve","retrieve","5f0c"]', "normalize": "none"}
    assert request_of((RETRIEVE, "5f0c"), "NodeSerializer", []) == {**request, "params": params}
    assert request_of((RETRIEVE, "5f0c"), "NodeSerializer", ["kb"])["params"] == {**params, "depends_on": ["kb"]}
    assert source_of(RETRIEVE) == {"node": "retrieve"}


@pytest.mark.parametrize(
    ("namespace", "node"),
    [
        (RETRIEVE, "retrieve"),
        (("__pregel_ns_writes", "__dynamic__", "my.node"), "my.node"),
        (("__pregel_ns_writes", "app.summarize"), "summarize"),
        (("__pregel_ns_writes", "tests.test_app.<locals>.summarize"), "summarize"),
        (("alone",), "alone"),
        ((), ""),
    ],
)
def test_the_name_of_a_node(namespace: Namespace, node: str) -> None:
    assert node_of(namespace) == node


@given(NAMESPACE)
def test_any_text_makes_names_that_the_cache_takes(namespace: Namespace) -> None:
    names = [*tags_of(namespace), source_of(namespace)["node"]]
    for name in names:
        assert len(name) <= 256
        name.encode()
        assert name.isprintable()


@given(NAMESPACE, NAMESPACE)
def test_an_answer_carries_the_tag_of_a_namespace_exactly_when_it_lies_in_it_or_below(
    namespace: Namespace, cleared: Namespace
) -> None:
    below = namespace[: len(cleared)] == cleared
    assert (tag_of(cleared) in tags_of(namespace)[1:]) == below
    assert tag_of(cleared) in tags_of((*cleared, *namespace))


@given(st.lists(TEXT, min_size=1, max_size=4).map(tuple), st.lists(TEXT, min_size=1, max_size=4).map(tuple))
def test_other_keys_are_other_requests(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    requests = [request_of((each[:-1], each[-1]), "S", ())["prompt"] for each in (one, other)]
    assert (requests[0] == requests[1]) == (one == other)


@given(st.sampled_from(["null", "bytes", "msgpack", "error", "message", "refusal", "length", ""]) | TEXT, st.binary())
def test_no_value_is_taken_for_an_error_or_for_nothing(encoding: str, data: bytes) -> None:
    response = packed((encoding, data))
    answer = read_answer(response)
    assert not answer.is_error
    assert not answer.is_empty
    assert answer.finish_reason is None
    assert answer.model is None
    assert unpacked(response) == (encoding, data)


@pytest.mark.parametrize(
    "writes",
    [
        None,
        "",
        [],
        {"error": {"message": "quota", "code": 429}},
        [["error", {"type": "error", "message": "away"}]],
        {"finish_reason": "length", "choices": [{"message": {"content": ""}, "finish_reason": "length"}]},
        [["messages", [{"type": "ai", "data": {"content": "", "response_metadata": {"finish_reason": "length"}}}]]],
        {"model": "gpt-4o", "usage": {"prompt_tokens": 9, "completion_tokens": 9}, "choices": []},
        "<html><body>502 Bad Gateway</body></html>",
    ],
    ids=repr,
)
def test_nor_is_one_that_can_be_read(writes: object) -> None:
    response = packed(NodeSerializer().dumps_typed(writes))
    answer = read_answer(response)
    assert response["writes"] == writes
    assert (answer.is_error, answer.is_empty, answer.finish_reason, answer.model, answer.usage) == (
        False,
        False,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    "response",
    [None, "text", [], {}, {"serde": "msgpack", "base64": ""}, {"of": "langgraph", "serde": 1, "base64": ""}],
)
def test_anything_else_is_no_value(response: object) -> None:
    with pytest.raises(ValueError):
        unpacked(response)
