"""A blocking transport on an event loop."""

import asyncio

from ..acts import Ask
from ..operations import Reply
from . import Transport


class Threaded:
    """Waits in threads, so that the loop does not."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, ask: Ask) -> Reply:
        return await asyncio.to_thread(self._transport.send, ask)

    async def close(self) -> None:
        await asyncio.to_thread(self._transport.close)
