"""What an evaluation found, counted in every way that is shown."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from .judging import Judged
from .pairs import Pair
from .rates import Rate, rate

THRESHOLDS = tuple(at / 100 for at in range(50, 100))
"""Those at which everything is counted."""


class Counts(Struct, frozen=True):
    """Positives are pairs that one answer serves, negatives those that need different answers."""

    positives: int
    negatives: int
    served_positives: int
    served_negatives: int

    @property
    def hit_rate(self) -> Rate:
        return rate(self.served_positives, self.positives)

    @property
    def wrong_rate(self) -> Rate:
        return rate(self.served_negatives, self.negatives)


class Group(Struct, frozen=True):
    """The pairs of one kind or language."""

    name: str
    guarded: Counts
    cosine: Counts


class At(Struct, frozen=True):
    """All pairs at one threshold."""

    threshold: float
    guarded: Counts
    cosine: Counts


class Refusals(Struct, frozen=True):
    """How many pairs above the threshold a guard was the first to refuse."""

    guard: str
    positives: int
    negatives: int


class Report(Struct, frozen=True, kw_only=True):
    """Of one embedder, with some guards, at one threshold."""

    embedder: str
    threshold: float
    guards: tuple[str, ...]
    guarded: Counts
    cosine: Counts
    as_rare: At
    """The threshold from which on cosine alone is wrong as seldom."""
    kinds: list[Group]
    languages: list[Group]
    thresholds: list[At]
    refusals: list[Refusals]
    never_compared: int
    wrong: list[Judged]
    missed: list[Judged]


def report(judged: Sequence[Judged], *, embedder: str, threshold: float, guards: Sequence[str]) -> Report:
    """Count it all."""
    guarded, cosine = _both(judged, threshold)
    return Report(
        embedder=embedder,
        threshold=threshold,
        guards=tuple(guards),
        guarded=guarded,
        cosine=cosine,
        as_rare=_as_rare(judged, guarded.served_negatives),
        kinds=_groups(judged, threshold, _kind),
        languages=_groups(judged, threshold, _language),
        thresholds=[At(at, *_both(judged, at)) for at in THRESHOLDS],
        refusals=_refusals(judged, threshold, guards),
        never_compared=sum(each.why_not is not None for each in judged),
        wrong=[each for each in judged if not each.pair.same and each.served(threshold)],
        missed=[each for each in judged if each.pair.same and not each.served(threshold)],
    )


def count(judged: Iterable[Judged], threshold: float, *, guarded: bool = True) -> Counts:
    """How many are served."""
    totals, served = [0, 0], [0, 0]
    for each in judged:
        totals[each.pair.same] += 1
        served[each.pair.same] += each.served(threshold, guarded=guarded)
    return Counts(totals[True], totals[False], served[True], served[False])


def plain(found: Report) -> dict[str, Any]:
    """The report as JSON: counts at its threshold first, then how they come about."""
    return {
        **_plain(found.guarded),
        "threshold": found.threshold,
        "embedder": found.embedder,
        "guards": found.guards,
        "cosine": _plain(found.cosine),
        "cosine_as_rarely_wrong": {"threshold": found.as_rare.threshold, **_plain(found.as_rare.cosine)},
        "kinds": [{"kind": each.name, **_beside(each)} for each in found.kinds],
        "languages": [{"lang": each.name, **_beside(each)} for each in found.languages],
        "thresholds": [{"threshold": each.threshold, **_beside(each)} for each in found.thresholds],
        "refused_by": [msgspec.to_builtins(each) for each in found.refusals],
        "never_compared": found.never_compared,
        "wrong": [{"line": each.pair.line, "similarity": each.similarity} for each in found.wrong],
        "missed": [
            {"line": each.pair.line, "similarity": each.similarity, "guard": each.guard, "why_not": each.why_not}
            for each in found.missed
        ],
    }


def _plain(counts: Counts) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(counts),
        "hit_rate": _interval(counts.hit_rate),
        "wrong_rate": _interval(counts.wrong_rate),
    }


def _interval(found: Rate) -> dict[str, float]:
    return {"share": found.share, "low": found.low, "high": found.high}


def _beside(each: Group | At) -> dict[str, Any]:
    return {**_plain(each.guarded), "cosine": _plain(each.cosine)}


def _both(judged: Sequence[Judged], threshold: float) -> tuple[Counts, Counts]:
    return count(judged, threshold), count(judged, threshold, guarded=False)


def _groups(
    judged: Sequence[Judged], threshold: float, group_of: Callable[[Pair], tuple[bool, str] | None]
) -> list[Group]:
    groups: dict[tuple[bool, str], list[Judged]] = {}
    for each in judged:
        if (group := group_of(each.pair)) is not None:
            groups.setdefault(group, []).append(each)
    return [Group(group[1], *_both(groups[group], threshold)) for group in sorted(groups)]


def _kind(pair: Pair) -> tuple[bool, str] | None:
    """Kinds of positives come first; one name may be a kind of both."""
    return (not pair.same, pair.kind) if pair.kind else None


def _language(pair: Pair) -> tuple[bool, str] | None:
    return (False, pair.lang) if pair.lang else None


def _as_rare(judged: Sequence[Judged], wrong: int) -> At:
    """The lowest similarity from which on cosine alone serves no more negatives than `wrong`."""
    similar = sorted((each.similarity for each in judged if not each.pair.same and each.similarity), reverse=True)
    exact = sum(each.exact and not each.pair.same for each in judged)
    left = max(wrong - exact, 0)
    least = math.nextafter(similar[left], 2) if left < len(similar) else 0.0
    return At(least, *_both(judged, least))


def _refusals(judged: Sequence[Judged], threshold: float, guards: Sequence[str]) -> list[Refusals]:
    refused = {guard: [0, 0] for guard in guards}
    for each in judged:
        if each.guard and each.served(threshold, guarded=False):
            refused[each.guard][each.pair.same] += 1
    return [Refusals(guard, counts[True], counts[False]) for guard, counts in refused.items() if any(counts)]
