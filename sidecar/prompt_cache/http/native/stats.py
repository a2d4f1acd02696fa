"""What was asked, served and saved."""

import time
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ...core.cache import PromptCache
from ...core.errors import InvalidRequest
from ...savings.semantic import Semantic
from ...savings.statistics import Group, GroupBy, Saved, Totals
from ...stores.base import NamespaceSize
from ...values.durations import STATED, seconds
from ...values.names import Namespace
from ..api import Api
from ..auth import Caller
from .fields import time_of

_YEARS = r"^(197[1-9]|19[89][0-9]|[2-8][0-9]{3})-.+$(?!\n)"  # that no time zone takes out of what is understood
_TIME = {
    "anyOf": [{"format": "date-time", "pattern": _YEARS}, {"pattern": STATED}],
    "examples": ["2026-11-23T00:00:00Z", "7d"],
}
Moment = Annotated[str, Meta(description="A time since 1970, or a duration before now.", extra_json_schema=_TIME)]
_LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


class StatsQuery(Struct, forbid_unknown_fields=True):
    """Of which namespace, from when to when, and by what. Times are RFC 3339, or a duration before now."""

    namespace: Namespace | None = None
    since: Moment | None = None
    until: Moment | None = None
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
    semantic: Semantic
    entries: int
    bytes: int
    groups: list[Group] | UnsetType = UNSET


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("GET", "/v1/stats", role="reader", query=StatsQuery, returns=Stats, fails=(400, 403))
    def stats(caller: Caller, query: StatsQuery) -> Stats:
        """What was asked, served and saved, over whole hours."""
        now = time.time()
        if query.namespace is not None:
            caller.require_namespaces((query.namespace,))

        def counted(namespace: str) -> bool:
            return caller.may_touch(namespace) and query.namespace in (None, namespace)

        since, until = (_moment(name, getattr(query, name), now) for name in ("since", "until"))
        total, groups = cache.statistics.report(counted, since=since, until=until, group_by=query.group_by)
        return _stats(since, until, total, groups if query.group_by else None, cache.sizes(counted).values())


def _stats(
    since: float | None, until: float | None, total: Totals, groups: list[Group] | None, held: Collection[NamespaceSize]
) -> Stats:
    return Stats(
        since=None if since is None else time_of(since),
        until=None if until is None else time_of(until),
        **{name: getattr(total, name) for name in Totals.__struct_fields__},
        entries=sum(each.entries for each in held),
        bytes=sum(each.bytes for each in held),
        groups=UNSET if groups is None else groups,
    )


def _moment(name: str, value: str | None, now: float) -> float | None:
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
