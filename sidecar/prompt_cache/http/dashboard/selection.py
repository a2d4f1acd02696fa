"""What is looked at: a period and filters, as the URL has them."""

from collections.abc import Mapping
from typing import Literal, get_args
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import asdict, replace

from ...savings.buckets import DAY

Period = Literal["today", "7d", "30d"]
Dimension = Literal["namespace", "model", "workflow", "node"]
PERIODS: tuple[Period, ...] = get_args(Period)
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
_DAYS: Mapping[Period, int] = {"today": 1, "7d": 7, "30d": 30}
_LONGEST = 1024


class Selection(Struct, frozen=True):
    """A filter of the empty text lets through what has no such name; None lets everything through."""

    period: Period = "7d"
    namespace: str | None = None
    model: str | None = None
    workflow: str | None = None
    node: str | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> "Selection":
        """From a query; what cannot be read is as if it was left out."""
        period = arguments.get("period")
        filters = {name: arguments[name][:_LONGEST] for name in DIMENSIONS if name in arguments}
        return cls(next((each for each in PERIODS if each == period), "7d"), **filters)

    @property
    def where(self) -> dict[Dimension, str]:
        """The filters that are set."""
        return {name: value for name in DIMENSIONS if (value := getattr(self, name)) is not None}

    @property
    def days(self) -> int:
        return _DAYS[self.period]

    def since(self, now: float) -> float:
        """Its first moment: whole days of UTC, today among them."""
        return (now // DAY - self.days + 1) * DAY

    def link(self, path: str, /, **changes: str | int | None) -> str:
        """To a page with the same selection but for these changes; what is no filter is added to the query."""
        mine = {name: value for name, value in changes.items() if name in self.__struct_fields__}
        query = asdict(replace(self, **mine)) | {name: value for name, value in changes.items() if name not in mine}
        said = {name: value for name, value in query.items() if value is not None and (name, value) != ("period", "7d")}
        return f"{path}?{urlencode(said)}" if said else path

    def without(self, path: str, name: str) -> str:
        """The link that takes one filter away."""
        return self.link(path, **{name: None})
