"""Checking data against types, with every fault named at its place, in words for people."""

import difflib
import json
import re
from collections.abc import Iterator
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct, UnsetType

from .durations import PATTERN as DURATION_PATTERN
from .names import NAME_PATTERN, NAMESPACE_PATTERN

T = TypeVar("T")

_MOST_FAULTS = 20
"""As many as somebody reads: a request of megabytes may have a million."""
_LONGEST_NAME = 100

_AT = re.compile(r"^(?P<what>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]")
_HINTS = {
    DURATION_PATTERN: "not a duration: use seconds, or a number with ms, s, m, h, d or w, such as 24h",
    NAME_PATTERN: "a name is 1 to 256 characters without line breaks, tabs and other control characters",
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


def convert(data: Any, type_: type[T]) -> T:
    """The data as the type. Raises Invalid with all faults (up to _MOST_FAULTS), not the first alone."""
    try:
        return msgspec.convert(data, type_)
    except msgspec.ValidationError as error:
        raise Invalid(_some(_faults(data, type_, ())) or [_fault(error, ())]) from None


def explain(error: msgspec.ValidationError, text: bytes, type_: Any, *, strict: bool = True) -> Invalid:
    """The faults of a JSON text that did not fit its type, whose numbers may be texts unless it is strict."""
    try:
        faults = _some(_faults(msgspec.json.decode(text), type_, (), strict))
    except msgspec.ValidationError as earlier:  # a number out of range fits no type at all
        error, faults = earlier, []
    return Invalid(faults or [_fault(error, ())])


_HALF = "half of a surrogate pair (an emoji cut in two): cut texts between characters, in JavaScript by [...text]"


def broken_texts(data: Any, loc: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """Texts that are no Unicode, because half of a surrogate pair stands in them."""
    if isinstance(data, str):
        try:
            data.encode()
        except UnicodeEncodeError:
            yield Fault(loc, _HALF)
    elif isinstance(data, dict):
        for name, value in data.items():
            if any(broken_texts(name)):
                yield Fault(loc, f"a name in it: {_HALF}")
            yield from broken_texts(value, (*loc, name.encode(errors="replace").decode()))
    elif isinstance(data, list):
        for at, item in enumerate(data):
            yield from broken_texts(item, (*loc, at))


def explain_text(text: bytes) -> Invalid | None:
    """What is wrong with a JSON text that is sound but for its strings; None where it is no JSON, or too deep."""
    try:
        faults = _some(broken_texts(json.loads(text)))
    except (ValueError, RecursionError):
        return None
    return Invalid(faults) if faults else None


def _some(faults: Iterator[Fault]) -> list[Fault]:
    return list(islice(faults, _MOST_FAULTS))


def _faults(data: Any, type_: Any, loc: tuple[str | int, ...], strict: bool = True) -> Iterator[Fault]:
    type_ = _meant(data, type_)
    if _one_type(type_) is msgspec.Raw:  # any JSON
        return
    if isinstance(data, list | dict) and (fault := _length_fault(data, type_, loc)):
        yield fault  # what is in it is not looked at: it may be millions
        return
    found = False
    for fault in _inner_faults(data, _one_type(type_), loc, strict):
        found = True
        yield fault
    if found or (isinstance(data, dict) and _is_struct(_one_type(type_))):
        return
    try:
        msgspec.convert(data, type_, strict=strict)
    except msgspec.ValidationError as error:
        fault = _fault(error, loc)
        choices = _choices(_one_type(type_))
        yield Fault(fault.loc, f"use one of: {', '.join(choices)}") if choices else fault


def _length_fault(data: list[Any] | dict[str, Any], type_: Any, loc: tuple[str | int, ...]) -> Fault | None:
    for option in _options(type_) or (type_,):
        if hasattr(option, "__metadata__") and get_origin(_one_type(option)) is type(data):
            try:
                msgspec.convert(data, Annotated[type(data), *option.__metadata__])
            except msgspec.ValidationError as error:
                return _fault(error, loc)
    return None


def _inner_faults(data: Any, type_: Any, loc: tuple[str | int, ...], strict: bool) -> Iterator[Fault]:
    """Of the fields of a struct, the items of a list, the values of a mapping."""
    origin, arguments = get_origin(type_), get_args(type_)
    if isinstance(data, dict) and _is_struct(type_):
        fields = {field.encode_name: field for field in msgspec.structs.fields(type_)}
        for name, value in data.items():
            if name in fields:
                yield from _faults(value, fields[name].type, (*loc, name), strict)
            else:
                shown = str(name)[:_LONGEST_NAME]
                yield Fault((*loc, shown), _unknown(shown, list(fields)))
        for name, field in fields.items():
            if field.required and name not in data:
                yield Fault((*loc, name), "required, but missing")
    elif isinstance(data, dict) and origin is dict:
        for name, value in data.items():
            yield from _faults(value, arguments[1], (*loc, str(name)), strict)
    elif isinstance(data, list) and origin is list:
        for at, item in enumerate(data):
            yield from _faults(item, arguments[0], (*loc, at), strict)


def _meant(data: Any, type_: Any) -> Any:
    """Of several types, the one that a mapping is meant to be."""
    structs = [option for option in _options(_one_type(type_)) if _is_struct(option)]
    return structs[0] if isinstance(data, dict) and len(structs) == 1 else type_


def _options(type_: Any) -> tuple[Any, ...]:
    return get_args(type_) if get_origin(type_) in (Union, UnionType) else ()


def _choices(type_: Any) -> list[str]:
    """All that there is to choose from; empty where there is more than can be told."""
    if get_origin(type_) is Literal:
        return [str(choice) for choice in get_args(type_)]
    options = [option for option in _options(type_) if option not in (NoneType, UnsetType)]
    told = [["true", "false"] if option is bool else _choices(option) for option in options]
    return [choice for choices in told for choice in choices] if all(told) else []


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Struct)


def _one_type(type_: Any) -> Any:
    """The type without its annotations, and without None or unset beside it."""
    if hasattr(type_, "__metadata__"):
        return _one_type(type_.__origin__)
    if get_origin(type_) in (Union, UnionType):
        options = [option for option in get_args(type_) if option not in (NoneType, UnsetType)]
        return _one_type(options[0]) if len(options) == 1 else type_
    return type_


def _fault(error: msgspec.ValidationError, loc: tuple[str | int, ...]) -> Fault:
    match = _AT.match(str(error))
    what, path = (match["what"], match["path"] or "") if match else (str(error), "")
    steps = [int(index) if index else name for name, index in _STEP.findall(path) if name or index]
    for pattern, hint in _HINTS.items():
        if repr(pattern)[1:-1] in what:
            what = hint
    what = what[0].lower() + what[1:]
    return Fault((*loc, *steps), f"a name in it: {what}" if match and match["key"] else what)


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"unknown field; did you mean `{close[0]}`?" if close else f"unknown field; known are {', '.join(known)}"
