"""What nodes give back comes back as it was, and nothing that somebody planted is run."""

import json
import pickle
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import ormsgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Send
from pydantic import BaseModel

from prompt_cache_client.langgraph import NodeSerializer, Refused
from prompt_cache_client.langgraph.entries import packed, unpacked


@dataclass
class Passage:
    text: str
    score: float


class Verdict(BaseModel):
    grade: int
    why: str


class Colour(Enum):
    RED = "red"


OWN = [Passage("it rains", 0.5), Verdict(grade=3, why="short"), Colour.RED]


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"\x00\xff\xfe binary",
        bytearray(b"\x00\xff"),
        "text \u2028 \U0001f600",
        {"nested": [1, -1, 2**63, 1.5, True, None, {"bytes": b"\xff"}], 5: "a number as a name"},
        [["messages", [HumanMessage("hi", id="1"), AIMessage("hello", id="2"), ToolMessage("21", tool_call_id="3")]]],
        [["docs", [Document("text", metadata={"page": 3})]]],
        [["__pregel_tasks", Send("work", {"item": 1})]],
        {"when": datetime(2026, 11, 25, tzinfo=UTC), "id": UUID(int=7), "cost": Decimal("0.10"), "seen": {1, 2}},
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_come_back_as_they_were(value: Any) -> None:
    serde = NodeSerializer()
    assert serde.loads_typed(serde.dumps_typed(value)) == value


PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(st.characters())
VALUE = st.recursive(
    PLAIN, lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(st.characters()), inner)
)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.text(), VALUE)).map(deque))
def test_writes_come_back_as_from_langgraphs_serializer(writes: deque[Any]) -> None:
    """Whether they stand there as JSON or not: as lists of lists, floats and the order of names included."""
    ours, theirs = NodeSerializer(), JsonPlusSerializer()
    try:
        expected = list(theirs.loads_typed(theirs.dumps_typed(writes)))
    except ormsgpack.MsgpackEncodeError:  # half a surrogate pair
        return
    stored = json.loads(json.dumps(packed(ours.dumps_typed(writes))))
    assert repr(list(ours.loads_typed(unpacked(stored)))) == repr(expected)


def test_what_json_holds_can_be_read_where_it_is_kept() -> None:
    serde = NodeSerializer()
    assert packed(serde.dumps_typed(deque([("passages", ["Refunds take 14 days."])]))) == {
        "of": "langgraph",
        "writes": [["passages", ["Refunds take 14 days."]]],
    }
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert "base64" in packed(serde.dumps_typed(deep))
    assert serde.loads_typed(serde.dumps_typed(deep)) == deep


@pytest.mark.parametrize("value", OWN, ids=lambda value: type(value).__name__)
def test_classes_of_ones_own_have_to_be_named(value: Any) -> None:
    kind = type(value)
    with pytest.raises(Refused, match=rf"{kind.__name__} is not allowed: name the class in `allow"):
        NodeSerializer().dumps_typed({"deep": [value]})
    serde = NodeSerializer(allow=[kind])
    assert serde.loads_typed(serde.dumps_typed({"deep": [value]})) == {"deep": [value]}
    with pytest.raises(Refused):
        NodeSerializer().loads_typed(serde.dumps_typed(value))


def test_a_class_that_cannot_be_found_again_is_refused_at_once() -> None:
    @dataclass
    class Inner:
        text: str

    with pytest.raises(ValueError, match=r"allow: .*Inner cannot be imported by its name"):
        NodeSerializer(allow=[Inner])
    with pytest.raises(Refused):
        NodeSerializer().dumps_typed(Inner("x"))


def test_other_classes_make_another_serializer() -> None:
    """Whose values are not read: LangGraph gives back something else where a class cannot be built any more."""

    def named(*kinds: type) -> str:
        return NodeSerializer(allow=kinds).name

    names = [named(), *map(named, (Passage, Verdict, Colour)), named(Passage, Verdict)]
    assert len(set(names)) == 5
    assert names[0] == "NodeSerializer"
    assert named(Verdict, Passage) == names[4]
    before = NodeSerializer(allow=[Passage]).dumps_typed(Passage("it rains", 0.5))
    with pytest.MonkeyPatch.context() as patched:
        for name, changed in (("Passage", _OtherPassage), ("Verdict", _OtherVerdict), ("Colour", _OtherColour)):
            changed.__name__ = name
            patched.setattr(sys.modules[__name__], name, changed)
        assert not isinstance(NodeSerializer(allow=[Passage]).loads_typed(before), Passage)
        assert {named(Passage), named(Verdict), named(Colour)}.isdisjoint(names)


@dataclass
class _OtherPassage:
    text: str
    page: int


class _OtherVerdict(BaseModel):
    grade: str


class _OtherColour(Enum):
    RED = "r"


def _calls(code: int, *names: Any) -> tuple[str, bytes]:
    return "msgpack", ormsgpack.packb(ormsgpack.Ext(code, ormsgpack.packb(names)))


@pytest.mark.parametrize(
    "planted",
    [
        lambda file: _calls(0, "os", "mkdir", str(file)),
        lambda file: _calls(1, "os", "mkdir", [str(file)]),
        lambda file: _calls(2, "os", "mkdir", {"path": str(file)}),
        lambda file: _calls(5, "os", "mkdir", {"path": str(file)}, "model_validate_json"),
    ],
)
def test_what_somebody_planted_is_not_run(planted: Callable[[Path], tuple[str, bytes]], tmp_path: Path) -> None:
    """LangGraph's serializer runs it, unless it is strict."""
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    JsonPlusSerializer(allowed_msgpack_modules=True).loads_typed(planted(theirs))
    assert theirs.exists()
    with pytest.raises(Refused, match=r"os\.mkdir is not allowed"):
        NodeSerializer().loads_typed(planted(ours))
    with pytest.raises(Refused):
        NodeSerializer(allow=[Passage]).loads_typed(planted(ours))
    assert not ours.exists()


@pytest.mark.parametrize(
    "planted",
    [
        ("pickle", pickle.dumps({"a": 1})),
        ("json", json.dumps({"lc": 2, "type": "constructor", "id": ["os", "getcwd"], "args": []}).encode()),
        ("", b""),
        ("msgpack+aes", b"x"),
    ],
    ids=lambda planted: planted[0] or "none",
)
def test_other_encodings_are_refused(planted: tuple[str, bytes]) -> None:
    with pytest.raises(Refused):
        NodeSerializer().loads_typed(planted)


def test_threads_do_not_refuse_for_each_other() -> None:
    good, bad = NodeSerializer(allow=[Passage]), NodeSerializer()
    data = good.dumps_typed([Passage("a", 1.0)] * 50)

    def load(turn: int) -> bool:
        try:
            return bool((good if turn % 2 else bad).loads_typed(data))
        except Refused:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(load, range(200))) == [turn % 2 == 1 for turn in range(200)]
