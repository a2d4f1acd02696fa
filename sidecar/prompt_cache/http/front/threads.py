"""Flask, on a few threads beside the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from sys import stderr
from typing import TYPE_CHECKING, Any

from ..log import NOTES
from .asgi import Message
from .exchange import Exchange
from .overload import LONGEST_WAIT, overloaded

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_MOST_WAITING = 64
"""Requests that wait for each thread: more are told to come back."""


class Threads:
    """Runs a WSGI application for requests whose body is read; who cannot be served soon is told so at once.

    A whole answer changes hands once: each time a thread and the loop wait for one another costs more than Flask does.
    """

    def __init__(self, app: "WSGIApplication", threads: int) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(threads, "flask")
        self._free = asyncio.Semaphore(threads)
        self._waiting = 0
        self._most_waiting = threads * _MOST_WAITING

    async def answer(self, exchange: Exchange, body: bytes) -> None:
        """Raises an HttpError of 503, and what the application raises."""
        loop = asyncio.get_running_loop()

        def stream(message: Message) -> None:
            asyncio.run_coroutine_threadsafe(exchange.send(message), loop).result()

        await self._take()
        try:
            rest = await loop.run_in_executor(self._threads, _call, self._app, _environ(exchange, body), stream)
        finally:
            self._free.release()
        for message in rest:  # without a thread: the client may take it at leisure
            await exchange.send(message)

    def close(self) -> None:
        self._threads.shutdown(wait=False)

    async def _take(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        if self._waiting >= self._most_waiting:
            raise overloaded()
        self._waiting += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._free.acquire()
        except TimeoutError:
            raise overloaded() from None
        finally:
            self._waiting -= 1


def _call(app: "WSGIApplication", environ: "WSGIEnvironment", stream: Callable[[Message], None]) -> list[Message]:
    """What is still to be sent; an answer of unknown length is given to `stream` bit by bit before."""
    start: Message = {"type": "http.response.start"}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:  # noqa: ARG001
        start["status"] = int(status[:3])
        start["headers"] = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return _no_write

    parts = app(environ, start_response)
    try:
        if any(name == b"content-length" for name, _ in start["headers"]):
            return [start, {"type": "http.response.body", "body": b"".join(parts)}]
        stream(start)
        for part in parts:
            stream({"type": "http.response.body", "body": part, "more_body": True})
        return [{"type": "http.response.body", "body": b""}]
    finally:
        if close := getattr(parts, "close", None):
            close()


def _no_write(_: bytes) -> object:
    raise NotImplementedError("the old way to answer; Flask never takes it")


def _environ(exchange: Exchange, body: bytes) -> "WSGIEnvironment":
    scope = exchange.scope
    host, port = scope.get("server") or ("localhost", 80)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": exchange.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": exchange.path.encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        NOTES: exchange.line.notes,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        name = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        environ[name] = f"{environ[name]},{value}" if name in environ else value
    environ["CONTENT_LENGTH"] = str(len(body))  # of what was read, however it came
    for name in ("HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
        environ.pop(name, None)
    return environ
