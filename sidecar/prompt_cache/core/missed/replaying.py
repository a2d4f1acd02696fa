"""What answers that were paid for would not have been, had questions been one or lives longer.

Each is a lower bound: counted is only what was really asked, stored and asked again, and is still remembered.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Self

from msgspec import Struct

from .record import Paid


class Gain(Struct, frozen=True, kw_only=True):
    """Calls that would not have been paid for. Money in US dollars; times are seconds since the epoch."""

    hits: int = 0
    cost_usd: float = 0.0
    """Of those whose price is known."""
    unpriced: int = 0
    since: float | None = None
    """The first call that was looked at."""
    until: float | None = None

    @classmethod
    def of(cls, spared: Sequence[Paid], seen: Sequence[Paid]) -> Self:
        """These, of those that were looked at."""
        costs = [each.cost_usd for each in spared]
        return cls(
            hits=len(costs),
            cost_usd=sum(cost for cost in costs if cost is not None),
            unpriced=costs.count(None),
            since=min((each.asked for each in seen), default=None),
            until=max((each.asked for each in seen), default=None),
        )

    @classmethod
    def sum(cls, some: Iterable["Gain"]) -> Self:
        """All of them together."""
        all_ = list(some)
        return cls(
            hits=sum(each.hits for each in all_),
            cost_usd=sum(each.cost_usd for each in all_),
            unpriced=sum(each.unpriced for each in all_),
            since=min((each.since for each in all_ if each.since is not None), default=None),
            until=max((each.until for each in all_ if each.until is not None), default=None),
        )


def as_one(questions: Iterable[Sequence[Paid]]) -> Gain:
    """Had these questions been one: each answer would have served all that was asked within its life.

    Nothing that depends on a name serves another, for a bump may have ended it. What was asked anew while its own
    question had an answer that lived, or took none beyond some age, would have been asked anew all the same.
    """
    seen = sorted((each for paid in questions for each in _marked(paid)), key=lambda each: each[0].asked)
    spared: list[Paid] = []
    kept: Paid | None = None
    for each, anew in seen:
        if kept and not (anew or each.wanted_young or kept.depends) and _lives(kept, each.asked):
            spared.append(each)
        else:
            kept = each
    return Gain.of(spared, [each for each, _ in seen])


def _marked(paid: Sequence[Paid]) -> Iterator[tuple[Paid, bool]]:
    """Each answer of one question, and whether it was asked for while the one before lived."""
    before: Paid | None = None
    for each in paid:
        yield each, before is not None and _lives(before, each.asked)
        before = each


def _lives(paid: Paid, at: float) -> bool:
    return paid.stored <= at and (paid.expires is None or at < paid.expires)


def with_life(paid: Sequence[Paid], life: float) -> Gain:
    """Had answers lived for so many seconds, where the configuration said for how long they do.

    `paid` is what was paid for one question, the oldest first.
    """
    return Gain.of(list(_outlived(paid, life)), paid)


def _outlived(paid: Sequence[Paid], life: float) -> Iterator[Paid]:
    kept: Paid | None = None
    for before, each in pairwise(paid):
        if before.again is None or not before.by_rule or each.stored < before.again:
            kept = None  # ended by something else, or not known to have ended
            continue
        kept = kept or before
        if before.again < kept.stored + life:
            yield each
        else:
            kept = None
