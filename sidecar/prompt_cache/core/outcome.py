"""What a lookup found and what became of a store: the answers of the cache, as they go over the wire."""

from typing import Literal

from msgspec import UNSET, Raw, Struct, UnsetType

from ..savings.currency import Currency
from .entry import Entry
from .explaining import Explanation
from .near import Near
from .policy import Freshness, MissReason, NotStored


class Matched(Struct, frozen=True):
    """The entry that answered another question, and that question."""

    key: str
    question: str


class Saved(Struct, frozen=True, kw_only=True):
    """What serving an entry saves against asking again; None where it is not known. Money in US dollars."""

    cost_usd: float | None
    input_tokens: int | None
    output_tokens: int | None
    seconds: float | None
    estimated: bool
    """Whether the tokens, and with them the money, are an estimate."""
    cost: float | UnsetType = UNSET
    """The money in the configured currency, where that is another one."""
    currency: str | UnsetType = UNSET

    @classmethod
    def by(cls, entry: Entry, currency: Currency) -> "Saved | UnsetType":
        usage = entry.usage
        if usage is None and entry.cost_usd is None and entry.latency is None:
            return UNSET
        return cls(
            cost_usd=entry.cost_usd,
            input_tokens=usage.input_tokens if usage else None,
            output_tokens=usage.output_tokens if usage else None,
            seconds=entry.latency,
            estimated=bool(usage and usage.estimated),
            cost=UNSET if currency.is_dollar or entry.cost_usd is None else entry.cost_usd * currency.rate,
            currency=UNSET if currency.is_dollar else currency.code,
        )


class Outcome(Struct, frozen=True, kw_only=True):
    """A lookup's answer; `status` says which of the other fields are there."""

    status: Literal["hit", "stale", "miss", "pending"]
    key: str
    reason: MissReason | UnsetType = UNSET
    near: Near | UnsetType = UNSET
    """Of a miss: an earlier question was all but this one."""
    match: Literal["exact", "semantic"] | UnsetType = UNSET
    similarity: float | UnsetType = UNSET
    matched: Matched | UnsetType = UNSET
    """Of a semantic hit: whose answer it is."""
    age: float | UnsetType = UNSET
    """Seconds since it was stored."""
    ttl: float | None | UnsetType = UNSET
    """Seconds it still has to live; negative when stale, null for ever."""
    response: Raw | UnsetType = UNSET
    saved: Saved | UnsetType = UNSET
    ticket: str | UnsetType = UNSET
    """Which lookup this is; the store that answers it gives it back."""
    lease: str | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET
    duplicate_of: int | UnsetType = UNSET
    """In a batch: where the same request stands before, and with it the answer, which no batch holds twice."""
    over_budget: str | UnsetType = UNSET
    """The name of a budget that is used up, and under which the model is not to be asked."""
    explanation: Explanation | UnsetType = UNSET
    """Where it was asked for: what is close, and why that is not served."""


class Stored(Struct, frozen=True, kw_only=True):
    """What became of an answer: kept for `ttl` seconds (null for ever), or not stored, for a reason."""

    key: str
    stored: bool
    ttl: float | None | UnsetType = UNSET
    saved: Saved | UnsetType = UNSET
    """What each hit on it will save."""
    reason: NotStored | UnsetType = UNSET
    detail: str | UnsetType = UNSET
    """How to have it stored the next time, where there is a way."""


class Match(Struct, frozen=True):
    """How the served entry's question goes with the one that was asked."""

    kind: Literal["exact", "semantic"]
    similarity: float
    matched: Matched | UnsetType = UNSET


EXACT = Match("exact", 1.0)


def served(key: str, entry: Entry, freshness: Freshness, match: Match, now: float, currency: Currency) -> Outcome:
    """A hit, or a stale answer, as its freshness says."""
    return Outcome(
        status="hit" if freshness.fresh else "stale",
        key=key,
        reason=freshness.reason or UNSET,
        match=match.kind,
        similarity=match.similarity,
        matched=match.matched,
        age=round(max(0.0, now - entry.created), 3),
        ttl=None if entry.expires is None else round(entry.expires - now, 3),
        response=Raw(entry.response),
        saved=Saved.by(entry, currency),
    )
