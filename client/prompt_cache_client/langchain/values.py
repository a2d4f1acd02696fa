"""Python's values as JSON, to tell settings apart."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from hashlib import sha256
from math import isfinite
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

Json = Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+>")


def plain(value: Any) -> Json:
    """A value as JSON, without secrets. An object counts by what it says of itself, or else by its class."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if isfinite(value) else repr(value)
        case SecretStr() | SecretBytes():
            return None
        case Enum():
            return plain(value.value)
        case bytes():
            return "sha256:" + sha256(value).hexdigest()
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=repr)
        case BaseModel():
            return {name: plain(getattr(value, name)) for name in type(value).model_fields}
        case type() if issubclass(value, BaseModel):
            return {"name": name_of(value), "schema": value.model_json_schema()}
        case _ if hasattr(value, "__qualname__"):
            return name_of(value)
        case _:
            return told_by(name_of(type(value)), repr(value))


def told_by(kind: str, said: str) -> str:
    """An object's class, and a digest of what it says of itself, where that is more than its place in memory."""
    if not said or _ADDRESS.search(said):
        return kind
    return f"{kind}#{sha256(said.encode(errors='surrogatepass')).hexdigest()[:16]}"


def name_of(thing: Any) -> str:
    """The full name of a class or function."""
    return f"{thing.__module__}.{thing.__qualname__}"


def given(**fields: Any) -> dict[str, Any]:
    """Those fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def names(value: str | Sequence[str] | None) -> list[str]:
    """One name, or several, or none."""
    return [value] if isinstance(value, str) else list(value or ())
