"""What every cache of LangGraph does: the same tests for its own and for ours, synchronous and on an event loop."""

import time
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.cache.base import FullKey

from .caches import Calls, MakeCache, ours, reference

NODE, OTHER = ("graph", "node"), ("graph", "other")


@pytest.fixture(params=[reference, ours], ids=lambda make: make.__name__)
def make(request: pytest.FixtureRequest) -> MakeCache:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def cache(make: MakeCache, request: pytest.FixtureRequest) -> Calls:
    return Calls(make(), on_a_loop=request.param)


def test_what_is_set_is_got(cache: Calls) -> None:
    key: FullKey = (NODE, "key")
    assert cache.get([key]) == {}
    cache.set({key: ({"result": 42}, None)})
    assert cache.get([key]) == {key: {"result": 42}}
    cache.set({key: ({"result": 43}, 60)})
    assert cache.get([key]) == {key: {"result": 43}}


def test_many_at_once(cache: Calls) -> None:
    keys: list[FullKey] = [(NODE, "1"), (OTHER, "1"), (("else",), "2"), (NODE, "missing")]
    cache.set({key: ({"result": at}, None if at % 2 else 60) for at, key in enumerate(keys[:3])})
    assert cache.get(keys) == {key: {"result": at} for at, key in enumerate(keys[:3])}


def test_nothing_at_all(cache: Calls) -> None:
    assert cache.get([]) == {}
    cache.set({})
    cache.clear([])


def test_a_key_twice(cache: Calls) -> None:
    key: FullKey = (NODE, "key")
    assert cache.get([key, key]) == {}
    cache.set({key: (1, None)})
    assert cache.get([key, key]) == {key: 1}


def test_lives_end(make: MakeCache) -> None:
    cache = Calls(make(), on_a_loop=False)
    short, long, none = ((NODE, name) for name in ("short", "long", "none"))
    cache.set({short: ("s", 1), long: ("l", 60), none: ("n", 0)})
    assert cache.get([short, long, none]) == {short: "s", long: "l"}
    time.sleep(1.1)
    assert cache.get([short, long]) == {long: "l"}


def test_clearing_everything(cache: Calls) -> None:
    keys: list[FullKey] = [(NODE, "1"), (OTHER, "2"), ((), "3")]
    cache.set(dict.fromkeys(keys, (1, None)))
    cache.clear()
    assert cache.get(keys) == {}


def test_clearing_namespaces(cache: Calls) -> None:
    keys: list[FullKey] = [(("one", "node"), "1"), (("two", "node"), "1"), (("one", "other"), "1"), (("on",), "1")]
    cache.set(dict.fromkeys(keys, (1, None)))
    cache.clear([("one", "node"), ("one", "other"), ("nobody's",)])
    assert list(cache.get(keys)) == [keys[1], keys[3]]


@pytest.mark.parametrize(
    "namespace",
    [
        (),
        ("",),
        ("", ""),
        ("a,b", "c"),
        ("a", "b,c"),
        ("a:b", "c"),
        ("with blanks", "\n\t\x00"),
        ("\U0001f600", "ünïcödé", "\u2028"),
        ('"quoted"', "\\"),
        ("x" * 3000, "y"),
        ("\ud800", "half a pair"),
        tuple("abcdefghij"),
    ],
)
def test_namespaces_of_any_text(cache: Calls, namespace: tuple[str, ...]) -> None:
    key, others = (namespace, "key"), [((*namespace, "key"), ""), (namespace, "Key"), (("key", *namespace), "key")]
    cache.set({key: ("mine", None), **dict.fromkeys(others, ("another's", None))})
    assert cache.get([key]) == {key: "mine"}
    cache.clear([namespace])
    assert cache.get([key]) == {}
    assert others[2] in cache.get(others) or namespace == ()


@pytest.mark.parametrize(
    "value",
    [None, b"", b"\x00\xff", "", [], {}, False, 0, {"error": {"message": "quota", "code": 429}}, "Error", [["a", 1]]],
    ids=repr,
)
def test_values_of_any_kind(cache: Calls, value: Any) -> None:
    """Also such as would be no answer of a model's."""
    key: FullKey = (NODE, "key")
    cache.set({key: (value, None)})
    assert cache.get([key]) == {key: value}


def test_large_values(cache: Calls) -> None:
    values = {(NODE, str(at)): bytes([at]) * 3_000_000 for at in range(5)}
    cache.set({key: (value, None) for key, value in values.items()})
    assert cache.get(list(values)) == values


def test_a_cut_answer_of_a_model_is_a_whole_answer_of_a_node(cache: Calls) -> None:
    key: FullKey = (NODE, "key")
    writes = [["messages", [AIMessage("cut", id="1", response_metadata={"finish_reason": "length"})]]]
    cache.set({key: (writes, None)})
    assert cache.get([key]) == {key: writes}
