"""What a function was called with, as a text that is part of the key: the same for the same values, no other's."""

import dataclasses
import datetime
import decimal
import enum
import hashlib
import inspect
import json
import pathlib
import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from .answers import NotCacheable
from .credentials import is_credential

_SPOKEN = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID, pathlib.PurePath)


def argument_text(value: Any, name: str = "") -> str:
    """By `name`, a password is known, of which there is but a digest.

    Raises NotCacheable about what has no value of its own, such as a connection.
    """
    try:
        return _text(value, name)
    except RecursionError:
        raise NotCacheable("it is nested too deeply") from None
    except NotCacheable:
        raise
    except Exception as error:  # of its class, or of another thread's that changes it meanwhile
        raise NotCacheable(f"it cannot be read: {type(error).__name__}") from None


def class_name(kind: type) -> str:
    """The full name of a class."""
    return f"{kind.__module__}.{kind.__qualname__}"


def attributes_of(value: Any) -> dict[str, Any]:
    """What an object holds, but for what it worked out and keeps."""
    kind = type(value)
    slots = [name for each in kind.__mro__ for name in _names(each.__dict__.get("__slots__", ()))]
    held = {name: getattr(value, name) for name in slots if not name.startswith("__") and hasattr(value, name)}
    held |= getattr(value, "__dict__", {})
    return {name: item for name, item in held.items() if not isinstance(getattr(kind, name, None), cached_property)}


def _text(value: Any, called: str = "") -> str:
    kind = type(value)
    if value is None or kind in (bool, int, float):
        return repr(value)
    if kind is str:
        return f"sha256({_digest(value)})" if is_credential(value, called) else ascii(value)
    if kind is list:
        return f"[{','.join(_text(item, called) for item in value)}]"
    if kind is dict:
        return f"{{{','.join(sorted(f'{_text(name)}:{_text(item, str(name))}' for name, item in value.items()))}}}"
    name = class_name(kind)
    if kind is tuple:
        return f"{name}({','.join(_text(item, called) for item in value)})"
    if kind in (set, frozenset):
        return f"{name}({','.join(sorted(_text(item, called) for item in value))})"
    if kind in (bytes, bytearray):
        return f"{name}({hashlib.sha256(value).hexdigest()})"
    if isinstance(value, enum.Enum):
        return f"{name}.{value.name}={value.value!r}" if _is_plain(value.value) else f"{name}.{value.name}"
    if isinstance(value, _SPOKEN) and " at 0x" not in (told := repr(value)):
        return f"{name}({told})"
    if isinstance(value, type):
        return f"class {class_name(value)}({_shape(value)})"
    if (fields := _fields(value)) is not None:
        return f"{name}({_text(fields)})"
    raise NotCacheable(f"{kind.__name__} is no value that a key can be made of")


def _fields(value: Any) -> dict[str, Any] | None:
    """Of a pydantic model, a dataclass or a mapping: all that it holds, also beside its fields."""
    if hasattr(type(value), "__pydantic_validator__") and hasattr(value, "model_dump"):
        return attributes_of(value) | {
            "fields beside": value.__pydantic_extra__,
            "private": value.__pydantic_private__,
        }
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)} | attributes_of(value)
    if isinstance(value, Mapping):
        return dict(value)
    return None


def _shape(kind: type) -> str:
    """What a class says of its objects: two of one name, as in a notebook that goes on, may say different things."""
    if hasattr(kind, "model_json_schema"):
        try:
            return json.dumps(kind.model_json_schema(), sort_keys=True)
        except Exception as error:  # not all types have one
            raise NotCacheable(f"{kind.__name__} has no JSON schema: {type(error).__name__}") from None
    if issubclass(kind, enum.Enum):
        return ",".join(_text(member) for member in kind)
    return _text([[str(name), str(of)] for each in kind.__mro__ for name, of in inspect.get_annotations(each).items()])


def _is_plain(value: Any) -> bool:
    return value is None or type(value) in (str, int, float, bool)


def _names(slots: Any) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
