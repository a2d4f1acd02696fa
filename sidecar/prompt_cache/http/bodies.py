"""What goes over the wire: bodies, queries and answers that are not the cache's own types."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from ..core.entry import Entry, Source
from ..core.errors import InvalidRequest
from ..core.lookup import LEASE_TTL, Lookup
from ..core.outcome import Outcome, Stored
from ..core.store import NewEntry
from ..keying.request import Request
from ..responses.usage import Usage
from ..savings.statistics import Group, GroupBy, Saved, Totals
from ..stores.base import NamespaceSize
from ..values.durations import Duration, seconds
from ..values.names import DEFAULT_NAMESPACE, Name, Namespace

_LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC).timestamp()

BATCH = 1000
"""The most items a batch may have."""

Loc = Sequence[str | int]
Key = Annotated[str, Meta(min_length=1, max_length=128)]
Names = Annotated[list[Name], Meta(max_length=100)]


def _seconds(loc: Loc, name: str, value: float | str | None) -> float | None:
    try:
        return None if value is None else seconds(value)
    except ValueError as error:
        raise InvalidRequest((*loc, name), str(error)) from None


class SourceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Who asks: names for the savings report, never part of a key."""

    workflow: Annotated[str, Meta(max_length=256)] = ""
    node: Annotated[str, Meta(max_length=256)] = ""

    def source(self) -> Source:
        return Source(self.workflow, self.node)


class LookupBody(Request, kw_only=True, forbid_unknown_fields=True):
    """A request, and how it may be answered."""

    match: Literal["exact", "semantic"] = "exact"
    threshold: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_age: Duration | None = None
    max_stale: Duration | None = None
    lease: bool | Duration = False
    source: SourceBody | None = None

    def lookup(self, loc: Loc = ()) -> Lookup:
        if self.match == "semantic":
            msg = "semantic matching needs an embedder, and none is configured here; use `exact`"
            raise InvalidRequest((*loc, "match"), msg)
        if self.threshold is not None:
            raise InvalidRequest((*loc, "threshold"), "a threshold goes with `match: semantic`")
        lease = LEASE_TTL if self.lease is True else self.lease
        return Lookup(
            request=self,
            max_age=_seconds(loc, "max_age", self.max_age),
            max_stale=_seconds(loc, "max_stale", self.max_stale),
            lease=None if lease is False else _seconds(loc, "lease", lease) or None,
            source=self.source.source() if self.source else Source(),
        )


class LookupBatch(Struct, forbid_unknown_fields=True):
    """Many lookups at once."""

    items: Annotated[list[LookupBody], Meta(max_length=BATCH)]


class Outcomes(Struct):
    """One outcome each, in order."""

    items: list[Outcome]


class StoreBody(Request, kw_only=True, forbid_unknown_fields=True):
    """An answer: under the `key` of a lookup, or under the request itself."""

    response: Raw
    key: Key | None = None
    ttl: Duration | UnsetType | None = UNSET
    tags: Names = msgspec.field(default_factory=list)
    depends_on: Names = msgspec.field(default_factory=list)
    usage: dict[str, Any] | None = None
    cost_usd: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    latency: Annotated[float, Meta(ge=0, le=1e9, description="Seconds the model took.")] | None = None
    finish_reason: Annotated[str, Meta(max_length=64)] | None = None
    repeats: Annotated[int, Meta(ge=0, le=BATCH, description="Repeats in its batch that get the answer as well.")] = 0
    lease: Annotated[str, Meta(max_length=128)] | None = None
    source: SourceBody | None = None

    def new_entry(self, loc: Loc = ()) -> NewEntry:
        if self.key is not None:
            if self.asks:
                raise InvalidRequest((*loc, "key"), "give the key of a lookup or the request itself, not both")
            for name in ("system", "model", "tools", "response_format", "params", "attributes", "normalize"):
                if getattr(self, name) is not None:
                    raise InvalidRequest((*loc, name), "with a `key` the request is known already; leave this out")
        elif not self.asks:
            raise InvalidRequest((*loc, "key"), "give the `key` of a lookup, or the request: `prompt` or `messages`")
        ttl = self.ttl
        return NewEntry(
            response=bytes(self.response),
            key=self.key,
            request=None if self.key is not None else self,
            ttl=ttl if isinstance(ttl, UnsetType) else _seconds(loc, "ttl", ttl),
            tags=self.tags,
            depends_on=self.depends_on,
            usage=self.usage,
            cost_usd=self.cost_usd,
            latency=self.latency,
            finish_reason=self.finish_reason,
            repeats=self.repeats,
            lease=self.lease,
            source=self.source.source() if self.source else None,
        )


class StoreBatch(Struct, forbid_unknown_fields=True):
    """Many answers at once."""

    items: Annotated[list[StoreBody], Meta(max_length=BATCH)]


class StoredItems(Struct):
    """What became of each, in order."""

    items: list[Stored]


