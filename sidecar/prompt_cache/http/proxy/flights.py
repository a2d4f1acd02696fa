"""Equal calls in flight: one asks, and all get what it is told, as it is told."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from .headers import Raw

_AHEAD = 1024 * 1024
"""Bytes that an answer may be ahead of whoever reads it fastest, when it is too large to be kept."""


class Failed(Exception):
    """The call came to nothing that others could use; one of them may ask again."""


class Flight:
    """One call to a provider and the bytes of its answer, read by any number of callers.

    All is kept until the end, so that who joins late misses nothing; what is larger than `most` is let go once read.
    """

    def __init__(self, most: int, *, ticket: str = "", payer: str = "") -> None:
        self._most = most
        self.ticket = ticket
        """Says when it was asked."""
        self.payer = payer
        self._parts: deque[bytes] = deque()
        self._dropped = 0
        """How many parts are gone."""
        self._size = 0
        self._changed = asyncio.Event()
        self._read = asyncio.Event()
        self._places: dict[object, int] = {}
        self.status = 0
        self.headers: Raw = []
        self.streamed = False
        """Whether its parts are those of a stream."""
        self.began = False
        self.ended = False
        self.failure: BaseException | None = None
        self.answer: bytes | None = None
        """The whole answer as JSON, once it is there and can be read."""
        self.fate = ""
        """Why it was not stored; empty while that is not known, or when it was."""
        self.answered = False
        """Whether the model has said its last word, and only the end of the bytes may still be to come."""
        self.callers = 0
        """How many wait for it."""
        self.counted = False
        """Whether those who wait are counted as served; who joins now is not among them."""
        self.task: asyncio.Task[None] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether who joins now gets it from its first byte."""
        return not self._dropped

    def begin(self, status: int, headers: Raw, *, streamed: bool) -> None:
        self.status, self.headers, self.streamed, self.began = status, headers, streamed, True
        self._tell()

    def join(self) -> object:
        """Take a place at the first byte. Raises Failed where it is gone."""
        if not self.is_whole:
            raise Failed
        me = object()
        self._places[me] = 0
        self.callers += 1
        return me

    def leave(self, me: object) -> None:
        self.callers -= 1
        self._let_go(me)

    async def add(self, part: bytes) -> None:
        """Wait where nobody keeps up with what cannot be kept."""
        self._parts.append(part)
        self._size += len(part)
        self._tell()
        while self._size > self._most:
            slowest = min(self._places.values(), default=self._dropped + len(self._parts))
            while self._dropped < slowest:
                self._dropped += 1
                self._size -= len(self._parts.popleft())
            if self._size <= self._most + _AHEAD:
                return
            self._read.clear()
            await self._read.wait()

    def end(self, failure: BaseException | None = None) -> None:
        self.ended, self.failure = True, failure
        self._tell()

    async def started(self) -> None:
        """Return when its head is there. Raises what it ended with before."""
        while not self.began:
            if self.ended:
                raise self.failure or Failed
            await self._changed.wait()

    async def over(self) -> None:
        """Return when it has ended, however."""
        while not self.ended:
            await self._changed.wait()

    async def finished(self, me: object) -> None:
        """Return when all is there, without reading it. Raises what it ended with."""
        self._let_go(me)
        await self.over()
        if self.failure:
            raise self.failure

    async def parts(self, me: object) -> AsyncIterator[bytes]:
        """From the first byte. Raises what it ended with."""
        place = self._places[me]
        while True:
            while place - self._dropped < len(self._parts):
                yield self._parts[place - self._dropped]
                self._places[me] = place = place + 1
                self._read.set()
            if self.ended:
                if self.failure:
                    raise self.failure
                return
            await self._changed.wait()

    def _let_go(self, me: object) -> None:
        self._places.pop(me, None)
        self._read.set()

    def _tell(self) -> None:
        # Whoever waits now hears of it; who comes later waits for the next time.
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Flights:
    """Those of this process, by key."""

    def __init__(self) -> None:
        self._flights: dict[str, Flight] = {}

    def get(self, key: str) -> Flight | None:
        return self._flights.get(key)

    def add(self, key: str, flight: Flight) -> None:
        self._flights[key] = flight

    def remove(self, key: str, flight: Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
