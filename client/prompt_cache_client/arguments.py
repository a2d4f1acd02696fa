"""What a function was called with, as a text that is part of the key: the same for the same values, no other's."""

import dataclasses
import datetime
import decimal
import enum
import hashlib
import json
import pathlib
import uuid
from collections.abc import Mapping
from typing import Any

from .answers import NotCacheable

_SPOKEN = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID, pathlib.PurePath)


def argument_text(value: Any) -> str:
    """Raises NotCacheable about what has no value of its own, such as a connection."""
    try:
        return _text(value)
    except RecursionError:
        raise NotCacheable("it is nested too deeply") from None


def _text(value: Any) -> str:
    kind = type(value)
    if value is None or kind in (bool, int, float):
        return repr(value)
    if kind is str:
        return json.dumps(value)
    if kind is list:
        return f"[{','.join(map(_text, value))}]"
    if kind is dict:
        return f"{{{','.join(sorted(f'{_text(name)}:{_text(item)}' for name, item in value.items()))}}}"
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind is tuple:
        return f"{name}({','.join(map(_text, value))})"
    if kind in (set, frozenset):
        return f"{name}({','.join(sorted(map(_text, value)))})"
    if kind in (bytes, bytearray):
        return f"{name}({hashlib.sha256(value).hexdigest()})"
    if isinstance(value, enum.Enum):
        return f"{name}.{value.name}"
    if isinstance(value, _SPOKEN):
        return f"{name}({json.dumps(str(value))})"
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if (fields := _fields(value)) is not None:
        return f"{name}({_text(fields)})"
    raise NotCacheable(f"{kind.__name__} is no value that a key can be made of")


def _fields(value: Any) -> dict[str, Any] | None:
    """Of a pydantic model, a dataclass or a mapping."""
    if hasattr(type(value), "__pydantic_validator__") and hasattr(value, "model_dump"):
        return dict(value)  # its fields and what else it was given, as they are
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    return None
