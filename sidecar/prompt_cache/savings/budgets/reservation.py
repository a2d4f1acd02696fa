"""What one call has reserved of the budgets that it falls under."""

import threading
from collections.abc import Sequence
from typing import NamedTuple

from .budget import Budget, Period

Place = tuple[str, str]
"""The bucket of a period and the name of a budget."""


class Claim(NamedTuple):
    """On one budget."""

    budget: Budget
    period: Period
    slot: str
    amount: float
    """As it is added up."""

    @property
    def place(self) -> Place:
        """Where it stands in a store."""
        return self.period.bucket, self.budget.name


class Reservation:
    """Released once, by whoever comes first."""

    __slots__ = ("_claims", "_lock")

    def __init__(self, claims: Sequence[Claim] = ()) -> None:
        self._claims = claims
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._claims)

    def take(self) -> Sequence[Claim]:
        """Its claims, once."""
        with self._lock:
            claims, self._claims = self._claims, ()
        return claims


NOTHING = Reservation()
"""That of a call of which no budget has to hear before."""
