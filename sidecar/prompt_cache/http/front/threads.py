"""Flask, on a few threads beside the event loop."""

import asyncio
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from a2wsgi import WSGIMiddleware

from ..failures import RETRY_AFTER, HttpError
from .exchange import Exchange

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_BODY = "prompt_cache.body"
_FREED = "prompt_cache.freed"
_LONGEST_WAIT = 5.0
_MOST_WAITING = 64
"""Requests that wait for each thread: more are told to come back."""


class Threads:
    """Runs a WSGI application for requests whose body is read; who cannot be served soon is told so at once."""

    def __init__(self, app: "WSGIApplication", threads: int) -> None:
        self._app = WSGIMiddleware(_Freeing(app), workers=threads)  # type: ignore[arg-type]
        self._free = asyncio.Semaphore(threads)
        self._waiting = 0
        self._most_waiting = threads * _MOST_WAITING

    async def answer(self, exchange: Exchange, body: bytes) -> None:
        """Raises an HttpError of 503."""
        await self._take()
        loop = asyncio.get_running_loop()
        taken = [True]

        def free() -> None:
            if taken:
                taken.pop()
                self._free.release()

        scope = exchange.with_body(body)
        scope[_BODY], scope[_FREED] = body, lambda: loop.call_soon_threadsafe(free)
        try:
            await self._app(scope, _nothing_more, exchange.send)  # type: ignore[arg-type]
        finally:
            free()

    async def _take(self) -> None:
        if self._free.locked():
            if self._waiting >= self._most_waiting:
                raise _overloaded()
            self._waiting += 1
            try:
                async with asyncio.timeout(_LONGEST_WAIT):
                    await self._free.acquire()
            except TimeoutError:
                raise _overloaded() from None
            finally:
                self._waiting -= 1
        else:
            await self._free.acquire()


class _Freeing:
    """Gives the application its body, and says when the thread is done: the client may take the answer at leisure."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        scope = environ["asgi.scope"]
        environ["wsgi.input"] = BytesIO(scope[_BODY])
        answer: Iterable[bytes] = ()
        try:
            answer = self._app(environ, start_response)
            yield from answer
        finally:
            if close := getattr(answer, "close", None):
                close()
            scope[_FREED]()


async def _nothing_more() -> dict[str, object]:
    return {"type": "http.request", "body": b"", "more_body": False}


def _overloaded() -> HttpError:
    headers = {"Retry-After": str(RETRY_AFTER)}
    return HttpError(503, "overloaded", "too many requests wait already; try again in a moment", headers)
