"""A server with OpenAI's `/embeddings`: OpenAI, Ollama, LM Studio, vLLM, TEI, Mistral, Gemini's compatible address."""

import asyncio
import binascii
import os
import threading
from base64 import b64decode
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError

import aiohttp
import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .base import Embedded, Embedder, EmbedderUnavailable
from .parts import parts
from .vectors import unit_vectors

MOST_TEXTS = 96
"""In one call; of the servers that say, Gemini takes 100."""
FEWEST_TEXTS = 8
"""A server that refuses so few refuses for another reason than their number; TEI takes 32 unless told otherwise."""
MOST_CHARACTERS = 200_000
_AT_ONCE = 4
_TRIES = 2
"""A connection from the pool may have been closed by the other side a moment ago."""
_LARGEST = 64 * 1024 * 1024
_PER_TEXT = 512 * 1024
"""Bytes: 16,384 numbers in full length."""


class _Item(Struct):
    embedding: list[float] | str
    index: int | None = None


class _Usage(Struct):
    prompt_tokens: int | None = None
    total_tokens: int | None = None


class _Reply(Struct):
    data: list[_Item]
    usage: _Usage | None = None


_reply = msgspec.json.Decoder(_Reply)


class _TooMany(Exception):
    """The server refuses so many texts at once, or says so of something else."""


