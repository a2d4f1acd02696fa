"""What is kept in a store beside entries: misses, what was said of pairs, what waits to be judged."""

from collections.abc import Mapping
from typing import TypeVar

from ..values.names import is_namespace

T = TypeVar("T")


def is_beside(key: str) -> bool:
    """Whether a store's key is not that of an entry; these are digits and letters."""
    return ":" in key


def callers_own(namespaces: Mapping[str, T]) -> dict[str, T]:
    """The namespaces of a store that callers name."""
    return {name: value for name, value in namespaces.items() if is_namespace(name)}
