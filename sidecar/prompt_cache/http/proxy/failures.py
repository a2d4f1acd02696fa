"""What goes wrong here, told in the way of the provider whose API was called."""

from typing import NamedTuple

import msgspec

from ...protocols import ERRORS
from ..failures import Failure
from .routes import protocol_at

_encode = msgspec.json.Encoder().encode


class Told(NamedTuple):
    headers: list[tuple[bytes, bytes]]
    body: bytes


def provider_failure(path: str, failure: Failure) -> Told | None:
    """None for a path that is no provider's."""
    protocol = protocol_at(path)
    if protocol is None:
        return None
    kind = "prompt_cache_" + failure.code.replace("-", "_")
    body = _encode(ERRORS[protocol](failure.status, kind, failure.detail))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in failure.headers.items()]
    status = b"prompt-cache; fwd=bypass; detail=" + failure.code.encode()
    return Told(
        [
            *headers,
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-status", status),
        ],
        body,
    )
