"""What nodes give back, as bytes and back, without running anything that somebody else may have stored."""

import importlib
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from langgraph.checkpoint.serde.event_hooks import SerdeEvent, register_serde_event_listener
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

_WRITTEN = frozenset(("null", "bytes", "bytearray", "msgpack"))

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

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        data = super().dumps_typed(obj)
        self.loads_typed(data)
        return data

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        if data[0] not in _WRITTEN:
            raise Refused(f"{data[0]!r} is no encoding of this serializer")
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


def _listen(event: SerdeEvent) -> None:
    if (blocked := _blocked.get()) is not None and event["kind"].endswith("_blocked"):
        blocked.append(f"{event['module']}.{event['name']}")


register_serde_event_listener(_listen)
