"""Sums in groups: by times and names, which they are kept apart by, and by match and reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from . import buckets
from .series import OTHER, Dimensions
from .totals import GUARD, MISS, REFUSED, SAVED, Group, add, filled, weight, without

Interval = Literal["hour", "day"]
Name = Literal["namespace", "model", "workflow", "node"]
GroupBy = Literal["hour", "day", "namespace", "model", "workflow", "node", "match", "reason"]

DIMENSIONS: tuple[GroupBy, ...] = get_args(GroupBy)
NAMES: tuple[Name, ...] = get_args(Name)
_TIMES = frozenset(get_args(Interval))
GROUPS = 1000
"""The most names, or combinations of them, that a report groups by; the rest is one group."""
GROUPS_OVER_TIME = 10_000
"""The most groups where there is one for each name and time, as far as ten names have room."""
_LEAST = 10

_Sums = dict[str, float]
_Values = tuple[str, ...]


class Grouping:
    """Sums that are added up by the values of some dimensions, each sum in one group."""

    def __init__(self, dimensions: Sequence[GroupBy]) -> None:
        self._dimensions = tuple(dict.fromkeys(dimensions))
        self._named: list[Callable[[str, Dimensions], str]] = [_VALUE[name] for name in self._dimensions]
        self._splits = [(at, _SPLIT[name]) for at, name in enumerate(self._dimensions) if name in _SPLIT]
        self._sums: dict[_Values, _Sums] = {}

    @property
    def timed(self) -> bool:
        """Whether it matters which hour or day a sum is of."""
        return not _TIMES.isdisjoint(self._dimensions)

    def add(self, bucket: str, series: Dimensions, sums: Mapping[str, float]) -> None:
        """Add the sums of one series in one hour or day."""
        values = tuple([named(bucket, series) for named in self._named])
        if not self._splits:
            add(self._sums.setdefault(values, {}), sums)
            return
        parts: list[tuple[_Values, Mapping[str, float]]] = [(values, sums)]
        for at, split in self._splits:
            parts = [((*v[:at], value, *v[at + 1 :]), some) for v, whole in parts for value, some in split(whole)]
        for values, some in parts:
            add(self._sums.setdefault(values, {}), some)

    def groups(self, most: int | None = None) -> list[Group]:
        """In the order of their values; of names beyond so many, those that matter least are one."""
        self._limit(most)
        return [
            filled(
                Group(group=" / ".join(values), by=dict(zip(self._dimensions, values, strict=True))), self._sums[values]
            )
            for values in sorted(self._sums)
        ]

    def _limit(self, most: int | None) -> None:
        names = [at for at, dimension in enumerate(self._dimensions) if dimension in NAMES]
        times = [at for at, dimension in enumerate(self._dimensions) if dimension in _TIMES]
        if most is None:
            spans = len({tuple(values[at] for at in times) for values in self._sums})
            most = GROUPS if spans <= 1 else max(_LEAST, min(GROUPS, GROUPS_OVER_TIME // spans))
        weights: dict[_Values, float] = {}
        for values, sums in self._sums.items():
            name = tuple(values[at] for at in names)
            weights[name] = weights.get(name, 0.0) + weight(sums)
        if len(weights) <= most:
            return
        other = (OTHER,) * len(names)
        ranked = sorted(weights, key=lambda name: (name != other, weights[name]), reverse=True)
        kept = set(ranked[:most])
        apart, self._sums = self._sums, {}
        for values, sums in apart.items():
            named = tuple(values[at] for at in names) in kept
            place = values if named else tuple(OTHER if at in names else each for at, each in enumerate(values))
            add(self._sums.setdefault(place, {}), sums)


# -- values of dimensions -----


def _nothing(bucket: str, series: Dimensions) -> str:  # noqa: ARG001
    return ""


def _hour(bucket: str, series: Dimensions) -> str:  # noqa: ARG001
    return buckets.shown(bucket)


def _day(bucket: str, series: Dimensions) -> str:  # noqa: ARG001
    return buckets.shown(buckets.day_around(bucket))


def _name(dimension: Name) -> Callable[[str, Dimensions], str]:
    return lambda _, series: series.named(dimension)


_SPLITTING: tuple[GroupBy, ...] = ("match", "reason")
_VALUE: Mapping[GroupBy, Callable[[str, Dimensions], str]] = {
    "hour": _hour,
    "day": _day,
    **{dimension: _name(dimension) for dimension in NAMES},
    **dict.fromkeys(_SPLITTING, _nothing),
}


# -- sums taken apart: (value, sums), which are the whole together -----

_Parts = Iterator[tuple[str, Mapping[str, float]]]


def by_match(sums: Mapping[str, float]) -> _Parts:
    """Hits and what they saved, `exact` and `semantic`; all else is neither."""
    rest = dict(sums)
    saved = {name: rest.pop(name) for name in ("hits", *SAVED) if name in rest}
    own = {f"semantic_{name}": rest.pop(f"semantic_{name}") for name in saved if f"semantic_{name}" in rest}
    exact = {name: without(value, own.get(f"semantic_{name}", 0.0)) for name, value in saved.items()}
    if exact.get("hits"):
        yield "exact", exact
        semantic = {name: value - exact[name] for name, value in saved.items()}
    else:
        semantic = saved
    yield from _present("semantic", semantic | own if any(semantic.values()) else own)
    yield from _present("", rest)


def by_reason(sums: Mapping[str, float]) -> _Parts:
    """Misses and refused answers by their reason; all else has none."""
    rest = dict(sums)
    for name, value in sums.items():
        for prefix, whole in ((MISS, "misses"), (GUARD, "misses"), (REFUSED, "refused")):
            if name.startswith(prefix):
                del rest[name]
                rest[whole] = rest.get(whole, 0.0) - value
                yield name if prefix == GUARD else name.removeprefix(prefix), {whole: value, name: value}
    yield from _present("", rest)


def _present(value: str, sums: Mapping[str, float]) -> _Parts:
    if any(sums.values()):
        yield value, sums


_SPLIT: Mapping[GroupBy, Callable[[Mapping[str, float]], Iterable[tuple[str, Mapping[str, float]]]]] = {
    "match": by_match,
    "reason": by_reason,
}