class HttpEmbedder(Embedder):
    """Asks a server, on a loop of its own: whatever the server does, `timeout` bounds each of its answers in all."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str | None = None,
        timeout: float = 5.0,
        dimensions: int | None = None,
        threshold: float | None = None,
    ) -> None:
        """`timeout` in seconds, for as many texts as go into one call. Raises ValueError for a key that is none."""
        if key is not None and not (key.isascii() and key.isprintable()):
            raise ValueError("the key holds characters that no key has")
        self.name, self.model = f"{model}/{dimensions}" if dimensions else model, model
        self.threshold = threshold
        self._url = url.rstrip("/").removesuffix("/embeddings") + "/embeddings"
        self._asks = {"model": model} | ({"dimensions": dimensions} if dimensions else {})
        self._headers = {"accept-encoding": "identity", "content-type": "application/json"}
        if key is not None:
            self._headers["authorization"] = f"Bearer {key}"
        self._timeout = timeout
        self._dimensions = dimensions
        self._most = MOST_TEXTS
        self._loop = _Loop()

    def embed(self, texts: Sequence[str]) -> Embedded:
        return self._loop.run(self._embed(list(texts)))

    def close(self) -> None:
        self._loop.close()

    async def _embed(self, texts: list[str]) -> Embedded:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(part: list[str]) -> Embedded:
            async with gate:
                try:
                    async with asyncio.timeout(self._timeout):
                        return await self._part(part)
                except TimeoutError:
                    raise EmbedderUnavailable(f"it did not answer within {self._timeout:g} s") from None

        calls = [asyncio.ensure_future(one(part)) for part in parts(texts, most=self._most, characters=MOST_CHARACTERS)]
        try:
            done = await asyncio.gather(*calls)
        except BaseException:
            for call in calls:
                call.cancel()
            raise
        vectors = [vector for embedded in done for vector in embedded.vectors]
        if len({len(vector) for vector in vectors}) > 1:
            raise EmbedderUnavailable("its vectors differ in length")
        return Embedded(vectors, sum(each.tokens for each in done), sum(each.calls for each in done))

    async def _part(self, texts: list[str]) -> Embedded:
        try:
            return self._read(await self._answer(texts), len(texts))
        except _TooMany:
            half = len(texts) // 2
            first, second = await self._part(texts[:half]), await self._part(texts[half:])
            self._most = min(self._most, len(texts) - half)
            tokens, calls = first.tokens + second.tokens, first.calls + second.calls
            return Embedded(first.vectors + second.vectors, tokens, calls)

    async def _answer(self, texts: list[str]) -> bytes:
        body = msgspec.json.encode({**self._asks, "input": texts})
        limit = min(_LARGEST, 1024 * 1024 + _PER_TEXT * len(texts))
        try:
            for tried in range(1, _TRIES + 1):
                try:
                    return await self._posted(body, limit, len(texts))
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                    if tried == _TRIES or isinstance(error, aiohttp.ClientConnectorError):
                        raise
        except aiohttp.ClientConnectorDNSError:
            cause = "its host name is not known"
        except aiohttp.ClientConnectorCertificateError:
            cause = "its certificate is not trusted"
        except aiohttp.ClientConnectorError:
            cause = "it cannot be reached"
        except (aiohttp.ClientError, ValueError):  # never with what was sent
            cause = "its answer broke off, or is no HTTP"
        raise EmbedderUnavailable(cause)

    async def _posted(self, body: bytes, limit: int, texts: int) -> bytes:
        session = self._loop.session
        async with session.post(self._url, data=body, headers=self._headers, allow_redirects=False) as response:
            if response.status != 200:
                if response.status in (400, 413, 422) and texts > FEWEST_TEXTS:
                    raise _TooMany
                raise EmbedderUnavailable(_told(response.status))
            answer = bytearray()
            async for part in response.content.iter_any():
                answer += part
                if len(answer) > limit:
                    response.close()
                    raise EmbedderUnavailable("its answer is larger than vectors can be")
            return bytes(answer)

    def _read(self, body: bytes, count: int) -> Embedded:
        try:
            reply = _reply.decode(body)
        except (msgspec.MsgspecError, ValueError):
            raise EmbedderUnavailable("it did not answer with embeddings: is this the address of its API?") from None
        if len(reply.data) != count:
            raise EmbedderUnavailable(f"it answered with {len(reply.data)} vectors for {count} texts")
        items = reply.data
        if any(item.index is not None for item in items):
            items = sorted(items, key=lambda item: -1 if item.index is None else item.index)
            if [item.index for item in items] != list(range(count)):
                raise EmbedderUnavailable("it does not say which vector belongs to which text")
        try:
            vectors = unit_vectors([_numbers(item.embedding) for item in items])
        except ValueError as error:
            raise EmbedderUnavailable(str(error)) from None
        self._require_dimensions(vectors.shape[1])
        usage = reply.usage or _Usage()
        tokens = max(0, usage.prompt_tokens or usage.total_tokens or 0)
        return Embedded([row.tobytes() for row in vectors], tokens, calls=1)

    def _require_dimensions(self, found: int) -> None:
        if self._dimensions is None:
            self._dimensions = found
        if found != self._dimensions:
            raise EmbedderUnavailable(
                f"its vectors have {found} numbers, not {self._dimensions}: "
                "if its model was exchanged, restart; if `dimensions` is set, the model has no such"
            )


class _Loop:
    """An event loop on a thread, with pooled connections; begun by whoever asks first, and anew after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """To be used on the loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=None)
            )
        return self._session

    def run(self, work: Coroutine[object, object, Embedded]) -> Embedded:
        with self._lock:
            running = asyncio.run_coroutine_threadsafe(work, self._begun())
        try:
            return running.result()
        except CancelledError:
            raise EmbedderUnavailable("it was closed meanwhile") from None

    def close(self) -> None:
        """Whoever waits is told so."""
        with self._lock:
            loop, self._loop = self._loop, None
            if loop is None or self._pid != os.getpid():
                return
            asyncio.run_coroutine_threadsafe(self._end(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()
            loop.close()

    def _begun(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or self._pid != os.getpid():
            self._pid, self._session = os.getpid(), None
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="embedder", daemon=True)
            self._thread.start()
        return self._loop

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None


def _numbers(embedding: list[float] | str) -> NDArray[np.float64]:
    """Of a list, or of float32 in base64, which some servers send without having been asked."""
    try:
        if isinstance(embedding, list):
            return np.array(embedding, dtype=np.float64)
        return np.frombuffer(b64decode(embedding, validate=True), dtype="<f4").astype(np.float64)
    except (binascii.Error, ValueError):
        raise ValueError("a vector is neither numbers nor base64") from None


def _told(status: int) -> str:
    if status in (401, 403):
        return f"it does not accept the key ({status}): see `embedder.key`"
    if status in (400, 422):
        return f"it refuses what it is asked ({status}): see `embedder.model` and `embedder.dimensions`"
    if status == 404:
        return "it knows no such address or model (404): see `embedder.url` and `embedder.model`"
    if status == 429:
        return "it was asked too much, or its quota is used up (429)"
    if 300 <= status < 400:
        return f"it sends callers elsewhere ({status}): set `embedder.url` to there"
    return f"it answered {status}"
