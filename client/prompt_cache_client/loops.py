"""What belongs to one event loop."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerLoop(Generic[T]):
    """One thing for each event loop, kept no longer than until the next loop comes after it was closed.

    No weak references: what lives on a loop refers to it, and so would keep both for ever.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: dict[asyncio.AbstractEventLoop, T] = {}

    def get(self) -> T:
        """That of the loop that runs."""
        loop = asyncio.get_running_loop()
        if loop not in self._made:
            for each in [each for each in list(self._made) if each.is_closed()]:
                self._made.pop(each, None)
            self._made[loop] = self._make()
        return self._made[loop]

    def take(self) -> T | None:
        """The same, which is not kept any longer; None where there is none yet."""
        return self._made.pop(asyncio.get_running_loop(), None)

    def __len__(self) -> int:
        return len(self._made)
