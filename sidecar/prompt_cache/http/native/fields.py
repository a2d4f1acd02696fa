"""Fields that several bodies have."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from ...core.entry import Source
from ...core.errors import InvalidRequest
from ...core.tickets import TICKET_PATTERN
from ...values.durations import seconds
from ...values.names import NAME_PATTERN, Name

BATCH = 1000
"""The most items a batch may have."""

EITHER = "give either `prompt` or `messages`, not both"

Loc = Sequence[str | int]
Key = Annotated[str, Meta(min_length=1, max_length=128, pattern=NAME_PATTERN)]
Lease = Annotated[str, Meta(min_length=1, max_length=128, pattern=NAME_PATTERN)]
Ticket = Annotated[str, Meta(pattern=TICKET_PATTERN, description="That of the lookup it answers.")]
Names = Annotated[list[Name], Meta(max_length=100)]


class SourceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Who asks: names for the savings report, never part of a key."""

    workflow: Annotated[str, Meta(max_length=256)] = ""
    node: Annotated[str, Meta(max_length=256)] = ""

    def source(self) -> Source:
        return Source(self.workflow, self.node)


def seconds_of(loc: Loc, name: str, value: float | str | None) -> float | None:
    """Seconds of a duration that may be left out. Raises InvalidRequest."""
    try:
        return None if value is None else seconds(value)
    except ValueError as error:
        raise InvalidRequest((*loc, name), str(error)) from None


def time_of(stamp: float) -> datetime:
    """A time as it goes over the wire, of seconds since the epoch."""
    return datetime.fromtimestamp(stamp, UTC)
