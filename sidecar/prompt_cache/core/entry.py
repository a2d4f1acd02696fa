"""What is remembered: an answer with its cost and its life, and a miss that waits for one."""

import zlib

import msgspec
from msgspec import Struct

from ..responses.usage import Usage


class Source(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who asked: names for the savings report, never part of a key."""

    workflow: str = ""
    node: str = ""


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stored answer. Times are seconds since the epoch."""

    namespace: str
    response: bytes
    """The answer's JSON, byte for byte as it was stored."""
    created: float
    expires: float | None
    model: str | None = None
    answered_by: str | None = None
    """The model that the answer itself names."""
    attributes: dict[str, str] = {}
    tags: list[str] = []
    depends_on: list[str] = []
    generation: int = 0
    """Where the namespace's version counters stood when the lookup missed."""
    usage: Usage | None = None
    cost_usd: float | None = None
    latency: float | None = None
    finish_reason: str | None = None
    digests: dict[str, str] = {}
    request: bytes | None = None
    """The canonical request's JSON, where prompts are kept."""
    source: Source = Source()


class Miss(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a store needs to know of the lookup it answers."""

    namespace: str
    missed: float
    generation: int
    model: str | None = None
    attributes: dict[str, str] = {}
    digests: dict[str, str] = {}
    request: bytes | None = None
    input_tokens: int = 0
    """A rough count of what was asked, for answers that carry no usage."""
    source: Source = Source()


class Corrupt(Exception):
    """Stored bytes that are not what was written."""


_encoder = msgspec.msgpack.Encoder()
_entries = msgspec.msgpack.Decoder(Entry)
_misses = msgspec.msgpack.Decoder(Miss)


def pack(value: Entry | Miss) -> bytes:
    """The bytes a store keeps: a CRC-32, then MessagePack."""
    body = _encoder.encode(value)
    return zlib.crc32(body).to_bytes(4, "big") + body


def unpack_entry(data: bytes) -> Entry:
    """Raises Corrupt when a single bit differs from what was packed."""
    try:
        return _entries.decode(_checked(data))
    except msgspec.DecodeError as error:
        raise Corrupt(str(error)) from None


def unpack_miss(data: bytes) -> Miss:
    """Raises Corrupt when a single bit differs from what was packed."""
    try:
        return _misses.decode(_checked(data))
    except msgspec.DecodeError as error:
        raise Corrupt(str(error)) from None


def _checked(data: bytes) -> memoryview:
    view = memoryview(data)
    if len(view) < 4 or zlib.crc32(view[4:]) != int.from_bytes(view[:4], "big"):
        raise Corrupt("checksum differs")
    return view[4:]
