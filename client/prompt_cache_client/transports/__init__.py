"""The ways to a cache: over HTTP, blocking or not, and in this process."""

import os
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from ..acts import Ask
from ..operations import Reply

DEFAULT_URL = "http://127.0.0.1:8787"
_RECORDINGS = ("record", "replay")
_STORES = ("memory", "sqlite", "file", "redis", "rediss", "redis+cluster", "rediss+cluster", "postgresql")


class Transport(Protocol):
    """Carries requests to a cache. Safe to share between threads, and to take along into a fork."""

    def send(self, ask: Ask) -> Reply:
        """Raises CacheUnavailable."""

    def close(self) -> None:
        """Let go of connections."""


class AsyncTransport(Protocol):
    """The same on an event loop, whichever runs."""

    async def send(self, ask: Ask) -> Reply:
        """Raises CacheUnavailable."""

    async def close(self) -> None:
        """Let go of connections."""


class Address:
    """Where a cache is, and how it is reached."""

    def __init__(
        self, url: str | None, token: str | None, timeout: float, settings: Mapping[str, Any] | None = None
    ) -> None:
        """Raises ValueError about what is no such address, ImportError where an extra is missing."""
        self.url = url or os.environ.get("PROMPT_CACHE_URL") or DEFAULT_URL
        self.token = token or os.environ.get("PROMPT_CACHE_TOKEN") or None
        self.timeout = timeout
        self._embedded: Transport | None = None
        try:
            scheme = urlsplit(self.url).scheme
        except ValueError as error:
            raise ValueError(f"url: {error}") from None
        if not timeout > 0:
            raise ValueError(f"timeout: {timeout!r} is not a number of seconds above 0")
        if scheme in ("http", "https"):
            self.url = self.url.rstrip("/")
            self._check(settings)
        elif scheme in _RECORDINGS or "://" in self.url:
            from .embedded import EmbeddedTransport

            self._embedded = EmbeddedTransport(self.url, settings or {}, timeout)
        else:
            raise ValueError(
                f"url: {self._shown!r} is neither a cache server (http://..., https://...) "
                f"nor a store in this process ({', '.join(_STORES)}), nor a recording (record:FILE, replay:FILE)"
            )

    @property
    def is_embedded(self) -> bool:
        """Whether the cache is in this process, one for all clients of this address."""
        return self._embedded is not None

    def __str__(self) -> str:
        """Without what may be secret in it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"

    @property
    def _shown(self) -> str:
        """What was given as an address, but for what may be a password in it."""
        return self.url.rpartition("@")[2]

    def transport(self) -> Transport:
        """The way there."""
        from .http import HttpTransport

        return self._embedded or HttpTransport(self.url, self.token, self.timeout)

    def async_transport(self) -> AsyncTransport:
        """The way there on an event loop. Raises ImportError without httpx."""
        from .threads import Threaded

        if self._embedded:
            return Threaded(self._embedded)
        from .asynchronous import AsyncHttpTransport

        return AsyncHttpTransport(self.url, self.token, self.timeout)

    def _check(self, settings: Mapping[str, Any] | None) -> None:
        parts = urlsplit(self.url)
        if "@" in parts.netloc:
            raise ValueError("url: leave out what stands before @; a token is given as `token`")
        try:
            named = parts.hostname and parts.port != 0
        except ValueError:
            named = False
        if not named:
            raise ValueError(f"url: {self.url!r} names no host and port, such as {DEFAULT_URL}")
        if parts.query or parts.fragment:
            raise ValueError("url: leave out what begins with ? or #; a token is given as `token`")
        if settings:
            raise ValueError("settings: a cache server has its own; they are for a store in this process")
        if self.token and not (self.token.isascii() and self.token.isprintable()):
            raise ValueError("token: has characters that no HTTP header can carry")
