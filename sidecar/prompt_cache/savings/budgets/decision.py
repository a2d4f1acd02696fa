"""Whether a call may be made, by what is spent and what is reserved: a pure function of both."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from .budget import Budget

State = Literal["ok", "warning", "exhausted"]
Verdict = Literal["go", "busy", "exhausted"]

SPENT = "spent"
UNPRICED = "unpriced"
REFUSED = "refused"
RESERVED = "reserved:"
"""With the number of its slot behind it."""

SLOT = 300
"""Seconds. What is reserved is kept by the slot that it was reserved in, so that it can lapse."""
LAPSE = 900
"""Seconds after which a slot no longer counts: whoever reserved then is gone, or asks for longer than anybody waits."""

_NANO = 1e9


def nanos(usd: float) -> float:
    """Money as it is added up: in whole billionths of a dollar, which a float adds without an error."""
    return float(round(usd * _NANO))


class Balance(NamedTuple):
    """Of one budget in one period, in dollars."""

    spent: float = 0.0
    reserved: float = 0.0
    """For calls that are on their way."""
    unpriced: int = 0
    """Calls that count as nothing, as nobody knows their price."""
    refused: int = 0
    """Calls that were not made."""

    @classmethod
    def of(cls, sums: Mapping[str, float], now: float) -> "Balance":
        """As a store keeps it."""
        reserved = sum(value for name, value in sums.items() if name.startswith(RESERVED) and not has_lapsed(name, now))
        counts = (int(sums.get(name, 0.0)) for name in (UNPRICED, REFUSED))
        return cls(sums.get(SPENT, 0.0) / _NANO, max(0.0, reserved) / _NANO, *counts)

    def state(self, budget: Budget) -> State:
        """What is reserved may still be given back, and makes no state."""
        if self.spent >= budget.usd:
            return "exhausted"
        return "warning" if self.spent >= budget.warn_at * budget.usd else "ok"


def decide(budget: Budget, others: Balance) -> Verdict:
    """What becomes of a call, by what all others have spent and reserved.

    As long as there is any room a call may go, whatever it costs: more than one cannot be too many. `busy` is where
    the rest is reserved, so that there may be room again in a moment.
    """
    if budget.then == "warn" or others.spent + others.reserved < budget.usd:
        return "go"
    return "exhausted" if others.spent >= budget.usd else "busy"


def slot(now: float) -> str:
    """Under which name something is reserved."""
    return f"{RESERVED}{int(now) // SLOT}"


def looked_at(now: float) -> dict[str, float]:
    """The sums by which a call is decided, as what is to be added to them: nothing."""
    last = int(now) // SLOT
    first = (int(now) - LAPSE) // SLOT
    ahead = last + 1  # for those whose clock is
    return {SPENT: 0.0} | {f"{RESERVED}{at}": 0.0 for at in range(first, ahead + 1)}


def settled(sums: Mapping[str, float]) -> dict[str, float]:
    """What of a balance is over and done, and true wherever it is kept."""
    return {name: value for name, value in sums.items() if not name.startswith(RESERVED)}


def has_lapsed(name: str, now: float) -> bool:
    """Whether what was reserved under this name no longer counts."""
    return (int(name.removeprefix(RESERVED)) + 1) * SLOT <= now - LAPSE
