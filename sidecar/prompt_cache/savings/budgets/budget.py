"""A budget, what falls under it, and the stretch of time it is for."""

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from msgspec import Struct

from ..buckets import BUDGETS

Per = Literal["hour", "day", "month"]
Then = Literal["warn", "cache_only"]


class Charge(NamedTuple):
    """Who has a model asked, and which."""

    namespace: str
    model: str = ""
    workflow: str = ""
    token: str = ""
    """The name of the caller's token."""


class Period(NamedTuple):
    """An hour, a day or a month of the calendar, in UTC; times are seconds since the epoch, `until` excluded."""

    bucket: str
    """Its name among the counters of a store; those of one kind are in the order of time."""
    since: float
    until: float

    @classmethod
    def of(cls, per: Per, now: float) -> "Period":
        """The one that a time is in."""
        time = datetime.fromtimestamp(now, UTC)
        hour = time.replace(minute=0, second=0, microsecond=0)
        if per == "hour":
            name, since, until = f"{hour:%Y-%m-%dT%H}Z", hour, hour + timedelta(hours=1)
        elif per == "day":
            since = hour.replace(hour=0)
            name, until = f"{since:%Y-%m-%d}", since + timedelta(days=1)
        else:
            since = hour.replace(hour=0, day=1)
            name, until = f"{since:%Y-%m}", (since + timedelta(days=31)).replace(day=1)
        return cls(f"{BUDGETS}{per}:{name}", since.timestamp(), until.timestamp())


class Budget(Struct, frozen=True, kw_only=True):
    """So many dollars per period for all calls that its patterns match."""

    name: str
    """Its identity: what was spent under a name stays spent, whatever else of the budget is changed."""
    usd: float
    per: Per
    then: Then = "warn"
    namespace: str = "*"
    model: str = "*"
    workflow: str = "*"
    token: str = "*"  # noqa: S105
    warn_at: float = 0.8
    """The share of it from which on its owner is warned."""

    def covers(self, charge: Charge) -> bool:
        """Whether a call falls under it. The case of a model's name does not matter."""
        return (
            _matches(charge.namespace, self.namespace)
            and _matches(charge.workflow, self.workflow)
            and _matches(charge.token, self.token)
            and (self.model == "*" or fnmatchcase(charge.model.lower(), self.model.lower()))
        )


def _matches(name: str, pattern: str) -> bool:
    return pattern == "*" or fnmatchcase(name, pattern)
