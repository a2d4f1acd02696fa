"""The bytes a store keeps: a CRC-32, then MessagePack, so that damage is noticed and never served."""

import zlib
from typing import TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()


class Corrupt(Exception):
    """Stored bytes that are not what was written."""


def pack(value: Struct) -> bytes:
    """The bytes of a value."""
    body = _encoder.encode(value)
    return zlib.crc32(body).to_bytes(4, "big") + body


def unpack(data: bytes, decoder: msgspec.msgpack.Decoder[T]) -> T:
    """The value again. Raises Corrupt when a single bit differs from what was packed."""
    view = memoryview(data)
    if len(view) < 4 or zlib.crc32(view[4:]) != int.from_bytes(view[:4], "big"):
        raise Corrupt("checksum differs")
    try:
        return decoder.decode(view[4:])
    except msgspec.DecodeError as error:
        raise Corrupt(str(error)) from None
