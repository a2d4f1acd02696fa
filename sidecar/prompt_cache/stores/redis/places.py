"""Where a listing stands, and the cursor that says so."""

import struct
from math import inf, isfinite

from ..base import RecordQuery

TIME = struct.Struct(">d")

Place = tuple[float, bytes]
"""(created or gained, key) of a record; listings go from greater to smaller, or oldest first the other way."""


def cursor_of(place: Place) -> str:
    return (TIME.pack(place[0]) + place[1]).hex()


def beginning(query: RecordQuery, cursor: str | None) -> Place | None:
    """What a listing goes on after, None where it begins at the very first."""
    place = None if cursor is None else _place(cursor)
    if query.order != "newest" or query.created_before is None:
        return place
    end = (query.created_before, b"")
    return min(place, end) if place else end


def _place(cursor: str) -> Place:
    try:
        packed = bytes.fromhex(cursor)
        (created,) = TIME.unpack_from(packed)
        packed[TIME.size :].decode()
    except (ValueError, struct.error):
        created = inf
    if not isfinite(created):
        raise ValueError("the cursor is not one that a listing returned")
    return (created, packed[TIME.size :])
