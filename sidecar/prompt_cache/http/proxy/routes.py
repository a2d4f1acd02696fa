"""Which provider a path means."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote

from msgspec import Struct

from ...config import Upstream
from ...protocols import ENDPOINTS
from ...protocols.protocol import Endpoint
from ..failures import HttpError

_MOUNTS = {
    "/openai/v1/": ("openai", "openai", ""),
    "/anthropic/v1/": ("anthropic", "anthropic", "/v1"),
    "/gemini/v1beta/": ("gemini", "gemini", "/v1beta"),
    "/gemini/v1/": ("gemini", "gemini", "/v1"),
    "/ollama/api/": ("ollama", "ollama", "/api"),
    "/ollama/v1/": ("ollama", "openai", "/v1"),
}
"""Prefix to the upstream's name, the protocol spoken there, and what its address ends with."""
_ANY = "/u/"
_UNDER = {"anthropic": "v1/", "gemini": "v1beta/", "ollama": "api/"}
"""Below which a protocol has its calls, where the address of an upstream is that of its host."""


class Route(Struct, frozen=True):
    """Where a call goes."""

    upstream: Upstream
    protocol: str
    base: str
    """The upstream's address; `rest` follows it."""
    rest: str
    """The path below it as it was sent, percent-encoding and all."""
    endpoint: Endpoint | None
    """What it calls there, if that can be answered from the cache."""
    path: str
    """The same path as the endpoint knows it."""

    @property
    def url(self) -> str:
        return f"{self.base}/{self.rest}"

    @property
    def name(self) -> str:
        """The same, wherever the upstream is."""
        return f"{self.upstream.name}/{self.rest}"


class Routes:
    """Finds the route of a path among the configured upstreams."""

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = upstreams
        self.find = lru_cache(maxsize=256)(self._find)
        """None for a path that is no provider's. Raises an HttpError of 404 or 400."""

    def _find(self, method: str, raw_path: str) -> Route | None:
        for prefix, (name, protocol, ending) in _MOUNTS.items():
            if raw_path.startswith(prefix):
                upstream = self._upstreams[name]
                return _route(method, upstream, protocol, upstream.url + ending, raw_path.removeprefix(prefix), "")
        if not raw_path.startswith(_ANY):
            return None
        name, _, rest = raw_path.removeprefix(_ANY).partition("/")
        if name not in self._upstreams:
            known = ", ".join(sorted(self._upstreams))
            raise HttpError(404, "unknown-upstream", f"no upstream is called {name[:80]!r}; there are: {known}")
        upstream = self._upstreams[name]
        return _route(method, upstream, upstream.protocol, upstream.url, rest, _UNDER.get(upstream.protocol, ""))


def _route(method: str, upstream: Upstream, protocol: str, base: str, rest: str, under: str) -> Route:
    path = unquote(rest)
    # Some servers decode twice, and some leave out what stands behind a semicolon.
    parts = unquote(path).replace("\\", "/").split("/")
    if any(part.partition(";")[0] in (".", "..") for part in parts):
        raise HttpError(400, "bad-path", "a path must not lead out of the upstream's address")
    below = path.removeprefix(under)
    endpoints = ENDPOINTS[protocol] if method == "POST" else ()
    endpoint = next((each for each in endpoints if each.is_at(below)), None)
    return Route(upstream, protocol, base, rest, endpoint, below)


def mount_of(path: str) -> str | None:
    """Below what the calls of one upstream are; None for a path that is no provider's."""
    mount = next((prefix for prefix in _MOUNTS if path.startswith(prefix)), None)
    return f"{_ANY}{{upstream}}/" if path.startswith(_ANY) else mount


def protocol_at(path: str) -> str | None:
    """In whose shape failures below a path are told; None for one that is no provider's."""
    for prefix, (_, protocol, _) in _MOUNTS.items():
        if path.startswith(prefix):
            return protocol
    return "openai" if path.startswith(_ANY) else None
