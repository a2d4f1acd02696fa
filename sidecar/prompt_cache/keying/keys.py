"""From a canonical request to its key, and to the digests that tell which field differs."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from .messages import is_user, without_texts
from .request import last_user_text, leading_system

KEY_SCHEMA = 2
"""Part of every key. Raise it when the canonical form changes: a wrong hit is worse than a cold cache."""

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical_json(value: Any) -> bytes:
    """The one JSON text of a canonical value: names sorted (schemas apart), no blanks."""
    return _encoder.encode(value)


class Keyer:
    """Digests canonical requests; with a secret, by HMAC, so that a dump of the store reveals no prompt."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret

    def key(self, parts: dict[str, Any]) -> str:
        """64 hexadecimal digits."""
        return self._digest(b"prompt-cache-key-%d\n" % KEY_SCHEMA + canonical_json(parts))

    def pair(self, one: str, other: str) -> str:
        """What two keys are known by together, whichever comes first: 64 hexadecimal digits."""
        return self._digest(b"pair\n" + "\n".join(sorted((one, other))).encode())

    def text(self, text: str) -> str:
        """A short digest (16 hexadecimal digits) of what an answer says."""
        return self._digest(b"text\n" + text.encode("utf-8", "surrogatepass"))[:16]

    def digests(self, parts: Mapping[str, Any]) -> dict[str, str]:
        """A short digest (16 hexadecimal digits) of each field."""
        return {
            name: self._digest(name.encode() + b"\n" + canonical_json(value))[:16]
            for name, value in fields_of(parts).items()
        }

    def _digest(self, data: bytes) -> str:
        if self._secret is None:
            return hashlib.sha256(data).hexdigest()
        return hmac.digest(self._secret, data, "sha256").hex()


def fields_of(parts: Mapping[str, Any]) -> dict[str, Any]:
    """What a canonical request says, field by field: `params.temperature`, `attributes.tenant`, ...

    The last user text is `question`, the leading system messages are `system`, all else that is said is `history`.
    """
    fields: dict[str, Any] = {}
    for name, value in parts.items():
        if name in ("params", "attributes"):
            fields.update({f"{name}.{inner}": item for inner, item in value.items()})
        elif name == "messages":
            leading = leading_system(parts)
            if leading:
                fields["system"] = value[:leading]
            fields["question"] = last_user_text(parts)
            fields["history"] = _but_question(value[leading:])
        elif name != "namespace":
            fields[name] = value
    return fields


def _but_question(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for at in range(len(messages) - 1, -1, -1):
        if is_user(messages[at]):
            rest = {
                name: without_texts(value) if name in ("content", "parts") else value
                for name, value in messages[at].items()
            }
            return [*messages[:at], rest, *messages[at + 1 :]]
    return messages
