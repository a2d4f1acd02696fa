"""The money for a call: reserved before the provider is asked, given back after it, or not there."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ...core.cache import PromptCache
from ...savings.budgets import NOTHING, Charge, Refusal, Reservation
from ..failures import HttpError
from .asking import Asking
from .extent import model_of, most_tokens, rough_input_tokens


class OverBudget(HttpError):
    """A budget has no room for the call."""


async def reserve(cache: PromptCache, asking: Asking, sent: Any = None) -> Reservation:
    """What the call may cost; `sent` is what is sent of it, where that is not all. Raises OverBudget."""
    charge = _charge(asking)
    if not cache.budgets.limits(charge):
        return NOTHING

    def reserved() -> Reservation | Refusal:
        tokens = rough_input_tokens(asking.body if sent is None else sent)
        most = most_tokens(asking.body) if asking.endpoint.converses else 0
        return cache.budgets.reserve(charge, cache.budgets.estimate(charge.model, tokens, most))

    reserving = asyncio.get_running_loop().run_in_executor(None, reserved)
    try:
        found = await asyncio.shield(reserving)
    except asyncio.CancelledError:
        reserving.add_done_callback(partial(_give_back, cache))
        raise
    if isinstance(found, Refusal):
        raise _over_budget(cache, found)
    return found


async def release(cache: PromptCache, reservation: Reservation) -> None:
    """Also where the caller has left meanwhile; what is not reserved (any more) is passed over."""
    if reservation:
        with suppress(Exception):
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, cache.budgets.release, reservation))


def _give_back(cache: PromptCache, reserving: "asyncio.Future[Reservation | Refusal]") -> None:
    """What was reserved for a caller who had left by then."""
    if reserving.cancelled() or reserving.exception():
        return
    if isinstance(found := reserving.result(), Reservation):
        asyncio.get_running_loop().run_in_executor(None, cache.budgets.release, found)


@asynccontextmanager
async def reserved(cache: PromptCache, asking: Asking, sent: Any = None) -> AsyncIterator[None]:
    """As long as it goes on, the money for the call is reserved. Raises OverBudget."""
    reservation = await reserve(cache, asking, sent)
    try:
        yield
    finally:
        await release(cache, reservation)


def is_over(cache: PromptCache, asking: Asking) -> bool:
    """Whether memory alone knows that there is no room for the call."""
    return cache.budgets.over(_charge(asking)) is not None


def require_room(cache: PromptCache, asking: Asking) -> None:
    """Raises OverBudget where memory alone knows that there is none."""
    if refusal := cache.budgets.over(_charge(asking)):
        raise _over_budget(cache, refusal)


def _charge(asking: Asking) -> Charge:
    request = asking.call.request
    model = (request.model if request else None) or model_of(asking.route.path, asking.body)
    return Charge(asking.namespace, model, asking.directives.source.workflow, asking.payer.caller.name)


def _over_budget(cache: PromptCache, refusal: Refusal) -> OverBudget:
    cache.budgets.note_refusal(refusal)
    budget = refusal.budget
    until = datetime.fromtimestamp(refusal.period.until, UTC)
    about = f"the budget {budget.name!r} ({budget.usd:g} USD per {budget.per}, until {until:%Y-%m-%d %H:%M} UTC)"
    headers = {"Retry-After": str(max(1, math.ceil(refusal.retry_after)))}
    if refusal.verdict == "busy":
        told = f"what is left of {about} is reserved by calls that are on their way; try again in a moment"
    else:
        told = f"{about} is used up: until then only what is cached is answered"
        headers["X-Should-Retry"] = "false"  # SDKs would try twice more
    return OverBudget(429, "budget-exhausted", told, headers)
