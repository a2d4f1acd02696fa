"""What logic without a network asks of who runs it, and the runners that all clients share."""

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a request to the cache; a Reply comes back, or CacheUnavailable."""

    method: str
    route: str
    body: bytes | None = None
    query: Mapping[str, str] | None = None
    key: str = ""
    """What stands for `{key}` in the route."""
    undo: "Callable[[Any], Ask | None] | None" = None
    """What takes it back, made of its Reply, where that comes when nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Let some seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Make:
    """Call what was to be cached; its answer comes back, or what it raises. On an event loop it is awaited."""

    call: Callable[[], Any]


Act = Ask | Wait | Make
Acts = Generator[Act, Any, T]
"""Logic that asks for acts and returns a T."""


def run(acts: Acts[T], perform: Callable[[Act], Any]) -> T:
    """Perform what the logic asks for, and return what it returns."""
    try:
        act = next(acts)
        while True:
            try:
                result = perform(act)
            except BaseException as error:
                act = acts.throw(error)
            else:
                act = acts.send(result)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def run_async(acts: Acts[T], perform: Callable[[Act], Awaitable[Any]]) -> T:
    """The same, awaiting each."""
    try:
        act = next(acts)
        while True:
            try:
                result = await perform(act)
            except BaseException as error:
                act = acts.throw(error)
            else:
                act = acts.send(result)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
