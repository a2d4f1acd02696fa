"""What the cache answers, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_args

from .errors import CacheUnavailable

Status = Literal["hit", "stale", "miss", "pending"]


class _Answered:
    """Read from JSON: what a newer cache says beside it is left out."""

    @classmethod
    def read(cls, data: Any) -> Self:
        """Raises CacheUnavailable about what is no such value."""
        try:
            names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
            value = cls(**{name: data[name] for name in names if name in data})
            value._check(data)
        except (TypeError, ValueError) as error:
            raise CacheUnavailable(f"the cache answered no {cls.__name__}: {error}") from None
        return value

    def _check(self, data: Mapping[str, Any]) -> None:
        """Raises ValueError."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved(_Answered):
    """What a hit saves, None where it is not known. Money in US dollars."""

    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float | None = None
    estimated: bool = False
    cost: float | None = None
    """The money in `currency`, where the cache server is set to another one than dollars."""
    currency: str | None = None
    """ISO 4217."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matched(_Answered):
    """The entry that was served, where it is the answer to another question."""

    key: str
    """What `accept` and `reject` want, with the request that was asked."""
    question: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome(_Answered):
    """What a lookup found. `response` is there with the status hit and stale (JSON's null is None)."""

    status: Status
    key: str
    reason: str | None = None
    ticket: str | None = None
    """Which lookup this was; a store gives it back."""
    lease: str | None = None
    """The right to ask the model, where one was wanted and won."""
    retry_after: float | None = None
    """Of what is pending: seconds until to look again."""
    response: Any = None
    age: float | None = None
    ttl: float | None = None
    """Seconds it has to live; negative when stale, None for ever."""
    match: str | None = None
    similarity: float | None = None
    matched: Matched | None = None
    """With the match semantic."""
    saved: Saved | None = None
    near: Mapping[str, Any] | None = None
    """Of a miss: how an earlier question differed."""
    over_budget: str | None = None
    """Of what would have to be asked: the name of a budget that is used up, so that no model is to be asked."""
    explanation: Mapping[str, Any] | None = None
    """Why, and what came near; with `explain`."""
    duplicate_of: int | None = None
    """In a batch: where the same request stands before."""

    @property
    def served(self) -> bool:
        """Whether there is a response."""
        return self.status in ("hit", "stale")

    def _check(self, data: Mapping[str, Any]) -> None:
        if self.status not in get_args(Status) or not isinstance(self.key, str):
            raise ValueError("it has no status and key")
        if not all(isinstance(each, str | None) for each in (self.ticket, self.lease)):
            raise ValueError("its ticket or lease is no text")
        if self.retry_after is not None and not (isinstance(self.retry_after, int | float) and self.retry_after >= 0):
            raise ValueError("its retry_after is no number of seconds")
        if not isinstance(self.duplicate_of, int | None):
            raise ValueError("its duplicate_of is no place")
        if self.served and "response" not in data and self.duplicate_of is None:
            raise ValueError("it has no response")
        if self.saved is not None:
            object.__setattr__(self, "saved", Saved.read(self.saved))
        if self.matched is not None:
            object.__setattr__(self, "matched", Matched.read(self.matched))


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored(_Answered):
    """What became of an answer: kept for `ttl` seconds (None for ever), or not stored, for a `reason`."""

    key: str
    stored: bool
    ttl: float | None = None
    saved: Saved | None = None
    """What each hit on it will save."""
    reason: str | None = None
    detail: str | None = None
    """How to have it stored the next time, where there is a way."""

    def _check(self, data: Mapping[str, Any]) -> None:  # noqa: ARG002
        if not isinstance(self.key, str) or not isinstance(self.stored, bool):
            raise ValueError("it has no key")
        if self.saved is not None:
            object.__setattr__(self, "saved", Saved.read(self.saved))
