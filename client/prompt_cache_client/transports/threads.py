"""A blocking transport on an event loop."""

import asyncio

from ..acts import Ask
from ..errors import CacheUnavailable
from ..operations import Reply
from . import Transport


class Threaded:
    """Waits in threads, so that the loop does not."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, ask: Ask) -> Reply:
        try:
            return await asyncio.to_thread(self._transport.send, ask)
        except RuntimeError as error:  # this process, or its loop, comes to its end
            raise CacheUnavailable("no thread is left to ask the cache") from error

    async def close(self) -> None:
        await asyncio.to_thread(self._transport.close)
