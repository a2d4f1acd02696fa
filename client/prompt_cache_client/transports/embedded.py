"""The cache in this process."""

from collections.abc import Mapping
from typing import Any

from ..acts import Ask
from ..operations import Reply

try:
    from prompt_cache.embedded import EmbeddedCache
except ImportError:
    raise ImportError(
        "a cache in this process needs the sidecar package: pip install 'prompt-cache-client[embedded]'"
    ) from None


class EmbeddedTransport:
    """The API's acts without a server."""

    def __init__(self, url: str, settings: Mapping[str, Any], timeout: float) -> None:
        """`settings` as in the server's YAML file. Raises ValueError about a wrong one."""
        self._cache = EmbeddedCache({"store_timeout": timeout, **settings, **_placed(url, settings)})

    def send(self, ask: Ask) -> Reply:
        answer = self._cache.call(ask.method, ask.route, ask.body, query=ask.query, key=ask.key)
        return Reply(answer.status, answer.body)

    def close(self) -> None:
        self._cache.close()


def _placed(url: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a URL says: a store, or a cassette that is recorded or replayed."""
    mode, _, path = url.partition(":")
    if mode not in ("record", "replay"):
        return {"store": url}
    defaults = {**(settings.get("defaults") or {}), "mode": mode, "cassette": path.removeprefix("//")}
    return {"store": "memory://", "defaults": defaults}
