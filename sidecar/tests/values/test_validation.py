"""Every fault named at its place, in words for people."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Raw, Struct, UnsetType

from prompt_cache.values.durations import Duration
from prompt_cache.values.names import Namespace
from prompt_cache.values.validation import Invalid, convert, explain


class Source(Struct, forbid_unknown_fields=True):
    workflow: str = ""


class Item(Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    response: Raw | None = None
    ttl: Duration | UnsetType | None = msgspec.UNSET
    namespace: Namespace = "default"
    match: Literal["exact", "semantic"] = "exact"
    source: Source | None = None
    labels: dict[Annotated[str, Meta(max_length=3)], str] | None = None


class Batch(Struct, forbid_unknown_fields=True):
    items: Annotated[list[Item], Meta(max_length=2)]
    by_name: dict[str, Item] = {}


class Few(Struct):
    few: Annotated[dict[str, str], Meta(max_length=1)] | None = None


def faults(data: Any, type_: Any = Batch) -> dict[tuple[str | int, ...], str]:
    with pytest.raises(Invalid) as raised:
        convert(data, type_)
    return dict(raised.value.faults)


def test_convert__gives_what_fits() -> None:
    assert convert({"items": [{"name": "a"}]}, Batch) == Batch([Item(name="a")])


@pytest.mark.parametrize(
    ("item", "loc", "msg"),
    [
        ({"name": 1}, ("name",), "expected `str`, got `int`"),
        ({}, ("name",), "required, but missing"),
        ({"name": "a", "namspace": "x"}, ("namspace",), "unknown field; did you mean `namespace`?"),
        ({"name": "a", "zzz": 1}, ("zzz",), "unknown field; known are name, response, ttl"),
        ({"name": "a", "ttl": "soon"}, ("ttl",), "not a duration: use seconds, or a number with ms, s, m, h, d or w"),
        ({"name": "a", "namespace": [1]}, ("namespace",), "expected `str`, got `array`"),
        ({"name": "a", "namespace": "a b"}, ("namespace",), "a namespace is 1 to 64 letters, digits, dots, dashes"),
        ({"name": "a", "match": "fuzzy"}, ("match",), "use one of: exact, semantic"),
        ({"name": "a", "source": {"workfow": ""}}, ("source", "workfow"), "did you mean `workflow`?"),
        ({"name": "a", "labels": {"x": 1}}, ("labels", "x"), "expected `str`, got `int`"),
        ({"name": "a", "labels": {"long": "x"}}, ("labels",), "a name in it: expected `str` of length <= 3"),
        ({"name": "a", 5: "x"}, ("5",), "unknown field"),
        ("a", (), "expected `object`, got `str`"),
    ],
)
def test_convert__names_the_place_and_the_fault(item: Any, loc: tuple[str, ...], msg: str) -> None:
    for place, data in (
        (("items", 1), {"items": [{"name": "a"}, item]}),
        (("by_name", "x"), {"items": [], "by_name": {"x": item}}),
    ):
        found = faults(data)
        assert found.keys() == {(*place, *loc)}
        assert msg in found[*place, *loc]


def test_convert__names_all_faults_at_once_in_order() -> None:
    found = faults({"items": [{"nam": 1}, {"name": 2, "ttl": []}], "more": 1})
    assert list(found) == [
        ("items", 0, "nam"),
        ("items", 0, "name"),
        ("items", 1, "name"),
        ("items", 1, "ttl"),
        ("more",),
    ]


def test_convert__names_a_list_that_is_too_long() -> None:
    assert faults({"items": [{"name": "a"}] * 3}) == {("items",): "expected `array` of length <= 2"}


def test_convert__looks_at_nothing_in_what_is_too_long() -> None:
    class Looked(dict[str, Any]):
        def items(self) -> Any:
            raise AssertionError("looked at")

    assert faults({"items": [Looked() for _ in range(3)]}) == {("items",): "expected `array` of length <= 2"}
    assert faults({"few": {"a": 1, "b": 2}}, Few) == {("few",): "expected `object` of length <= 1"}


def test_convert__names_no_more_than_somebody_reads() -> None:
    assert len(faults({f"name {at}": 1 for at in range(10_000)})) == 20
    ((loc, msg),) = faults({"items": [], "x" * 1_000_000: 1}).items()
    assert (len(str(loc[0])), msg[:13]) == (100, "unknown field")


def explained(text: bytes) -> list[tuple[tuple[str | int, ...], str]]:
    try:
        msgspec.json.decode(text, type=Batch)
    except msgspec.ValidationError as error:
        return [(fault.loc, fault.msg) for fault in explain(error, text, Batch).faults]
    raise AssertionError("it fits")


def test_explain__takes_any_json_for_any_json() -> None:
    text = b'{"items":[{"name":"a","response":{"x":[1]}},{"name":1,"response":"y"}]}'
    assert explained(text) == [(("items", 1, "name"), "expected `str`, got `int`")]


def test_explain__numbers_out_of_range() -> None:
    ((loc, msg),) = explained(b'{"items":[],"by_name":1e999}')
    assert (loc, msg) == ((), "number out of range")


def test_invalid__reads_as_one_sentence() -> None:
    with pytest.raises(Invalid, match=r"items\.0\.name: required, but missing; zzz: unknown field"):
        convert({"items": [{}], "zzz": 1}, Batch)
