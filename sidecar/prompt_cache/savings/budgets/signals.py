"""That a budget is nearly or wholly used up, said once for all workers and sidecars on a store."""

import secrets
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from ...stores.base import LeaseStore, StoreUnavailable
from .budget import Budget, Period
from .decision import Balance

Event = Literal["budget_warning", "budget_exhausted"]

_LATE = 3600.0
"""Seconds after a period in which its last calls may still be settled."""
_KNOWN = 10_000


class Signal(Struct, frozen=True):
    """What happened to a budget."""

    event: Event
    budget: Budget
    period: Period
    spent_usd: float


class Signals:
    """Tells of each event once per budget, period and limit; `tell` must not wait for anything."""

    def __init__(self, leases: LeaseStore, clock: Callable[[], float], tell: Callable[[Signal], None]) -> None:
        self._leases = leases
        self._clock = clock
        self._tell = tell
        self._known: set[str] = set()
        """What was told, here or elsewhere."""

    def look(self, budget: Budget, period: Period, balance: Balance) -> None:
        """Tell what is to be told by now; while the store is away, later."""
        state = balance.state(budget)
        if state == "ok":
            return
        self._once("budget_warning", budget, period, balance.spent)
        if state == "exhausted":
            self._once("budget_exhausted", budget, period, balance.spent)

    def _once(self, event: Event, budget: Budget, period: Period, spent: float) -> None:
        key = f"!{event}:{period.bucket}:{budget.usd:g}:{budget.name}"  # a new limit is reached anew
        if key in self._known:
            return
        left = period.until - self._clock() + _LATE
        if left <= 0:
            return
        try:
            elsewhere = self._leases.acquire(key, secrets.token_hex(8), left)
        except StoreUnavailable:
            return
        if len(self._known) >= _KNOWN:
            self._known.clear()
        self._known.add(key)
        if not elsewhere:
            self._tell(Signal(event, budget, period, spent))
