"""What one call has reserved of the budgets that it falls under."""

import threading
from typing import NamedTuple

from .budget import Budget, Charge, Period

Place = tuple[str, str]
"""The bucket of a period and the name of a budget."""


class Claim(NamedTuple):
    """On one budget."""

    budget: Budget
    period: Period
    slot: str
    """Where it is reserved; empty where nothing is: the budget only warns, or the store was away."""
    amount: float
    """As it is added up."""

    @property
    def place(self) -> Place:
        """Where it stands in a store."""
        return self.period.bucket, self.budget.name


class Reservation:
    """Settled once: with what the call cost, or given back."""

    __slots__ = ("_claims", "_lock", "charge")

    def __init__(self, charge: Charge, claims: tuple[Claim, ...]) -> None:
        self.charge = charge
        self._claims = claims
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        return bool(self._claims)

    def take(self) -> tuple[Claim, ...]:
        """Its claims, to whoever settles it first."""
        with self._lock:
            claims, self._claims = self._claims, ()
        return claims


NOTHING = Reservation(Charge(""), ())
"""That of a call which falls under no budget."""
