"""Calls to providers: pooled connections, no redirects, and silence for no longer than was allowed."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from ...observability.measures import Measures
from ..failures import HttpError
from ..tracing import server_of
from .routes import Route

if TYPE_CHECKING:
    from ...observability.otel import Call, Trace

_CONNECT_SECONDS = 10.0
_PART = 64 * 1024
_GZIP = ("gzip", "deflate", "x-gzip")
_ANY_HEADER = zlib.MAX_WBITS | 32


class UpstreamGone(Exception):
    """The provider could not be reached, or fell silent, or broke off."""

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out


class Unpacking:
    """Takes what comes out of gzip or deflate, no more than _PART at a time. Raises zlib.error."""

    def __init__(self) -> None:
        self._unpack = zlib.decompressobj(_ANY_HEADER)

    @property
    def ended(self) -> bool:
        return self._unpack.eof

    def parts(self, packed: bytes) -> Iterator[bytes]:
        while packed:
            if self._unpack.eof:  # another one follows
                self._unpack = zlib.decompressobj(_ANY_HEADER)
            if part := self._unpack.decompress(packed, _PART):
                yield part
            packed = self._unpack.unconsumed_tail or self._unpack.unused_data

    def rest(self) -> Iterator[bytes]:
        while part := self._unpack.decompress(self._unpack.unconsumed_tail, _PART):
            yield part


class Reply:
    """What a provider answers, as it comes."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers = list(response.raw_headers)
        encoding = response.headers.get("content-encoding", "").strip().lower()
        self.encoding = encoding
        """How the parts are packed; empty when they are not."""
        self.call: Call | None = None
        """Where traces are sent, the part of one that it is."""

    @property
    def content_type(self) -> str:
        return self._response.content_type

    async def parts(self) -> AsyncIterator[bytes]:
        """Its body as it was sent. Raises UpstreamGone."""
        with _failures():
            async for part in self._response.content.iter_any():
                yield part

    @property
    def is_packed_as_known(self) -> bool:
        return self.encoding in _GZIP

    async def unpacked(self) -> AsyncIterator[bytes]:
        """Its body, out of gzip or deflate, no more than _PART at a time. Raises UpstreamGone."""
        if not self.is_packed_as_known:
            async for part in self.parts():
                yield part
            return
        unpacking = Unpacking()
        try:
            async for packed in self.parts():
                for part in unpacking.parts(packed):
                    yield part
            for part in unpacking.rest():
                yield part
            if not unpacking.ended:
                raise UpstreamGone("its answer was cut off")
        except zlib.error:
            raise UpstreamGone("its answer is packed in a way that cannot be read") from None


class _failures:  # noqa: N801 - reads as a statement
    """Raises UpstreamGone of whatever the client raises, without what it was called with."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: object) -> None:
        match error:
            case aiohttp.ServerTimeoutError() | TimeoutError():
                raise UpstreamGone("it did not answer in time", timed_out=True) from None
            case aiohttp.ClientConnectorDNSError():
                raise UpstreamGone("its host name is not known") from None
            case aiohttp.ClientConnectorCertificateError():
                raise UpstreamGone("its certificate is not trusted") from None
            case aiohttp.ClientConnectorError():
                raise UpstreamGone("no connection could be made") from None
            case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError():
                raise UpstreamGone("its answer was cut off") from None
            case aiohttp.ClientError():
                raise UpstreamGone(type(error).__name__) from None


class Client:
    """Made with the first call, on the loop that it lives on."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def call(
        self,
        route: Route,
        method: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | AsyncIterator[bytes] | None,
        trace: "Trace | None" = None,
    ) -> AsyncIterator[Reply]:
        """Raises UpstreamGone."""
        call = trace.call(*server_of(route)) if trace else None
        try:
            async with self._measured(route, method, query, call.onward(headers) if call else headers, body) as reply:
                if call:
                    call.began(reply.status)
                    reply.call = call
                yield reply
        except BaseException as error:
            if call:
                call.failed("timeout" if isinstance(error, UpstreamGone) and error.timed_out else type(error).__name__)
            raise
        finally:
            if call:
                call.end()

    @asynccontextmanager
    async def _measured(
        self,
        route: Route,
        method: str,
        query: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | AsyncIterator[bytes] | None,
    ) -> AsyncIterator[Reply]:
        url = URL(f"{route.url}?{query}" if query else route.url, encoded=True)
        timeout = aiohttp.ClientTimeout(
            total=None, connect=None, sock_connect=_CONNECT_SECONDS, sock_read=route.upstream.timeout
        )
        request: dict[str, Any] = {"headers": headers, "data": body, "timeout": timeout, "allow_redirects": False}
        # Of a body that is passed on as it comes nobody knows how long it takes.
        patience = route.upstream.timeout if isinstance(body, bytes | None) else None
        name, began = route.upstream.name, time.perf_counter()
        try:
            with _failures():
                async with asyncio.timeout(patience):
                    response = await self._opened().request(method, url, **request)
        except UpstreamGone as gone:
            self._measures.upstream_failures.add(name, "timeout" if gone.timed_out else "unreachable")
            raise
        self._measures.first_byte.observe(name, time.perf_counter() - began)
        try:
            if not 200 <= response.status < 600:
                raise UpstreamGone("it answered with a status that HTTP does not know")
            yield Reply(response)
            self._measures.upstream_seconds.observe(name, time.perf_counter() - began)
            if response.status >= 400:
                reason = "429" if response.status == 429 else f"{response.status // 100}xx"
                self._measures.upstream_failures.add(name, reason)
        except UpstreamGone as gone:
            self._measures.upstream_failures.add(name, "timeout" if gone.timed_out else "cut_off")
            raise
        finally:
            # Of an answer that was not read to its end the connection cannot be used again.
            if response.content.at_eof():
                response.release()
            else:
                response.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60, keepalive_timeout=30),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                read_bufsize=_PART,
                loop=asyncio.get_running_loop(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session


def unreachable(route: Route, gone: UpstreamGone) -> HttpError:
    """What the caller is told."""
    status = 504 if gone.timed_out else 502
    return HttpError(status, "upstream-unreachable", f"the upstream {route.upstream.name} cannot be used: {gone}")
