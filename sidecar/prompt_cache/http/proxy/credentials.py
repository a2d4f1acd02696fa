"""Who calls, and whose key pays."""

import hmac
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

from msgspec import Struct

from ...config import Config
from ..auth import Caller, Tokens
from ..failures import HttpError
from ..front.exchange import Headers
from .routes import Route

TOKEN = "x-prompt-cache-token"  # noqa: S105
_KEYS = ("authorization", "x-api-key", "x-goog-api-key", "api-key")
"""Headers in which providers take their keys."""
_SECRET = re.compile(r"key|token|secret|auth|passw|credential|(^|[_-])sig(nature)?$")
"""What the names have in common of headers and parameters in which other vendors take theirs."""
_SENT_AS = {"openai": "authorization", "anthropic": "x-api-key", "gemini": "x-goog-api-key", "ollama": "authorization"}


def key_header(protocol: str, key: str) -> tuple[str, str]:
    """In which header providers with this protocol take a key, and how."""
    name = _SENT_AS[protocol]
    return name, f"Bearer {key}" if name == "authorization" else key


class Payer(Struct, frozen=True):
    """A caller with what is to be sent to the provider in its name."""

    caller: Caller
    digest: str
    """Tells apart who paid for an answer."""
    headers: tuple[tuple[str, str], ...]
    query: str
    """As it was sent, a key of the caller's apart where another is sent."""


class Payers:
    """Keys are compared, digested and passed on; memory alone has them, with the calls that came last."""

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
            sent = (key_header(route.protocol, own),)
            rest = "&".join(part for part in query.split("&") if _name(part) != "key")
            others = (other for other in _secrets(headers, rest) if not other.startswith("="))
            return Payer(caller, self._digest([own, *others]), sent, rest)
        kept = tuple((name, value) for name in _KEYS if (value := headers.get(name)) is not None)
        # All of them: which one the provider goes by is not known here.
        return Payer(caller, self._digest(_secrets(headers, query)), kept, query)

    def require_known(self, headers: Headers, query: str) -> None:
        """Raises an HttpError of 401 where nothing that is presented is a token."""
        token = headers.get(TOKEN) or _presented(headers, query)
        self._tokens.caller(None if token is None else f"Bearer {token}")

    def _digest(self, keys: Iterable[str]) -> str:
        told = "\n".join(sorted(set(keys))).encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, told, "sha256").hex()[:32]


def is_secret(name: str) -> bool:
    """Whether a header or a parameter of this name may be somebody's key."""
    name = name.lower()
    return bool(_SECRET.search(name)) and "idempotency" not in name


def _secrets(headers: Headers, query: str) -> Iterator[str]:
    for name, value in headers:
        if name in _KEYS:
            yield f"={_bare(value)}"  # it is the same key, by whichever header it comes
        elif is_secret(name) and name != TOKEN:
            yield f"{name}={value}"
    for part in query.split("&"):
        if is_secret(name := _name(part)):
            yield f"{'' if name == 'key' else '?' + name}={unquote_plus(part.partition('=')[2])}"


def _name(part: str) -> str:
    return unquote_plus(part.partition("=")[0])


def _bare(value: str) -> str:
    scheme, _, rest = value.partition(" ")
    return rest.strip() if rest and scheme.lower() == "bearer" else value


def _presented(headers: Headers, query: str) -> str | None:
    for name in _KEYS:
        if value := headers.get(name):
            return _bare(value)
    keys = [unquote_plus(part.partition("=")[2]) for part in query.split("&") if _name(part) == "key"]
    return keys[-1] if keys else None
