"""Which lookup an answer belongs to, while the model thinks."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

_MOST = 1000
"""Calls that are under way at once, or failed; what goes beyond is forgotten, the oldest first."""


class Miss(NamedTuple):
    """A question nobody has answered yet. `since` is when the model was asked last."""

    prompt: str
    """Held, so that its identity is no other's."""
    ticket: str
    since: float


class Lookups:
    """The misses whose answers are still to come. Safe to use from many threads.

    Calls may well have equal prompts. LangChain gives the very same string object to `lookup` and to `update`, and this
    tells them apart. Where one object is asked with again, the first ticket counts, so that no answer from old data
    takes the ticket of a later lookup and passes for fresh.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = _MOST) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._open: OrderedDict[tuple[int, str], Miss] = OrderedDict()

    def missed(self, prompt: str, llm_string: str, ticket: str) -> None:
        with self._lock:
            first = self._open.pop((id(prompt), llm_string), None)
            self._open[id(prompt), llm_string] = Miss(prompt, first.ticket if first else ticket, self._clock())
            if len(self._open) > self._most:
                self._open.popitem(last=False)

    def answered(self, prompt: str, llm_string: str) -> tuple[str, float] | None:
        """The ticket, and for how many seconds the model thought; None where nobody looked this up."""
        with self._lock:
            miss = self._open.pop((id(prompt), llm_string), None)
        return miss and (miss.ticket, self._clock() - miss.since)
