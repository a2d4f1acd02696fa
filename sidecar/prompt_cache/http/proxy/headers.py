"""Headers on their way to a provider, and back."""

import math
from collections.abc import Iterable

from ...core.outcome import Outcome
from .credentials import TOKEN
from .directives import PREFIX

Raw = list[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    (
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade"),
    )
)
_NOT_SENT = _HOP_BY_HOP | {
    *(b"host", b"content-length", b"expect", b"cache-control", b"pragma", b"cookie", b"origin"),
    # Who reads these would answer something else than what was asked and what will be stored.
    *(b"x-http-method-override", b"x-http-method", b"x-method-override", b"x-original-url", b"x-rewrite-url"),
    *(b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix", b"x-real-ip"),
}
_KEYS = frozenset((b"authorization", b"x-api-key", b"x-goog-api-key", b"api-key", TOKEN.encode()))
OF_THE_PAYER = frozenset(("openai-organization", "openai-project"))
"""Which of those that shape an answer say who pays for it."""
_NOT_RETURNED = _HOP_BY_HOP | {b"content-length", b"date", b"server"}
_OF_ALL = frozenset((b"content-type", b"content-language", b"retry-after"))
"""What a provider says of its answer, and not of the one whom it answers."""


def shapes(name: bytes) -> bool:
    """Whether a provider answers differently for a header of this name."""
    if name.startswith((b"anthropic-", b"openai-")):
        return True
    return name.endswith((b"-beta", b"-version", b"-fieldmask")) and not name.startswith(b"x-stainless-")


def towards(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """What goes on to the provider of a caller's headers, keys apart."""
    named = set()
    for name, value in headers:
        if name == b"connection":
            named |= {option.strip().lower() for option in value.split(b",")}
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in headers
        if name not in _NOT_SENT and name not in _KEYS and name not in named and not name.startswith(PREFIX.encode())
    ]


def back(headers: Iterable[tuple[bytes, bytes]]) -> Raw:
    """What goes on to the caller of a provider's headers."""
    return [(name.lower(), value) for name, value in headers if name.lower() not in _NOT_RETURNED]


def shared(headers: Raw) -> Raw:
    """What goes to others who get the same answer."""
    return [(name, value) for name, value in headers if name in _OF_ALL]


def of_hit(outcome: Outcome) -> Raw:
    """What tells of an answer from the cache, by RFC 9211."""
    ttl = outcome.ttl
    life = f"; ttl={math.floor(ttl)}" if isinstance(ttl, float | int) else ""
    detail = "; detail=semantic" if outcome.match == "semantic" else ""
    headers = [(b"cache-status", f'prompt-cache; hit{life}; key="{outcome.key}"{detail}'.encode())]
    if isinstance(outcome.age, float | int):
        headers.append((b"age", b"%d" % outcome.age))
    headers.append((b"x-prompt-cache-key", outcome.key.encode()))
    if outcome.match == "semantic":
        headers.append((b"x-prompt-cache-similarity", f"{outcome.similarity:.3f}".encode()))
    if saved := outcome.saved:
        told = []
        if saved.cost_usd is not None:
            told.append(f"usd={saved.cost_usd:.6f}".rstrip("0").rstrip("."))
        if saved.input_tokens is not None or saved.output_tokens is not None:
            told.append(f"tokens={(saved.input_tokens or 0) + (saved.output_tokens or 0)}")
        if saved.seconds is not None:
            told.append(f"ms={round(saved.seconds * 1000)}")
        if told:
            headers.append((b"x-prompt-cache-saved", "; ".join(told).encode()))
    return headers


def of_miss(why: str, key: str = "", **told: bool | str) -> Raw:
    """What tells of an answer from the provider; `why` is RFC 9211's `fwd`."""
    parts = ["prompt-cache", f"fwd={why}"]
    for name, value in told.items():
        if value is True:
            parts.append(name)
        elif value:
            parts.append(f"{name}={value}")
    headers: Raw = []
    if key:
        parts.append(f'key="{key}"')
        headers.append((b"x-prompt-cache-key", key.encode()))
    return [(b"cache-status", "; ".join(parts).encode()), *headers]
