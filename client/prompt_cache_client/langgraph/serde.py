"""What nodes give back, as bytes and back, without running anything that somebody else may have stored."""

import dataclasses
import hashlib
import importlib
import json
import math
from collections import deque
from collections.abc import Iterable
from contextvars import ContextVar
from enum import Enum
from typing import Any

from langgraph.checkpoint.serde.event_hooks import SerdeEvent, register_serde_event_listener
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

PLAIN = "plain json"
"""The encoding of what JSON holds as it is, so that it can be read where it is kept."""
_WRITTEN = frozenset((PLAIN, "null", "bytes", "bytearray", "msgpack"))

_DEEPEST = 50
"""Lists and dicts in each other that every store takes as JSON."""

_blocked: ContextVar[list[str] | None] = ContextVar("blocked", default=None)


class Refused(ValueError):
    """A value that would not come back as it was, or that names what must not be loaded."""


class NodeSerializer(JsonPlusSerializer):
    """LangGraph's serializer, which builds its safe types alone, messages and documents too, and what `allow` names.

    LangGraph's default imports and calls whatever a stored value names, and its strict form gives back a bare dict in
    place of what it may not build. A cache is shared, so both are refused here: `dumps_typed` and `loads_typed` raise
    Refused, and the node runs.
    """

    def __init__(self, allow: Iterable[type] = ()) -> None:
        """`allow`: classes of the caller's own, each at the top of a module. Raises ValueError for others."""
        allowed = list(allow)
        for each in allowed:
            if getattr(importlib.import_module(each.__module__), each.__name__, None) is not each:
                raise ValueError(
                    f"allow: {each.__qualname__} cannot be imported by its name: define it at the top of a module"
                )
        super().__init__(pickle_fallback=False, allowed_msgpack_modules=allowed or None)
        self.name = "NodeSerializer" + (f":{_digest(allowed)}" if allowed else "")
        """Another where a class or its fields are others: what was stored before would come back as a dict."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        if _is_plain(writes := list(obj) if type(obj) is deque else obj):
            return PLAIN, json.dumps(writes, separators=(",", ":")).encode()
        data = super().dumps_typed(obj)
        self.loads_typed(data)
        return data

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        if data[0] not in _WRITTEN:
            raise Refused(f"{data[0]!r} is no encoding of this serializer")
        if data[0] == PLAIN:
            return json.loads(data[1])
        blocked: list[str] = []
        token = _blocked.set(blocked)
        try:
            value = super().loads_typed(data)
        finally:
            _blocked.reset(token)
        if blocked:
            names = ", ".join(sorted(set(blocked)))
            raise Refused(f"{names} is not allowed: name the class in `allow=[...]` of the cache")
        return value


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether it comes back from JSON as it does from LangGraph's serializer, to which a tuple is a list as well."""
    kind = type(value)
    if kind is list or kind is tuple:
        return depth < _DEEPEST and all(_is_plain(item, depth + 1) for item in value)
    if kind is dict:
        return depth < _DEEPEST and all(
            type(name) is str and _is_plain(name) and _is_plain(item, depth + 1) for name, item in value.items()
        )
    if kind is str:
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    if kind is float:
        return math.isfinite(value)
    return value is None or kind is bool or (kind is int and -(2**63) <= value < 2**63)


def _digest(kinds: Iterable[type]) -> str:
    shapes = sorted(f"{kind.__module__}.{kind.__name__}{_fields(kind)}" for kind in kinds)
    return hashlib.sha256("\n".join(shapes).encode()).hexdigest()[:16]


def _fields(kind: Any) -> list[tuple[str, str]]:
    """The names of what a class holds, with types or values."""
    if dataclasses.is_dataclass(kind):
        return [(field.name, str(field.type)) for field in dataclasses.fields(kind)]
    if issubclass(kind, Enum):
        return [(member.name, repr(member.value)) for member in kind]
    if isinstance(fields := getattr(kind, "model_fields", None), dict):  # pydantic
        return [(name, str(field.annotation)) for name, field in fields.items()]
    return [(name, "") for name in getattr(kind, "_fields", ())]


def _listen(event: SerdeEvent) -> None:
    if (blocked := _blocked.get()) is not None and event["kind"].endswith("_blocked"):
        blocked.append(f"{event['module']}.{event['name']}")


register_serde_event_listener(_listen)
