"""Who calls, and whose key pays."""

import hmac
from urllib.parse import parse_qsl

from msgspec import Struct

from ...config import Config
from ..auth import Caller, Tokens
from ..failures import HttpError
from ..front.exchange import Headers
from .routes import Route

TOKEN = "x-prompt-cache-token"  # noqa: S105
_KEYS = ("authorization", "x-api-key", "x-goog-api-key", "api-key")
"""Headers in which providers take their keys."""
_SENT_AS = {"openai": "authorization", "anthropic": "x-api-key", "gemini": "x-goog-api-key", "ollama": "authorization"}


class Payer(Struct, frozen=True):
    """A caller with what is to be sent to the provider in its name."""

    caller: Caller
    digest: str
    """Tells apart who paid for an answer."""
    headers: tuple[tuple[str, str], ...]
    query: str
    """As it was sent, a key of the caller's apart where another is sent."""


class Payers:
    """Keys are compared, digested and passed on, and never kept."""

    def __init__(self, config: Config) -> None:
        self._tokens = Tokens(config)
        self._open = not config.token and not config.tokens
        self._secret = (config.secret or "prompt-cache-payer").encode()

    def of(self, route: Route, headers: Headers, query: str) -> Payer:
        """Raises an HttpError of 401."""
        own = route.upstream.key
        presented = _presented(headers, query)
        token = headers.get(TOKEN)
        if token is None and own is not None and not self._open:
            token = presented  # in the place of a key, since the provider's is held here
        if token is None and not self._open:
            place = "in the header X-Prompt-Cache-Token" + (" or as the API key" if own is not None else "")
            raise HttpError(401, "unauthorized", f"send the cache server's token {place}")
        caller = self._tokens.caller(None if token is None else f"Bearer {token}")
        if own is not None:
            name = _SENT_AS[route.protocol]
            sent = ((name, f"Bearer {own}" if name == "authorization" else own),)
            rest = "&".join(part for part in query.split("&") if not part.startswith("key="))
            return Payer(caller, self._digest(own), sent, rest)
        kept = tuple((name, value) for name in _KEYS if (value := headers.get(name)) is not None)
        return Payer(caller, self._digest(presented or ""), kept, query)

    def _digest(self, key: str) -> str:
        return hmac.digest(self._secret, key.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


def _presented(headers: Headers, query: str) -> str | None:
    for name in _KEYS:
        if value := headers.get(name):
            scheme, _, rest = value.partition(" ")
            return rest.strip() if rest and scheme.lower() == "bearer" else value
    return dict(parse_qsl(query)).get("key")
