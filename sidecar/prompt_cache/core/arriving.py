"""Answers on their way in: what whoever stores one says of it, and what is found out until it is an entry."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from ..keying.request import Request
from ..responses.answer import Answer
from ..savings.currency import Currency
from .entries import Scope
from .entry import Entry, Source
from .misses import Miss, Unanswered
from .outcome import Saved, Stored
from .policy import NotStored
from .questions import Question
from .spending import Payment
from .tickets import Ticket

Loc = tuple[str | int, ...]


class NewEntry(Struct, frozen=True, kw_only=True):
    """An answer to store, under the key of a lookup or under the request itself; durations in seconds."""

    response: bytes
    """JSON."""
    key: str | None = None
    request: Request | None = None
    ticket: str | None = None
    """Which lookup it answers."""
    ttl: float | None | UnsetType = UNSET
    tags: Sequence[str] = ()
    depends_on: Sequence[str] = ()
    usage: Mapping[str, Any] | None = None
    cost_usd: float | None = None
    latency: float | None = None
    finish_reason: str | None = None
    repeats: int = 0
    """How many repeats of the question in its batch get this answer as well, without a lookup of their own."""
    lease: str | None = None
    source: Source | None = None
    match: Literal["exact", "semantic"] | None = None
    """Whether questions that are worded differently shall find it too; None is as the namespace says. What was looked
    up so is found so."""
    created: float | None = None
    """When the answer was made, where that is longer ago than now. Its life begins now, its age does not."""
    caller: str = ""
    """The name of the token whose holder had the model asked."""
    paid: bool = True
    """Whether that was paid for now; what is imported was, long ago."""
    calls: int = 1
    """0 where the answer came along with another one, in one call."""


class Arriving:
    """One item of a batch on its way to becoming an entry."""

    __slots__ = (
        "answer",
        "answers",
        "asked_now",
        "detail",
        "entry",
        "key",
        "leases",
        "loc",
        "miss",
        "new",
        "payment",
        "question",
        "reason",
        "scope",
        "there",
        "ticket",
    )

    def __init__(self, new: NewEntry, loc: Loc, scope: Scope) -> None:
        self.new = new
        self.loc = loc
        self.scope = scope
        self.key = new.key or ""
        self.question: Question | None = None
        """Of the request that it comes with."""
        self.ticket: Ticket | None = None
        self.answer = Answer()
        self.miss: Miss | None = None
        self.answers: Unanswered | None = None
        """The remembered lookup that is answered with this one."""
        self.asked_now = False
        """Whether nobody has looked it up, so that it counts as asked while it is stored."""
        self.leases: list[str] = []
        """The tokens of the leases that it gives back."""
        self.there: Entry | None = None
        """What is stored under its key, where no remembered lookup is answered."""
        self.payment: Payment | None = None
        """What it cost, where it is known whose it is."""
        self.entry: Entry | None = None
        self.reason: NotStored | None = None
        self.detail: str | UnsetType = UNSET

    @property
    def source(self) -> Source:
        return self.new.source or (self.miss.source if self.miss else Source())

    @property
    def settles(self) -> bool:
        """Whether its lookup is answered: what came too late can never be stored, and is settled as well."""
        return self.entry is not None or self.reason in (NotStored.VERSION_CHANGED, NotStored.FLUSHED)

    def stored(self, now: float, currency: Currency) -> Stored:
        """What became of it."""
        if self.entry is None:
            return Stored(key=self.key, stored=False, reason=self.reason or UNSET, detail=self.detail)
        ttl = None if self.entry.expires is None else self.entry.expires - now
        return Stored(key=self.key, stored=True, ttl=ttl, saved=Saved.by(self.entry, currency))
