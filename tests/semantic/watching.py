"""What `evaluate` is watched by."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def nobody(_label: str, _unit: str) -> Iterator[Callable[[int, int], None]]:
    """Nobody watches."""
    yield lambda _done, _total: None
