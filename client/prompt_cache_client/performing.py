"""Performing acts: blocking, or on an event loop. What is asked for is decided elsewhere, once for both."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from .acts import Act, Acts, Ask, Make, Wait, run, run_async
from .errors import PromptCacheError
from .flights import Emit, End, Next, StreamActs
from .transports import AsyncTransport, Transport

T = TypeVar("T")


class Performer:
    """Blocks while it sends and waits."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def run(self, acts: Acts[T]) -> T:
        return run(acts, self._perform)

    def stream(self, acts: StreamActs, make: Callable[[], Iterator[Any]]) -> Iterator[Any]:
        """What the logic emits, taken from what `make` makes when it is first wanted."""
        source: Iterator[Any] | None = None
        try:
            act = next(acts)
            while True:
                result: Any = None
                try:
                    match act:
                        case Emit():
                            yield act.item
                        case Next():
                            source = make() if source is None else source
                            result = _next(source)
                        case _:
                            result = self._perform(act)
                except BaseException as error:
                    act = acts.throw(error)
                else:
                    act = acts.send(result)
        except StopIteration:
            return
        finally:
            if close := getattr(source, "close", None):
                close()

    def _perform(self, act: Act) -> Any:
        match act:
            case Ask():
                return self._transport.send(act)
            case Wait():
                return time.sleep(act.seconds)
            case Make():
                return act.call()


class AsyncPerformer:
    """Awaits what it sends and waits for."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport
        self._undoing: set[asyncio.Task[None]] = set()

    async def run(self, acts: Acts[T]) -> T:
        return await run_async(acts, self._perform)

    async def stream(self, acts: StreamActs, make: Callable[[], AsyncIterator[Any]]) -> AsyncIterator[Any]:
        """What the logic emits, taken from what `make` makes when it is first wanted."""
        source: AsyncIterator[Any] | None = None
        try:
            act = next(acts)
            while True:
                result: Any = None
                try:
                    match act:
                        case Emit():
                            yield act.item
                        case Next():
                            source = make() if source is None else source
                            result = await anext(source, End())
                        case _:
                            result = await self._perform(act)
                except BaseException as error:
                    act = acts.throw(error)
                else:
                    act = acts.send(result)
        except StopIteration:
            return
        finally:
            if close := getattr(source, "aclose", None):
                await close()

    async def _perform(self, act: Act) -> Any:
        match act:
            case Ask():
                return await self._ask(act)
            case Wait():
                return await asyncio.sleep(act.seconds)
            case Make():
                made = act.call()
                return await made if inspect.isawaitable(made) else made

    async def _ask(self, ask: Ask) -> Any:
        if ask.undo is None:
            return await self._transport.send(ask)
        asking = asyncio.ensure_future(self._transport.send(ask))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            # Who was cancelled does not wait; the cache may well have granted what is wanted no more.
            undoing = asyncio.ensure_future(self._undo(asking, ask.undo))
            self._undoing.add(undoing)
            undoing.add_done_callback(self._undoing.discard)
            raise

    async def _undo(self, asking: "asyncio.Future[Any]", undo: Callable[[Any], Ask | None]) -> None:
        with suppress(PromptCacheError):
            if ask := undo(await asking):
                await self._transport.send(ask)


def _next(source: Iterator[Any]) -> Any:
    try:
        return next(source)
    except StopIteration as end:
        return End(end.value)
