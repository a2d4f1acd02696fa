"""What is exported, as lines of JSON that people can read: a header, entries, words on pairs, rows of counters."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from ..core.entry import Entry
from ..core.learning.pairs import KeptPair
from ..stores.base import CounterRow
from ..values.names import Namespace

_FORMAT = "prompt-cache-export"
_VERSION = 1
_VERBATIM = ("request", "response")
"""Fields that are JSON themselves."""


def header_line() -> bytes:
    """The first line: which format this is."""
    return msgspec.json.encode({"format": _FORMAT, "version": _VERSION}) + b"\n"


def counter_line(row: CounterRow) -> bytes:
    """A row of the savings statistics."""
    return msgspec.json.encode(row) + b"\n"


def pair_line(pair: KeptPair) -> bytes:
    """What was said of a pair of questions."""
    return msgspec.json.encode(pair) + b"\n"


def entry_line(key: str, entry: Entry) -> bytes:
    """An entry with its key, its answer and its request as the JSON that they are."""
    fields: dict[str, Any] = {"key": key, **msgspec.to_builtins(entry, builtin_types=(bytes,))}
    for name in _VERBATIM:
        if (value := fields.pop(name, None)) is not None:
            # JSON of several lines goes in as text, so that it comes out byte for byte.
            whole = b"\n" not in value and b"\r" not in value and value == value.strip()
            fields.update({name: Raw(value)} if whole else {f"{name}_text": value.decode()})
    return msgspec.json.encode(fields) + b"\n"


def parse(line: bytes) -> tuple[str, Entry] | KeptPair | CounterRow | None:
    """An entry with its key, what was said of a pair, a row of sums, or nothing to keep. Raises ValueError."""
    if not line.strip():
        return None
    raw = msgspec.json.decode(line, type=dict[str, Raw])
    if "format" in raw:
        header = msgspec.json.decode(line, type=dict[str, Any])
        if header != {"format": _FORMAT, "version": _VERSION}:
            raise ValueError(f"it is not of the format {_FORMAT} {_VERSION}")
        return None
    if "bucket" in raw:
        return msgspec.json.decode(line, type=CounterRow)
    if "pair" in raw:
        pair = msgspec.json.decode(line, type=KeptPair)
        msgspec.convert(pair.namespace, Namespace)
        return pair
    verbatim = dict(_verbatim(raw))
    fields = {name: msgspec.json.decode(value) for name, value in raw.items()}
    key = msgspec.convert(fields.pop("key", None), str)
    msgspec.convert(fields.get("namespace"), Namespace)
    return key, msgspec.convert({**fields, **verbatim}, Entry)


def _verbatim(raw: dict[str, Raw]) -> Iterator[tuple[str, bytes]]:
    for name in _VERBATIM:
        if name in raw:
            value = bytes(raw.pop(name))
        elif f"{name}_text" in raw:
            value = msgspec.json.decode(raw.pop(f"{name}_text"), type=str).encode()
        else:
            continue
        msgspec.json.decode(value)  # what is stored can be answered with
        yield name, value
