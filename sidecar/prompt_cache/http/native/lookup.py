"""Look up, one or many, and give a lease back."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from ...core.cache import PromptCache
from ...core.entry import Source
from ...core.lookup import LEASE_TTL, Lookup
from ...core.outcome import Outcome
from ...keying.request import Request
from ...savings.budgets import Charge
from ...values.durations import Duration
from ..api import Api, note_outcome
from ..auth import Caller
from .fields import BATCH, EITHER, Key, Lease, Loc, SourceBody, seconds_of
from .ways import Way, Ways


class LookupBody(Request, kw_only=True, forbid_unknown_fields=True):
    """A request, and how it may be answered."""

    # The request checks itself, in any API; the ways tell the contract of it.
    ways: ClassVar = Ways(
        Way(
            ("prompt",),
            {"messages": EITHER},
            {"prompt": "What is the capital of France?", "model": "gpt-4o-mini"},
        ),
        Way(
            ("messages",),
            {},
            {"messages": [{"role": "user", "content": "What is the capital of France?"}], "max_age": "7d"},
        ),
        missing=(("prompt",), "give `prompt` (text) or `messages` (a list of chat messages)"),
    )

    match: Literal["exact", "semantic"] | None = None
    threshold: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_age: Duration | None = None
    max_stale: Duration | None = None
    lease: bool | Duration = False
    source: SourceBody | None = None
    explain: bool = False

    def lookup(self, loc: Loc = ()) -> Lookup:
        lease = LEASE_TTL if self.lease is True else self.lease
        return Lookup(
            request=self,
            max_age=seconds_of(loc, "max_age", self.max_age),
            max_stale=seconds_of(loc, "max_stale", self.max_stale),
            lease=None if lease is False else seconds_of(loc, "lease", lease) or None,
            source=self.source.source() if self.source else Source(),
            match=self.match,
            threshold=self.threshold,
            explain=self.explain,
        )


class LookupBatch(Struct, forbid_unknown_fields=True):
    """Many lookups at once."""

    items: Annotated[list[LookupBody], Meta(max_length=BATCH)]


class Outcomes(Struct):
    """One outcome each, in order."""

    items: list[Outcome]


class ReleaseBody(Struct, forbid_unknown_fields=True):
    """A lease to give back."""

    key: Key
    lease: Lease


class Released(Struct):
    """Whether it was still held."""

    released: bool


def lookup_of(caller: Caller, body: LookupBody) -> Lookup:
    """What a caller asks of the cache. Raises HttpError, InvalidRequest."""
    require_lookup(caller, body)
    return body.lookup()


def require_lookup(caller: Caller, body: LookupBody) -> None:
    """Raises an HttpError where the caller may not ask this; a lease is only for a writer."""
    caller.require_namespaces((body.namespace,))
    if body.lease is not False:
        caller.require("writer")


def with_budget(cache: PromptCache, caller: Caller, lookup: Lookup, outcome: Outcome) -> Outcome:
    """With the name of the budget that forbids to ask the model, by memory alone."""
    if outcome.status not in ("miss", "stale"):
        return outcome
    request = lookup.request
    charge = Charge(request.namespace, request.model or "", lookup.source.workflow, caller.name)
    refusal = cache.budgets.over(charge)
    return outcome if refusal is None else msgspec.structs.replace(outcome, over_budget=refusal.budget.name)


def routes(api: Api, cache: PromptCache) -> None:
    goes_on = {name: {"key": "/key"} for name in ("store", "entry", "delete_entry", "invalidate")}
    goes_on["release"] = {"key": "/key", "lease": "/lease"}

    @api.route("POST", "/v1/lookup", role="reader", body=LookupBody, returns=Outcome, fails=(403,), links=goes_on)
    def lookup(caller: Caller, body: LookupBody) -> Outcome:
        """Is there an answer to this request?"""
        asked = lookup_of(caller, body)
        outcome = with_budget(cache, caller, asked, cache.lookup(asked))
        note_outcome(outcome.status)
        return outcome

    @api.route("POST", "/v1/lookup/batch", role="reader", body=LookupBatch, returns=Outcomes, fails=(403,))
    def lookup_batch(caller: Caller, body: LookupBatch) -> Outcomes:
        """Is there an answer to each of these requests?"""
        caller.require_namespaces({item.namespace for item in body.items})
        if any(item.lease is not False for item in body.items):
            caller.require("writer")
        lookups = [item.lookup(("items", at)) for at, item in enumerate(body.items)]
        found = zip(lookups, cache.lookup_many(lookups), strict=True)
        outcomes = [with_budget(cache, caller, lookup, outcome) for lookup, outcome in found]
        hits = sum(outcome.status == "hit" for outcome in outcomes)
        note_outcome(f"{hits}/{len(outcomes)} hits")
        return Outcomes(outcomes)

    @api.route("POST", "/v1/release", role="writer", body=ReleaseBody, returns=Released, fails=(403,))
    def release(caller: Caller, body: ReleaseBody) -> Released:
        """Give a lease back without storing."""
        return Released(cache.release(body.key, body.lease, caller.may_touch))
