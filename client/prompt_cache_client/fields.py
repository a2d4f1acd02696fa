"""What goes to the cache: requests, and how they may be answered."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, TypedDict, cast

from .errors import BadRequest

Duration = float | str | timedelta
"""Seconds, `"90s" "15m" "24h" "7d"`, or a timedelta."""

Match = Literal["exact", "semantic"]
"""When an earlier question counts as the same: the very same words, or the same meaning in others."""

Request = str | Sequence[Mapping[str, Any]] | Mapping[str, Any]
"""A prompt, chat messages, or the fields of a request: those of RequestFields."""


class ContextFields(TypedDict, total=False):
    """What shapes an answer beside the prompt, and so its key."""

    system: str | Sequence[Any] | None
    model: str | None
    tools: Sequence[Any] | None
    response_format: Any
    params: Mapping[str, Any] | None
    attributes: Mapping[str, str] | None
    namespace: str
    normalize: str | Sequence[str] | None


class RequestFields(ContextFields, total=False):
    """All that shapes an answer."""

    prompt: str
    messages: Sequence[Mapping[str, Any]]


class MatchFields(TypedDict, total=False):
    """How a question is matched, where that is not left to the namespace."""

    match: Match
    threshold: float
    """Of `match="semantic"`: the least similarity, from 0 to 1; not below that of the namespace."""


class LookupFields(RequestFields, MatchFields, total=False):
    """A request, and how it may be answered."""

    explain: bool
    """Say why, and which earlier questions came near: `explanation` of the outcome."""

    max_age: Duration | None
    max_stale: Duration | None
    lease: bool | Duration
    source: Mapping[str, str] | None
    """Who asks, for the statistics: `workflow`, `node`."""


class AnswerFields(TypedDict, total=False):
    """What is kept with an answer. A `ttl` of None is for ever, where the cache allows that."""

    ttl: Duration | None
    tags: Sequence[str]
    depends_on: Sequence[str]
    usage: Mapping[str, Any] | None
    cost_usd: float | None
    latency: float | None
    finish_reason: str | None
    lease: str | None
    source: Mapping[str, str] | None


class StoreFields(AnswerFields, total=False):
    """An answer belongs to the `key` and `ticket` of a lookup, or to the `request` itself."""

    key: str | None
    ticket: str | None
    request: Request | None


class StoreItem(StoreFields, total=False):
    """One answer of many."""

    response: Any


class FunctionFields(ContextFields, MatchFields, total=False):
    """How calls may be answered, and what is kept with their answers."""

    max_age: Duration | None
    max_stale: Duration | None
    """An answer that expired no longer ago is good enough when the call fails, or while another asks anew."""
    source: Mapping[str, str] | None
    ttl: Duration | None
    tags: Sequence[str]
    depends_on: Sequence[str]
    usage: Mapping[str, Any] | Callable[[Any], Mapping[str, Any] | None] | None
    """Token counts, or a function that finds them in the answer, where it does not carry them as providers do."""
    cost_usd: float | None
    finish_reason: str | None
    lease: float | timedelta
    """Seconds that the call has before another may ask the same; longer for slower models."""
    within_budget: bool
    """Raise BudgetExhausted instead of making the call, where a budget is used up that says `cache_only`."""
    returns: Any
    """The pydantic model that the answer is, where the call's annotation does not say it."""


class CallFields(RequestFields, FunctionFields, total=False):
    """A request, and the same."""


class InvalidateFields(RequestFields, total=False):
    """Which entries are meant: all conditions together."""

    key: str | None
    tags: Sequence[str]
    older_than: Duration | None
    any_attributes: Sequence[str]
    dry_run: bool


class StatsFields(TypedDict, total=False):
    """Of which names, from when to when (a time, or a duration before now), and by what; `interval` is hour or day."""

    namespace: str | None
    model: str | None
    workflow: str | None
    node: str | None
    since: Duration | None
    until: Duration | None
    group_by: str | Sequence[str] | None
    interval: str | None


_DURATIONS = ("max_age", "max_stale", "lease", "ttl", "older_than", "since", "until")


def request_fields(request: Request | None, more: Mapping[str, Any], namespace: str | None = None) -> dict[str, Any]:
    """The fields of a request and those named beside it, in `namespace` unless they say another. Raises BadRequest."""
    fields: dict[str, Any] = {"namespace": namespace} if namespace else {}
    match request:
        case None:
            pass
        case str():
            fields["prompt"] = request
        case Mapping():
            fields |= request
        case list() | tuple():
            fields["messages"] = list(request)
        case _:
            raise BadRequest(f"a request is text, chat messages or a mapping of fields, not {type(request).__name__}")
    return plain({**fields, **more})


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with durations as JSON has them. Raises BadRequest."""
    found = dict(fields)
    if not all(isinstance(name, str) for name in found):
        raise BadRequest("the names of fields are texts")
    for name in _DURATIONS:
        if isinstance(value := found.get(name), timedelta):
            found[name] = value.total_seconds()
    return found


def store_fields(item: Mapping[str, Any], namespace: str | None) -> dict[str, Any]:
    """The body of a store. Raises BadRequest."""
    fields = {name: value for name, value in item.items() if value is not None or name in ("ttl", "response")}
    request = cast(Request | None, fields.pop("request", None))
    return plain(fields) if request is None else request_fields(request, fields, namespace)
