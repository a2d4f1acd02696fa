"""Fields that several bodies have."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from ...core.entry import Source
from ...core.errors import InvalidRequest
from ...core.tickets import TICKET_PATTERN
from ...savings.grouping import NAMES, Name
from ...values.durations import seconds
from ...values.names import NAME_PATTERN, Namespace
from ...values.names import Name as AnyName

BATCH = 1000
"""The most items a batch may have."""

EITHER = "give either `prompt` or `messages`, not both"

Loc = Sequence[str | int]
Key = Annotated[str, Meta(min_length=1, max_length=128, pattern=NAME_PATTERN)]
Lease = Annotated[str, Meta(min_length=1, max_length=128, pattern=NAME_PATTERN)]
Ticket = Annotated[str, Meta(pattern=TICKET_PATTERN, description="That of the lookup it answers.")]
Names = Annotated[list[AnyName], Meta(max_length=100)]


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


class Filter(Struct, forbid_unknown_fields=True):
    """Of which names; an empty one is that of what was not named."""

    namespace: Namespace | None = None
    model: str | None = None
    workflow: str | None = None
    node: str | None = None

    @property
    def where(self) -> Mapping[Name, str]:
        """The names that are asked for, by dimension."""
        named: dict[Name, str | None] = {name: getattr(self, name) for name in NAMES}
        return {dimension: name for dimension, name in named.items() if name is not None}
