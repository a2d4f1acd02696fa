"""A blocking transport on an event loop."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from ..acts import Ask
from ..errors import CacheUnavailable
from ..operations import Reply
from . import Transport

_THREADS = 8


class Threaded:
    """Waits in threads of its own: those of the loop may all be waiting for models."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._threads: ThreadPoolExecutor | None = None
        self._process = 0

    async def send(self, ask: Ask) -> Reply:
        if self._threads is None or self._process != os.getpid():  # no thread goes along into a fork
            self._threads, self._process = ThreadPoolExecutor(_THREADS, "prompt-cache"), os.getpid()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._transport.send, ask)
        except RuntimeError as error:  # this process, or its loop, comes to its end
            raise CacheUnavailable("no thread is left to ask the cache") from error

    async def close(self) -> None:
        threads, self._threads = self._threads, None
        if threads:
            threads.shutdown(wait=False)
        self._transport.close()
