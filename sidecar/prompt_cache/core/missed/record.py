"""What is remembered of a question that was missed, however often, and how two memories of it become one."""

from typing import Any

import msgspec
from msgspec import Struct

from ...keying.request import last_user_text
from ..entry import Source
from ..policy import MissReason

LIFE = 30 * 86400.0
"""Seconds after it was last missed that a question is remembered."""
_PAID = 32
"""Answers of a question that are remembered, the latest."""


class Paid(Struct, frozen=True, array_like=True):
    """An answer that was paid for and stored. Times are seconds since the epoch."""

    asked: float
    """When its question was missed."""
    stored: float
    expires: float | None
    cost_usd: float | None
    text: str
    """A digest of what it says."""
    by_rule: bool
    """Whether the configuration said how long it lives, and not the call that stored it."""
    lasting: bool
    """Whether nothing but its life ends it: no name that is bumped, no bounds of its namespace."""
    again: float | None = None
    """When it was first asked for after its life had ended."""
    depends: bool = False
    """Whether there is a name whose bump ends it."""
    wanted_young: bool = False
    """Whether its question took no answer beyond some age."""

    def is_missing(self, at: float, reason: str) -> bool:
        """Whether a miss of that time would have been a hit, had its life been longer: certainly, not perhaps."""
        if self.again is not None or self.expires is None or at < self.expires:
            return False
        return reason == MissReason.EXPIRED or (reason == MissReason.NOT_FOUND and self.lasting)


class Closest(Struct, frozen=True):
    """The most similar question that was answered, where semantic matching looked."""

    key: str
    similarity: float
    threshold: float
    refused: str | None = None
    """The guard that refuses it, whatever the threshold, or `rejected`."""
    compared: bool = True
    """Whether guards have looked at the two."""


class Missed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question that was missed. Times are seconds since the epoch."""

    key: str
    namespace: str
    first: float
    last: float
    times: int = 0
    reasons: dict[str, int] = {}
    """How often for which reason."""
    model: str | None = None
    source: Source = Source()
    """Who asked last."""
    digests: dict[str, str] = {}
    """Of each field."""
    request: bytes | None = None
    """The canonical request's JSON, where prompts are kept and it is not too long."""
    input_tokens: int = 0
    """A rough count."""
    answers: int = 0
    """That were stored."""
    cost_usd: float = 0.0
    """What they cost together, as far as that is known."""
    unpriced: int = 0
    """Those of them without a price."""
    refused: dict[str, int] = {}
    """How many answers were not stored, for which reason."""
    paid: list[Paid] = []
    """Answers that were stored, the oldest first."""
    closest: Closest | None = None
    templates: tuple[str, ...] = ()
    """What the request is known by when all that looks volatile is taken away: without names, and with them."""

    @property
    def reason(self) -> str:
        """Why it was missed most often."""
        return max(self.reasons, key=lambda name: self.reasons[name], default=str(MissReason.NOT_FOUND))

    @property
    def parts(self) -> dict[str, Any] | None:
        """The canonical request, where it is kept and can be read."""
        try:
            return None if self.request is None else msgspec.json.decode(self.request)
        except (msgspec.DecodeError, RecursionError):
            return None

    @property
    def question(self) -> str:
        """The last user text, in one line; empty where it is not known."""
        return " ".join(last_user_text(parts).split()) if (parts := self.parts) else ""


class Asked(Struct, frozen=True):
    """That a question was missed, once."""

    at: float
    reason: str
    wants_young: bool = False
    """Whether no answer was wanted beyond some age: a longer life would have changed nothing."""


class Noted(Struct):
    """What was seen of a question since it was last written down."""

    missed: Missed
    """What it is; its counts are those of before."""
    generation: int
    """Of its namespace when it was noted last: what is older than a flush is not written down."""
    asked: list[Asked]
    paid: list[Paid]
    refused: list[str]

    @property
    def is_new(self) -> bool:
        """Whether anything was seen of it."""
        return bool(self.asked or self.paid or self.refused)

    def added_to(self, known: Missed | None) -> Missed:
        """All there is to remember, with what was known before."""
        new = self.missed
        before = known or new
        reasons, refused = dict(before.reasons), dict(before.refused)
        for asked in self.asked:
            reasons[asked.reason] = reasons.get(asked.reason, 0) + 1
        for name in self.refused:
            refused[name] = refused.get(name, 0) + 1
        costs = [each.cost_usd for each in self.paid]
        latest = new if new.last >= before.last else before
        return msgspec.structs.replace(
            latest,
            first=min(before.first, new.first),
            last=max(before.last, new.last),
            times=before.times + len(self.asked),
            reasons=reasons,
            refused=refused,
            answers=before.answers + len(costs),
            cost_usd=before.cost_usd + sum(cost for cost in costs if cost is not None),
            unpriced=before.unpriced + costs.count(None),
            paid=_with(before.paid, self.paid, self.asked),
            closest=new.closest or before.closest,
            templates=new.templates or before.templates,
            request=new.request or before.request,
        )


def _with(known: list[Paid], more: list[Paid], asked: list[Asked]) -> list[Paid]:
    """Answers in the order of their times, each with when it was first missing."""
    paid = sorted([*known, *more], key=lambda each: each.stored)
    for miss in sorted(asked, key=lambda each: each.at):
        at = next((at for at in reversed(range(len(paid))) if paid[at].stored < miss.at), None)
        if at is not None and not miss.wants_young and paid[at].is_missing(miss.at, miss.reason):
            paid[at] = msgspec.structs.replace(paid[at], again=miss.at)
    return paid[-_PAID:]
