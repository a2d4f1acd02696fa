"""What a report tells: counts of what was asked and answered, and what was saved and spent, made of sums by name."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from .semantic import Semantic, semantic_of

MISS = "miss:"
GUARD = "guard:"
REFUSED = "refused:"
"""What the names of sums begin with that are counted by reason."""

SAVED = ("cost_usd", "input_tokens", "output_tokens", "seconds", "unpriced_hits")
"""The sums of what hits saved; of the semantic ones among them there are the same, with `semantic_` before."""


_NOISE = 1e-9


class Saved(Struct):
    """What hits saved; money is the sum over hits whose price is known, the others are `unpriced_hits`."""

    cost_usd: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    unpriced_hits: int = 0


class Served(Struct):
    """The hits of one kind of match, and what they saved."""

    hits: int = 0
    saved: Saved = msgspec.field(default_factory=Saved)


class Spent(Struct):
    """What was paid; the counts are of calls for answers."""

    cost_usd: float = 0.0
    """All of it: answers, verifier and embeddings, as far as prices are known."""
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    """Of the input tokens, those that the provider's own prefix cache made cheaper."""
    seconds: float = 0.0
    unpriced_calls: int = 0
    estimated_calls: int = 0
    """Calls that did not say how many tokens they took."""
    prefix_saved_usd: float = 0.0
    """What the provider's own prefix cache took off the price."""
    verifier_usd: float = 0.0
    embedding_usd: float = 0.0
    unpriced_other_calls: int = 0
    """Calls of the verifier and of embedders whose price is unknown."""


class Totals(Struct):
    """Counts of lookups by outcome and of answers by fate, with what the hits saved and the misses cost."""

    lookups: int = 0
    hits: int = 0
    misses: int = 0
    stale: int = 0
    hit_rate: float | None = None
    """Hits per lookup, None when there was none."""
    stored: int = 0
    refused: int = 0
    saved: Saved = msgspec.field(default_factory=Saved)
    spent: Spent = msgspec.field(default_factory=Spent)
    by_match: dict[str, Served] = msgspec.field(default_factory=dict)
    """The hits: `exact` and `semantic`."""
    misses_by_reason: dict[str, int] = msgspec.field(default_factory=dict)
    """Those that a guard refused among them, as `guard:<name>`."""
    refused_by_reason: dict[str, int] = msgspec.field(default_factory=dict)
    semantic: Semantic = msgspec.field(default_factory=Semantic)

    @property
    def is_idle(self) -> bool:
        """Whether nothing was asked, stored or paid: what somebody rejects, say, is counted under no workflow."""
        return not (self.lookups or self.stored or self.refused or self.spent.calls or self.spent.cost_usd)


class Group(Totals):
    """The totals of one value of each dimension that is grouped by."""

    group: str = ""
    """The values, as people read them."""
    by: dict[str, str] = msgspec.field(default_factory=dict)
    """The value of each dimension."""

    @classmethod
    def of(cls, totals: Totals) -> "Group":
        """Totals as the one group that they are."""
        return cls(**{name: getattr(totals, name) for name in Totals.__struct_fields__})


def lookups(sums: Mapping[str, float]) -> float:
    """How many lookups there were, by what came of them."""
    return sum(sums.get(name, 0.0) for name in ("hits", "misses", "stale"))


def weight(sums: Mapping[str, float]) -> float:
    """By how many lookups and calls sums matter, where not all can be kept apart."""
    return lookups(sums) + sum(sums.get(name, 0.0) for name in ("stored", "refused", "calls", "embedding_calls"))


def add(sums: dict[str, float], more: Mapping[str, float]) -> None:
    """Add to sums by name."""
    for name, value in more.items():
        sums[name] = sums.get(name, 0.0) + value


def without(whole: float, part: float) -> float:
    """What is left of a sum; nothing where it is but the noise of adding up."""
    left = whole - part
    return left if left > _NOISE * whole else 0.0


_T = TypeVar("_T", bound=Totals)


def filled(totals: _T, sums: Mapping[str, float]) -> _T:
    """Totals of sums by name."""
    for name in ("hits", "misses", "stale", "stored", "refused"):
        setattr(totals, name, int(sums.get(name, 0)))
    totals.lookups = int(lookups(sums))
    totals.hit_rate = totals.hits / totals.lookups if totals.lookups else None
    totals.saved = _saved({name: sums.get(name, 0.0) for name in SAVED})
    totals.spent = _spent(sums)
    semantic = {name: sums.get(f"semantic_{name}", 0.0) for name in ("hits", *SAVED)}
    exact = {name: without(sums.get(name, 0.0), value) for name, value in semantic.items()}
    totals.by_match = {
        kind: Served(int(served["hits"]), _saved(served)) for kind, served in (("exact", exact), ("semantic", semantic))
    }
    totals.misses_by_reason = {
        name.removeprefix(MISS): int(sums[name]) for name in sorted(sums) if name.startswith((MISS, GUARD))
    }
    totals.refused_by_reason = {
        name.removeprefix(REFUSED): int(sums[name]) for name in sorted(sums) if name.startswith(REFUSED)
    }
    totals.semantic = semantic_of(sums)
    return totals


def _saved(sums: Mapping[str, float]) -> Saved:
    return Saved(
        cost_usd=sums["cost_usd"],
        input_tokens=int(sums["input_tokens"]),
        output_tokens=int(sums["output_tokens"]),
        seconds=sums["seconds"],
        unpriced_hits=int(sums["unpriced_hits"]),
    )


def _spent(sums: Mapping[str, float]) -> Spent:
    def money(name: str) -> float:
        return sums.get(name, 0.0)

    def number(name: str) -> int:
        return int(sums.get(name, 0))

    return Spent(
        cost_usd=money("spent_cost_usd") + money("verifier_cost_usd") + money("embedding_cost_usd"),
        calls=number("calls"),
        input_tokens=number("spent_input_tokens"),
        output_tokens=number("spent_output_tokens"),
        cached_input_tokens=number("spent_cached_input_tokens"),
        seconds=money("spent_seconds"),
        unpriced_calls=number("unpriced_calls"),
        estimated_calls=number("estimated_calls"),
        prefix_saved_usd=money("prefix_saved_usd"),
        verifier_usd=money("verifier_cost_usd"),
        embedding_usd=money("embedding_cost_usd"),
        unpriced_other_calls=number("verifier_unpriced") + number("embedding_unpriced"),
    )
