"""Saying no in time."""

import asyncio
import time
from contextlib import suppress
from typing import NamedTuple

from ..failures import RETRY_AFTER, HttpError

LONGEST_WAIT = 5.0
"""Seconds a request waits for its turn; who waits longer has given up, or should call the model."""
MOST_BYTES = 256 * 1024**2
"""Of large bodies, and of answers that nobody takes, in the memory of a process."""
_PATIENCE = 2.0
_PROGRESS = 256 * 1024
"""Bytes that a client takes in _PATIENCE seconds, or it loses its answer to those who wait for the memory."""
LOOK_AGAIN = 0.02
"""Seconds between two looks whether there is room."""


def overloaded() -> HttpError:
    """Too many requests wait already."""
    headers = {"Retry-After": str(RETRY_AFTER)}
    return HttpError(503, "overloaded", "too many requests wait already; call the model as if it were a miss", headers)


class Bodies:
    """Counts the bytes of large bodies. Small ones are not counted, so that large ones keep nobody else out."""

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, size: int) -> None:
        """Raises an HttpError of 503."""
        if size > self._left:
            raise overloaded()
        self._left -= size

    def give_back(self, size: int) -> None:
        self._left += size


class _Writing(NamedTuple):
    size: int
    left: int
    since: float


class Untaken:
    """What has been written and not been taken yet, by connection, whom nobody has looked after for longest first."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Transport, _Writing] = {}
        self._size = 0

    def add(self, transport: asyncio.Transport, size: int) -> None:
        """So many bytes are in memory until the transport has none of them left."""
        self.remove(transport)
        self._waiting[transport] = _Writing(size, transport.get_write_buffer_size(), time.monotonic())
        self._size += size

    def remove(self, transport: asyncio.Transport) -> None:
        with suppress(KeyError):
            self._size -= self._waiting.pop(transport).size

    def has_room(self) -> bool:
        """Whether another answer may be made."""
        now = time.monotonic()
        while self._size > MOST_BYTES:
            transport, writing = next(iter(self._waiting.items()))
            if now - writing.since < _PATIENCE:
                return False
            left = transport.get_write_buffer_size()
            self.remove(transport)
            if writing.left - left < _PROGRESS:
                transport.abort()
            else:
                self.add(transport, writing.size)
        return True

    async def wait_for_room(self) -> None:
        """Raises an HttpError of 503."""
        if self._size <= MOST_BYTES:
            return
        end = time.monotonic() + LONGEST_WAIT
        while not self.has_room():
            if time.monotonic() > end:
                raise overloaded()
            await asyncio.sleep(LOOK_AGAIN)


UNTAKEN = Untaken()
"""Of this process: its connections say what they have, the application asks before it makes more."""
