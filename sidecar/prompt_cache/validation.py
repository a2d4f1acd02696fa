"""Checking data against types, with every fault named at its place, in words for people."""

import difflib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from .durations import PATTERN as DURATION_PATTERN
from .request import NAMESPACE_PATTERN

T = TypeVar("T")

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]")
_HINTS = {
    DURATION_PATTERN: "not a duration: use seconds, or a number with ms, s, m, h, d or w, such as 24h",
    NAMESPACE_PATTERN: "a namespace is 1 to 64 letters, digits, dots, dashes and underscores",
}


class Fault(NamedTuple):
    """One thing that is wrong: where (names and positions from the top), and what."""

    loc: tuple[str | int, ...]
    msg: str


class Invalid(ValueError):
    """Data that does not fit its type."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{'.'.join(map(str, fault.loc)) or 'body'}: {fault.msg}" for fault in faults))
        self.faults = faults


def convert(data: Any, type_: type[T], *, strict: bool = True) -> T:
    """The data as the type. Raises Invalid with all faults, not the first alone; lax turns text into numbers."""
    try:
        return msgspec.convert(data, type_, strict=strict)
    except msgspec.ValidationError as error:
        faults = list(_faults(data, type_, (), strict))
        raise Invalid(faults or [_fault(error, ())]) from None


def _faults(data: Any, type_: Any, loc: tuple[str | int, ...], strict: bool) -> Iterator[Fault]:
    if isinstance(type_, type) and issubclass(type_, Struct) and isinstance(data, dict):
        fields = {field.encode_name: field for field in msgspec.structs.fields(type_)}
        found = False
        for name in data.keys() - fields.keys():
            found = True
            yield Fault((*loc, name), _unknown(name, list(fields)))
        for name, field in fields.items():
            if name in data:
                for fault in _faults(data[name], field.type, (*loc, name), strict):
                    found = True
                    yield fault
            elif field.required:
                found = True
                yield Fault((*loc, name), "required, but missing")
        if found:
            return
    items = _items_of(type_)
    if items is not None and isinstance(data, list):
        found = False
        for at, item in enumerate(data):
            for fault in _faults(item, items, (*loc, at), strict):
                found = True
                yield fault
        if found:
            return
    try:
        msgspec.convert(data, type_, strict=strict)
    except msgspec.ValidationError as error:
        yield _fault(error, loc)


def _items_of(type_: Any) -> Any:
    """The item type of an (annotated) list of structs."""
    origin = getattr(type_, "__origin__", None)
    if hasattr(type_, "__metadata__"):
        return _items_of(origin)
    arguments = getattr(type_, "__args__", ())
    return arguments[0] if origin is list and arguments else None


def _fault(error: msgspec.ValidationError, loc: tuple[str | int, ...]) -> Fault:
    match = _AT.match(str(error))
    what, path = (match["what"], match["path"] or "") if match else (str(error), "")
    steps = [int(index) if index else name for name, index in _STEP.findall(path) if name or index]
    for pattern, hint in _HINTS.items():
        if repr(pattern)[1:-1] in what:
            what = hint
    return Fault((*loc, *steps), what[0].lower() + what[1:] if what.startswith("Expected") else what)


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"unknown field; did you mean `{close[0]}`?" if close else f"unknown field; known are {', '.join(known)}"
