"""How much may be spent: in which period, by whom, and what happens when it is used up."""

from .budget import Budget, Charge, Per, Period, Then
from .budgets import Budgets, BudgetState, Refusal
from .decision import Balance, State, Verdict, settled
from .reservation import NOTHING, Reservation
from .signals import Signal

__all__ = [
    "NOTHING",
    "Balance",
    "Budget",
    "BudgetState",
    "Budgets",
    "Charge",
    "Per",
    "Period",
    "Refusal",
    "Reservation",
    "Signal",
    "State",
    "Then",
    "Verdict",
    "settled",
]
