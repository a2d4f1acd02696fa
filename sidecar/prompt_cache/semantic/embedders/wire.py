"""What goes between those who embed and the process that has the model: a length, and a message in MessagePack."""

import struct
from pathlib import Path

import msgspec
from msgspec import Struct

LARGEST = 16 * 1024 * 1024
"""Bytes of a message: more than either side ever sends."""
HEAD = struct.Struct("!I")


class Ask(Struct, array_like=True):
    texts: list[str]


class Answer(Struct, array_like=True):
    """The first one, when the model is loaded or cannot be, answers nothing."""

    vectors: list[bytes]
    error: str = ""


_encoder = msgspec.msgpack.Encoder()
read_ask = msgspec.msgpack.Decoder(Ask).decode
read_answer = msgspec.msgpack.Decoder(Answer).decode


def framed(message: Ask | Answer) -> bytes:
    body = _encoder.encode(message)
    return HEAD.pack(len(body)) + body


def size_of(head: bytes) -> int:
    """Raises ValueError for what nobody sends."""
    (size,) = HEAD.unpack(head)
    if size > LARGEST:
        raise ValueError("a message is too large")
    return int(size)


def lock_of(socket: Path) -> Path:
    """The file that the process behind a socket holds locked while it lives."""
    return socket.with_suffix(".lock")
