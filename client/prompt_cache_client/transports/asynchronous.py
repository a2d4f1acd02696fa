"""Over HTTP on an event loop, by httpx."""

import asyncio
import os

from ..acts import Ask
from ..errors import CacheUnavailable
from ..loops import PerLoop
from ..operations import Reply
from .http import address_of, away, headers_of

try:
    import httpx
except ImportError:
    raise ImportError(
        "an asynchronous client of a cache server needs httpx: pip install 'prompt-cache-client[async]'"
    ) from None

_LIMITS = httpx.Limits(max_connections=256, max_keepalive_connections=64)


class AsyncHttpTransport:
    """One pool of connections for each event loop; `timeout` is in seconds, for the whole answer."""

    def __init__(self, url: str, token: str | None, timeout: float) -> None:
        self._url = url
        self._token = token
        self._timeout = timeout
        self._clients = PerLoop(self._made)
        self._process = os.getpid()

    async def send(self, ask: Ask) -> Reply:
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client().request(
                    ask.method,
                    address_of(self._url, ask),
                    params=ask.query,
                    content=ask.body,
                    headers=headers_of(ask, self._token),
                )
        # asyncio's TimeoutError is an OSError; a RuntimeError is that of a loop which comes to its end.
        except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError) as error:
            slow = isinstance(error, httpx.TimeoutException | TimeoutError)
            raise CacheUnavailable(away(self._url, error, slow)) from None
        return Reply(response.status_code, response.content)

    def _client(self) -> httpx.AsyncClient:
        if self._process != os.getpid():  # a fork shares the parent's sockets
            self._clients, self._process = PerLoop(self._made), os.getpid()
        return self._clients.get()

    def _made(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=self._timeout, limits=_LIMITS, follow_redirects=False)

    async def close(self) -> None:
        if client := self._clients.take():
            await client.aclose()
