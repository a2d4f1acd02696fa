"""Reading "flatted" JSON, in which n8n keeps executions: one flat list whose strings are references into it."""

import json
from typing import Any


def loads(text: str) -> Any:
    """Decode `text`; containers that refer to each other stay shared, cycles included."""
    flat: list[Any] = json.loads(text)
    whole: dict[int, Any] = {}

    def resolve(index: int) -> Any:
        if index in whole:
            return whole[index]
        value = flat[index]
        if isinstance(value, dict):
            filled: dict[str, Any] = {}
            whole[index] = filled
            filled.update((name, deref(part)) for name, part in value.items())
            return filled
        if isinstance(value, list):
            items: list[Any] = []
            whole[index] = items
            items.extend(deref(part) for part in value)
            return items
        return value

    def deref(part: Any) -> Any:
        return resolve(int(part)) if isinstance(part, str) else part

    return resolve(0)
