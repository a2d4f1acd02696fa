"""How much may be spent, and how much is."""

from datetime import datetime

from msgspec import Struct

from ...core.cache import PromptCache
from ...savings.budgets import BudgetState, Per, State, Then
from ..api import Api
from ..auth import Caller
from .fields import time_of


class BudgetPeriod(Struct):
    """From when to when, in UTC; `until` is excluded."""

    since: datetime
    until: datetime


class BudgetItem(Struct):
    """A budget as it stands, in US dollars."""

    name: str
    namespace: str
    model: str
    workflow: str
    token: str
    per: Per
    then: Then
    limit_usd: float
    spent_usd: float
    reserved_usd: float
    """For calls that are on their way."""
    unpriced_calls: int
    """Calls that count as nothing, as nobody knows their price."""
    refused_calls: int
    """Calls that were not made, because it was used up."""
    warn_at: float
    state: State
    period: BudgetPeriod


class BudgetList(Struct):
    """In the order of the settings."""

    budgets: list[BudgetItem]


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("GET", "/v1/budgets", role="reader", returns=BudgetList)
    def budgets(caller: Caller) -> BudgetList:
        """What is spent of each budget in its present period."""
        return BudgetList([_item(state) for state in cache.budgets.states(caller.may_touch_all)])


def _item(state: BudgetState) -> BudgetItem:
    about = {name: getattr(state, name) for name in BudgetItem.__struct_fields__ if name != "period"}
    return BudgetItem(**about, period=BudgetPeriod(time_of(state.since), time_of(state.until)))
