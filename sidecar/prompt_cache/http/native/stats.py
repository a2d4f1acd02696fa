"""What was asked, served and saved."""

import time
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from flask import Response
from msgspec import UNSET, Meta, Struct, UnsetType

from ...core.cache import PromptCache
from ...core.errors import InvalidRequest
from ...savings.currency import Currency
from ...savings.grouping import DIMENSIONS, GroupBy, Interval
from ...savings.semantic import Semantic
from ...savings.totals import Group, Saved, Served, Spent, Totals
from ...stores.base import NamespaceSize
from ...values.durations import STATED, seconds
from ..api import Api
from ..auth import Caller
from .fields import Filter, time_of
from .table import CSV, csv_of

_YEARS = r"^(197[1-9]|19[89][0-9]|[2-8][0-9]{3})-.+$(?!\n)"  # that no time zone takes out of what is understood
_TIME = {
    "anyOf": [{"format": "date-time", "pattern": _YEARS}, {"pattern": STATED}],
    "examples": ["2026-11-23T00:00:00Z", "7d"],
}
Moment = Annotated[str, Meta(description="A time since 1970, or a duration before now.", extra_json_schema=_TIME)]
_DIMENSION = f"({'|'.join(DIMENSIONS)})"
_DIMENSIONS = {"pattern": f"^{_DIMENSION}(,{_DIMENSION})*$(?!\n)", "examples": ["workflow", "day,model"]}
Dimensions = Annotated[str, Meta(description=f"One or more of {', '.join(DIMENSIONS)}.", extra_json_schema=_DIMENSIONS)]
_LAST_MOMENT = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


class StatsQuery(Filter, forbid_unknown_fields=True):
    """Of which names, from when to when, and by what. Times are RFC 3339, or a duration before now."""

    since: Moment | None = None
    until: Moment | None = None
    group_by: Dimensions | None = None
    interval: Interval | None = None

    @property
    def dimensions(self) -> tuple[GroupBy, ...]:
        """What is grouped by, the time first. Raises InvalidRequest."""
        time: tuple[GroupBy, ...] = (self.interval,) if self.interval else ()
        if self.group_by is None:
            return time
        known: dict[str, GroupBy] = {name: name for name in DIMENSIONS}
        names = self.group_by.split(",")
        if not known.keys() >= set(names):
            wrong = next(name for name in names if name not in known)
            raise InvalidRequest(
                ("group_by",),
                f"`{wrong[:50]}` is none of {', '.join(DIMENSIONS)}: use one, or several joined by commas",
            )
        return tuple(dict.fromkeys((*time, *(known[name] for name in names))))


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
    spent: Spent
    by_match: dict[str, Served]
    misses_by_reason: dict[str, int]
    refused_by_reason: dict[str, int]
    semantic: Semantic
    entries: int
    bytes: int
    currency: Currency
    groups: list[Group] | UnsetType = UNSET


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("GET", "/v1/stats", role="reader", query=StatsQuery, returns=Stats, fails=(400, 403))
    def stats(caller: Caller, query: StatsQuery) -> Stats:
        """What was asked, served, saved and spent, over whole hours."""

        def counted(namespace: str) -> bool:
            return caller.may_touch(namespace) and query.namespace in (None, namespace)

        since, until, total, groups = _reported(caller, query)
        held = cache.sizes(counted).values()
        return _stats(since, until, total, groups if query.dimensions else None, held, cache.currency)

    @api.route("GET", "/v1/stats.csv", role="reader", query=StatsQuery, returns=CSV, fails=(400, 403))
    def stats_csv(caller: Caller, query: StatsQuery) -> Response:
        """The same as a table: a row for each group, or one of the totals."""
        _, _, total, groups = _reported(caller, query)
        headers = {"Content-Disposition": 'attachment; filename="prompt-cache-stats.csv"'}
        table = csv_of(query.dimensions, groups if query.dimensions else [Group.of(total)])
        return Response(table, content_type=f"{CSV}; charset=utf-8; header=present", headers=headers)

    def _reported(caller: Caller, query: StatsQuery) -> tuple[float | None, float | None, Totals, list[Group]]:
        if query.namespace is not None:
            caller.require_namespaces((query.namespace,))
        now = time.time()
        since, until = (moment(name, getattr(query, name), now) for name in ("since", "until"))
        found = cache.statistics.report(
            caller.may_touch, since=since, until=until, group_by=query.dimensions, where=query.where
        )
        return since, until, *found


def _stats(
    since: float | None,
    until: float | None,
    total: Totals,
    groups: list[Group] | None,
    held: Collection[NamespaceSize],
    currency: Currency,
) -> Stats:
    return Stats(
        since=None if since is None else time_of(since),
        until=None if until is None else time_of(until),
        **{name: getattr(total, name) for name in Totals.__struct_fields__},
        entries=sum(each.entries for each in held),
        bytes=sum(each.bytes for each in held),
        currency=currency,
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
