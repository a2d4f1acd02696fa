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

_AT_ONCE = 32
"""Requests of a loop that are under way; a crowd beyond waits its turn, so that no answer is late by others' work."""
_LIMITS = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE)


class _Pool:
    """The connections of one loop."""

    def __init__(self, timeout: float) -> None:
        self.client = httpx.AsyncClient(timeout=timeout, limits=_LIMITS, follow_redirects=False)
        self.turn = asyncio.Semaphore(_AT_ONCE)
        self.failures = 0
        self.failed = ""


class AsyncHttpTransport:
    """One pool of connections for each event loop; `timeout` is in seconds, for the whole answer."""

    def __init__(self, url: str, token: str | None, timeout: float) -> None:
        self._url = url
        self._token = token
        self._timeout = timeout
        self._pools = PerLoop(self._made)
        self._process = os.getpid()

    async def send(self, ask: Ask) -> Reply:
        pool = self._pool()
        failures = pool.failures
        async with pool.turn:
            if pool.failures != failures:  # a crowd does not try one after the other what one of them found
                raise CacheUnavailable(pool.failed)
            try:
                return await self._sent(pool, ask)
            except CacheUnavailable as error:
                pool.failures, pool.failed = pool.failures + 1, str(error)
                raise

    async def _sent(self, pool: _Pool, ask: Ask) -> Reply:
        try:
            async with asyncio.timeout(self._timeout):
                response = await pool.client.request(
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

    def _pool(self) -> _Pool:
        if self._process != os.getpid():  # a fork shares the parent's sockets
            self._pools, self._process = PerLoop(self._made), os.getpid()
        return self._pools.get()

    def _made(self) -> _Pool:
        return _Pool(self._timeout)

    async def close(self) -> None:
        if pool := self._pools.take():
            await pool.client.aclose()
