"""The ways to fill in a body, told once: what arrives is checked against them, and the contract is made of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import UNSET, Struct

from ...core.errors import InvalidRequest

Schema = dict[str, Any]

_NOTHING: tuple[Any, ...] = (None, False, [], {})
"""What says as much as leaving a field out."""
_TYPES: Schema = {"null": None, "boolean": False, "array": [], "object": {}}


class Way(NamedTuple):
    """One way: at least one of some fields is given, and none of others."""

    any_of: tuple[str, ...]
    without: Mapping[str, str]
    """Fields that do not go with it, with the sentence for who gives them all the same."""
    example: Mapping[str, Any]


class Ways:
    """The ways of a body, of which the first that is begun has to be kept to."""

    def __init__(self, *ways: Way, missing: tuple[tuple[str, ...], str]) -> None:
        """`missing` is what is said, and where, when none is begun."""
        self._ways = ways
        self._missing = missing

    def check(self, body: Struct, loc: Sequence[str | int] = ()) -> None:
        """Raises InvalidRequest."""
        for way in self._ways:
            if any(is_given(getattr(body, name)) for name in way.any_of):
                for name, sentence in way.without.items():
                    if is_given(getattr(body, name)):
                        raise InvalidRequest((*loc, name), sentence)
                return
        where, sentence = self._missing
        raise InvalidRequest((*loc, *where), sentence)

    def state(self, schema: Schema) -> None:
        """Say the same in the schema of the body."""
        schema["oneOf"] = list(self._alternatives(schema["properties"]))
        schema["examples"] = [dict(way.example) for way in self._ways]

    def _alternatives(self, properties: Mapping[str, Schema]) -> Iterator[Schema]:
        begun: list[str] = []
        for way in self._ways:
            given = [_given(name, properties[name]) for name in way.any_of]
            alternative: Schema = given[0] if len(given) == 1 else {"anyOf": given}
            without = {name: _left_out(properties[name]) for name in dict.fromkeys((*begun, *way.without))}
            yield {**alternative, "properties": {**alternative.get("properties", {}), **without}}
            begun += way.any_of


def is_given(value: Any) -> bool:
    """Whether a field says anything."""
    return not (value is UNSET or value is None or value is False or value in ([], {}))


def _given(name: str, schema: Schema) -> Schema:
    nothings = _nothings(schema)
    something = {"properties": {name: {"not": {"enum": nothings}}}} if nothings else {}
    return {"required": [name], **something}


def _left_out(schema: Schema) -> Schema | bool:
    nothings = _nothings(schema)
    return {"enum": nothings} if nothings else False


def _nothings(schema: Schema) -> list[Any]:
    """What a field of this schema can hold that says nothing."""
    found: list[Any] = []
    for option in schema.get("anyOf", [schema]):
        if "type" not in option:
            return list(_NOTHING)
        if option["type"] in _TYPES and not option.get("minItems"):
            found.append(_TYPES[option["type"]])
    return found
