"""What may wait for a store, on threads beside the event loop."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from .overload import LONGEST_WAIT, LOOK_AGAIN, UNTAKEN, overloaded

LARGE = 32 * 1024
"""Bytes of a request that takes so long that others would notice."""

_Asked = TypeVar("_Asked")
_Told = TypeVar("_Told")


class Lanes(Generic[_Asked, _Told]):
    """A few threads; each takes what waits, all at once: one call of the store serves all who came meanwhile.

    `run` says what each is told, in order: an answer, an exception to raise, or None for those to ask for again.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[Sequence[_Asked]], Sequence[_Told | Exception | None]],
        *,
        lanes: int,
        together: int,
    ) -> None:
        self._run = run
        self._threads = ThreadPoolExecutor(lanes, name)
        self._idle = lanes
        self._together = together
        self._waiting: deque[tuple[_Asked, asyncio.Future[_Told]]] = deque()

    async def answer(self, asked: _Asked) -> _Told:
        """Raises what `run` says, and an HttpError of 503."""
        loop = asyncio.get_running_loop()
        waiting: tuple[_Asked, asyncio.Future[_Told]] = (asked, loop.create_future())
        self._waiting.append(waiting)
        if self._idle:
            self._idle -= 1
            loop.call_soon(self._start)  # not before all who came in this turn are there
        patience = loop.call_later(LONGEST_WAIT, self._give_up, waiting)
        try:
            return await waiting[1]
        finally:
            patience.cancel()

    def close(self) -> None:
        self._threads.shutdown(wait=False)

    def _start(self) -> None:
        if not UNTAKEN.has_room():
            asyncio.get_running_loop().call_later(LOOK_AGAIN, self._start)
            return
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._together))]
        if not batch:
            self._idle += 1
            return
        running = asyncio.get_running_loop().run_in_executor(self._threads, self._run, [asked for asked, _ in batch])
        running.add_done_callback(lambda done: self._finish(batch, done))

    def _finish(
        self,
        batch: Sequence[tuple[_Asked, "asyncio.Future[_Told]"]],
        done: "asyncio.Future[Sequence[_Told | Exception | None]]",
    ) -> None:
        for waiting, told in zip(batch, done.result(), strict=True):
            future = waiting[1]
            if future.done():  # nobody waits any more
                continue
            if told is None:
                self._waiting.append(waiting)
            elif isinstance(told, Exception):
                future.set_exception(told)
            else:
                future.set_result(told)
        self._start()

    def _give_up(self, waiting: tuple[_Asked, "asyncio.Future[_Told]"]) -> None:
        if waiting in self._waiting:  # what runs is bounded by the store's own timeout
            self._waiting.remove(waiting)
            waiting[1].set_exception(overloaded())