class InvalidateBody(Request, kw_only=True, forbid_unknown_fields=True):
    """What to delete: one entry by key or request, or all that meet the conditions."""

    namespace: Namespace | UnsetType = UNSET  # type: ignore[assignment]
    key: Key | None = None
    tags: Names = msgspec.field(default_factory=list)
    older_than: Duration | None = None
    dry_run: bool = False

    def older_than_seconds(self) -> float | None:
        return _seconds((), "older_than", self.older_than)


class Deleted(Struct):
    """How many entries are gone."""

    deleted: int


class Invalidated(Deleted):
    """How many entries are gone, or in a dry run would be."""

    dry_run: bool


class FlushBody(Struct, forbid_unknown_fields=True):
    """One namespace, or all there are."""

    namespace: Namespace | None = None
    all: bool = False


class BumpBody(Struct, forbid_unknown_fields=True):
    """Names whose dependents are stale from now on."""

    names: Annotated[list[Name], Meta(min_length=1, max_length=100)]
    namespace: Namespace = DEFAULT_NAMESPACE


class Versions(Struct):
    """The numbers these names have now."""

    versions: dict[str, int]


class ReleaseBody(Struct, forbid_unknown_fields=True):
    """A lease to give back."""

    key: Key
    lease: Annotated[str, Meta(min_length=1, max_length=128)]


class Released(Struct):
    """Whether it was still held."""

    released: bool


class StatsQuery(Struct, forbid_unknown_fields=True):
    """Of which namespace, from when to when, and by what. Times are RFC 3339, or a duration before now."""

    namespace: Namespace | None = None
    since: str | None = None
    until: str | None = None
    group_by: GroupBy | None = None


class Stats(Struct):
    """Totals over whole hours, and how much is held now."""

    since: datetime | None
    until: datetime | None
    lookups: int
    hits: int
    misses: int
    stale: int
    hit_rate: float | None
    stored: int
    refused: int
    saved: Saved
    entries: int
    bytes: int
    groups: list[Group] | UnsetType = UNSET


def stats(
    since: float | None, until: float | None, total: Totals, groups: list[Group] | None, held: Sequence[NamespaceSize]
) -> Stats:
    return Stats(
        since=None if since is None else _time(since),
        until=None if until is None else _time(until),
        **{name: getattr(total, name) for name in Totals.__struct_fields__},
        entries=sum(each.entries for each in held),
        bytes=sum(each.bytes for each in held),
        groups=UNSET if groups is None else groups,
    )


def moment(name: str, value: str | None, now: float) -> float | None:
    """Seconds since the epoch of a time, or of a duration before now."""
    if value is None:
        return None
    try:
        return now - seconds(value)
    except ValueError:
        pass
    try:
        found = msgspec.convert(value, datetime)
        stamp = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        if 0 <= stamp <= _LAST_MOMENT:
            return stamp
    except (msgspec.ValidationError, ValueError, OverflowError):
        pass
    raise InvalidRequest((name,), "not a time such as 2026-11-23T00:00:00Z, nor a duration before now such as 7d")


class EntriesQuery(Struct, forbid_unknown_fields=True):
    """Which entries to list; `q` is searched in the prompts, where those are kept."""

    namespace: Namespace = DEFAULT_NAMESPACE
    tag: Name | None = None
    model: Name | None = None
    q: Annotated[str, Meta(min_length=1, max_length=1024)] | None = None
    cursor: Annotated[str, Meta(max_length=1024)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 50


class EntrySummary(Struct, kw_only=True):
    """An entry without its answer. Money in US dollars, durations in seconds."""

    key: str
    namespace: str
    created: datetime
    expires: datetime | None
    model: str | None
    answered_by: str | None
    tags: list[str]
    attributes: dict[str, str]
    depends_on: list[str]
    finish_reason: str | None
    usage: Usage | None
    cost_usd: float | None
    latency: float | None
    source: Source
    request: Raw | None
    """The canonical request; null where prompts are not kept."""


class EntryDetail(EntrySummary, kw_only=True):
    """An entry with its answer."""

    response: Raw
    digests: dict[str, str]


class EntryPage(Struct):
    """Entries, newest first; `next_cursor` is null on the last page."""

    items: list[EntrySummary]
    next_cursor: str | None


def _common(key: str, entry: Entry) -> dict[str, Any]:
    names = EntrySummary.__struct_fields__
    found = {name: getattr(entry, name) for name in names if name in Entry.__struct_fields__}
    return found | {
        "key": key,
        "created": _time(entry.created),
        "expires": None if entry.expires is None else _time(entry.expires),
        "request": None if entry.request is None else Raw(entry.request),
    }


def entry_summary(key: str, entry: Entry) -> EntrySummary:
    return EntrySummary(**_common(key, entry))


def entry_detail(key: str, entry: Entry) -> EntryDetail:
    return EntryDetail(**_common(key, entry), response=Raw(entry.response), digests=entry.digests)


def _time(value: float) -> datetime:
    return datetime.fromtimestamp(value, UTC)
