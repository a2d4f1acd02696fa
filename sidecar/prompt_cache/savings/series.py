"""What numbers are kept apart by. Callers invent the names, so there is a bound to how many are kept."""

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import msgspec

OTHER = "other"
"""The name of what is not kept apart."""
_UNNAMED = "!other"  # as a namespace: which no caller can name, and only who may touch all can see

SERIES = 1000
"""The most series, and the most namespaces, that are counted apart in an hour or a day."""


class Dimensions(NamedTuple):
    """What a number is kept apart by."""

    namespace: str
    model: str
    workflow: str
    node: str

    @classmethod
    def of(cls, series: str) -> "Dimensions":
        """As a store gives it back."""
        return cls(*msgspec.json.decode(series))

    @classmethod
    def known(cls, series: str) -> "Dimensions | None":
        """As a store gives it back; None where others than statistics count there."""
        try:
            return msgspec.json.decode(series, type=cls)
        except msgspec.MsgspecError:
            return None

    @property
    def series(self) -> str:
        """As a store keeps it."""
        return msgspec.json.encode(self).decode()

    @property
    def total(self) -> "Dimensions":
        """The series of its namespace as a whole."""
        return Dimensions(self.namespace, "", "", "")

    def named(self, dimension: str) -> str:
        """The name of one dimension, for people."""
        name: str = getattr(self, dimension)
        return OTHER if name == _UNNAMED else name


UNNAMED = Dimensions(_UNNAMED, OTHER, OTHER, OTHER)
"""Of namespaces that there was no place for."""


class Places:
    """Which series have a place of their own. Those of this hour and the last keep it, whoever floods us with names."""

    def __init__(self, taken: Iterable[Dimensions] = ()) -> None:
        self._hour = 0
        self._series = dict.fromkeys(taken, 0)
        self._namespaces = dict.fromkeys((series.namespace for series in self._series), 0)

    def place(self, series: Dimensions, hour: int = 0) -> Dimensions:
        """The series itself; where there is no room, what else its namespace does; or what all others do."""
        if hour != self._hour:
            self._hour = hour
            self._series = _since(self._series, hour - 1)
            self._namespaces = _since(self._namespaces, hour - 1)
        if not _take(self._namespaces, series.namespace, hour):
            return UNNAMED
        return series if _take(self._series, series, hour) else Dimensions(series.namespace, OTHER, OTHER, OTHER)


_T = TypeVar("_T")


def _take(places: dict[_T, int], name: _T, hour: int) -> bool:
    if name not in places and len(places) >= SERIES:
        return False
    places[name] = hour
    return True


def _since(places: dict[_T, int], hour: int) -> dict[_T, int]:
    return {name: last for name, last in places.items() if last >= hour}
