"""From a canonical request to its key, and to the digests that tell which field differs."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from .request import last_user_text

KEY_SCHEMA = 1
"""Part of every key. Raise it when the canonical form changes: a wrong hit is worse than a cold cache."""

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical_json(value: Any) -> bytes:
    """The one JSON text of a canonical value: names sorted, no blanks."""
    try:
        return _encoder.encode(value)
    except OverflowError:  # integers beyond 64 bits
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


class Keyer:
    """Digests canonical requests; with a secret, by HMAC, so that a dump of the store reveals no prompt."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret

    def key(self, parts: dict[str, Any]) -> str:
        """64 hexadecimal digits."""
        return self._digest(b"prompt-cache-key-%d\n" % KEY_SCHEMA + canonical_json(parts))

    def digests(self, parts: Mapping[str, Any]) -> dict[str, str]:
        """A short digest (16 hexadecimal digits) of each field: `params.temperature`, `attributes.tenant`, ...

        The last user text is `question`; what precedes it, `history`.
        """
        fields: dict[str, Any] = {}
        for name, value in parts.items():
            if name in ("params", "attributes"):
                fields.update({f"{name}.{inner}": item for inner, item in value.items()})
            elif name == "messages":
                fields["question"] = last_user_text(parts)
                fields["history"] = _but_question(value)
            elif name != "namespace":
                fields[name] = value
        return {
            name: self._digest(name.encode() + b"\n" + canonical_json(value))[:16] for name, value in fields.items()
        }

    def _digest(self, data: bytes) -> str:
        if self._secret is None:
            return hashlib.sha256(data).hexdigest()
        return hmac.digest(self._secret, data, "sha256").hex()


def _but_question(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for at in range(len(messages) - 1, -1, -1):
        if messages[at].get("role") == "user":
            content = messages[at].get("content")
            rest = [p for p in content if not _is_text(p)] if isinstance(content, list) else None
            return [*messages[:at], {**messages[at], "content": rest}, *messages[at + 1 :]]
    return messages


def _is_text(part: Any) -> bool:
    return isinstance(part, str) or (isinstance(part, dict) and isinstance(part.get("text"), str))
