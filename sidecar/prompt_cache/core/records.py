"""An entry as a store keeps it."""

import msgspec

from ..keying.request import all_text
from ..stores.base import Record
from .entry import Entry
from .filters import labels
from .packing import pack


def record_of(key: str, entry: Entry, keep_stale: float) -> Record:
    """What a store keeps of an entry, and for `keep_stale` seconds longer than it is fresh."""
    return Record(
        key=key,
        namespace=entry.namespace,
        body=pack(entry),
        created=entry.created,
        expires=None if entry.expires is None else entry.expires + keep_stale,
        labels=labels(entry),
        worth=entry.worth,
        text=None if entry.request is None else all_text(msgspec.json.decode(entry.request)),
    )
