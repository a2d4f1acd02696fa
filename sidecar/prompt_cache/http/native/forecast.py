"""What this month will cost, with and without the cache."""

import time

from msgspec import Struct

from ...core.cache import PromptCache
from ...savings.currency import Currency
from ...savings.forecast import CONFIDENCE, LEAST_DAYS, Range, forecast
from ...savings.measured import measured_days
from ..api import Api
from ..auth import Caller
from .fields import Filter


class ForecastAnswer(Struct):
    """This month in US dollars, with what it will have cost where enough days were measured."""

    month: str
    days_measured: int
    confidence: float
    """How often the true value is within `low` and `high`."""
    spent_so_far: float
    with_cache: Range | None
    without_cache: Range | None
    reason: str | None
    """Why there is no forecast."""
    currency: Currency


def routes(api: Api, cache: PromptCache) -> None:
    @api.route("GET", "/v1/forecast", role="reader", query=Filter, returns=ForecastAnswer, fails=(400, 403))
    def forecast_month(caller: Caller, query: Filter) -> ForecastAnswer:
        """What this month will cost with and without the cache, from whole measured days."""
        if query.namespace is not None:
            caller.require_namespaces((query.namespace,))
        now = time.time()
        days, so_far = measured_days(cache.statistics, caller.may_touch, now, query.where)
        found = forecast(days, so_far, now)
        return ForecastAnswer(
            month=time.strftime("%Y-%m", time.gmtime(now)),
            days_measured=len(days),
            confidence=CONFIDENCE,
            spent_so_far=so_far.spent,
            with_cache=found.with_cache if found else None,
            without_cache=found.without_cache if found else None,
            reason=None if found else _reason(len(days)),
            currency=cache.currency,
        )


def _reason(days: int) -> str:
    measured = {0: "no whole day is measured yet", 1: "only 1 whole day is measured yet"}
    return f"{measured.get(days, f'only {days} whole days are measured yet')}: a forecast takes {LEAST_DAYS}"
