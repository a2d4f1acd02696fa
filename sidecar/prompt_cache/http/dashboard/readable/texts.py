"""Texts and JSON as a page may show them: no controls that hide or turn what follows, and not more than is read."""

import re
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

_LINES, _CHARACTERS = 24, 2400
"""Of a text that is shown before somebody unfolds it."""
_LONGEST_JSON = 1_000_000
"""Characters of a text up to which it is looked whether it is JSON."""

_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C)
"""Marks that have what follows read in another direction."""
_UNSEEN = (*(code for code in range(32) if chr(code) not in "\t\n"), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFDD0, 0xFEFF)
_MASKED = re.compile("(?<!\ufdd0)\ufdd0<([^<>\ufdd0]+)>")
"""What a mask has put into a request."""
_SHOWN = {code: f"⟨U+{code:04X}⟩" for code in (*_UNSEEN, *_TURNING)}


def shown(text: str) -> str:
    """The same for a page: halves of characters, masks and what nobody sees are shown as signs that say so."""
    return _MASKED.sub(r"⟨\1⟩", text.replace("\r\n", "\n").encode("utf-8", "replace").decode()).translate(_SHOWN)


def decoded(data: bytes) -> Any:
    """The JSON in these bytes. Raises ValueError where they are none, or nested deeper than can be read."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not readable") from error


def pretty(value: Any) -> str:
    """JSON in lines."""
    try:
        return pretty_bytes(msgspec.json.encode(value))
    except (TypeError, ValueError, RecursionError):
        return repr(value) if not isinstance(value, dict | list) else "…"


def pretty_bytes(data: bytes) -> str:
    """The same of JSON's own bytes, as they are where they cannot be read."""
    with suppress(msgspec.DecodeError, RecursionError):
        data = msgspec.json.format(data, indent=2)
    return data.decode("utf-8", "replace")


def json_in(text: str) -> Any:
    """The object or list that a text is; None where it is something else."""
    if text.lstrip()[:1] not in ("{", "[") or len(text) > _LONGEST_JSON:
        return None
    try:
        found = decoded(text.encode())
    except ValueError:
        return None
    return found if isinstance(found, dict | list) else None


class Folded(NamedTuple):
    """A text in two parts: what is shown at once, and what is unfolded."""

    head: str
    rest: str

    @property
    def lines(self) -> int:
        """How many are unfolded."""
        return self.rest.count("\n") + 1


def folded(text: str) -> Folded:
    """Cut where it becomes long, between lines where there are any; a little more is not worth a fold."""
    at, lines = 0, 0
    while at < len(text) and lines < _LINES:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end + 1
        if end > _CHARACTERS:
            break
        at, lines = end, lines + 1
    at = at or text.rfind(" ", 0, _CHARACTERS) + 1 or _CHARACTERS
    if len(text) - at < _CHARACTERS // 4 and text.count("\n", at) < _LINES // 4:
        return Folded(text, "")
    return Folded(text[:at].removesuffix("\n"), text[at:])
