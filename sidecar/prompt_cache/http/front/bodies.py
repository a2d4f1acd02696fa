"""What bodies say."""

from typing import TypeVar

import msgspec

_Body = TypeVar("_Body")


def decoded(decoder: "msgspec.json.Decoder[_Body]", body: bytes) -> _Body | None:
    """None for what is wrong with it to be told by Flask's route, in one place."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
