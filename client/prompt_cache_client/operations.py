"""Every act of the API, without a network: what is asked, and how the reply is read."""

import copy
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from .acts import Acts, Ask
from .errors import BadRequest, CacheUnavailable, Forbidden, NotRecorded, PromptCacheError
from .fields import Request, plain, request_fields, store_fields
from .pause import Pause
from .values import Outcome, Stored

V = TypeVar("V", Outcome, Stored)

_PROBLEM = "urn:prompt-cache:problem:"
_BATCH = 1000
"""The most items that the API takes at once."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, as it came."""

    status: int
    body: bytes


class Operations:
    """The API's acts. Each raises CacheUnavailable, BadRequest, NotRecorded."""

    def __init__(self, namespace: str | None, pause: Pause) -> None:
        """`namespace` is that of requests which say no other."""
        self.namespace = namespace
        self._pause = pause

    # -- look up, store -----

    def lookup(self, request: Request | None, fields: Mapping[str, Any]) -> Acts[Outcome]:
        body = request_fields(request, fields, self.namespace)
        undo = _released if body.get("lease") else None
        return Outcome.read((yield from self._ask("POST", "/v1/lookup", body, undo=undo)))

    def lookup_many(self, requests: Iterable[Request], fields: Mapping[str, Any]) -> Acts[list[Outcome]]:
        bodies = [request_fields(request, fields, self.namespace) for request in requests]
        found: dict[int, Outcome] = {}
        waiting = list(range(len(bodies)))
        while waiting:
            asked, waiting = waiting[:_BATCH], waiting[_BATCH:]
            body = {"items": [bodies[at] for at in asked]}
            outcomes = _items(Outcome, (yield from self._ask("POST", "/v1/lookup/batch", body)), len(asked))
            # What was too much for one reply is asked for again.
            over = [at for at, each in zip(asked, outcomes, strict=True) if each.retry_after == 0]
            if len(over) == len(asked):
                raise CacheUnavailable("the cache answers nothing of this batch")
            waiting = over + waiting
            for at, each in zip(asked, outcomes, strict=True):
                found[at] = _whole(each, outcomes, asked)
        return [found[at] for at in range(len(bodies))]

    def store(self, response: Any, fields: Mapping[str, Any]) -> Acts[Stored]:
        body = store_fields({**fields, "response": response}, self.namespace)
        return Stored.read((yield from self._ask("POST", "/v1/store", body)))

    def store_many(self, items: Iterable[Mapping[str, Any]]) -> Acts[list[Stored]]:
        bodies = [store_fields(item, self.namespace) for item in items]
        stored: list[Stored] = []
        for start in range(0, len(bodies), _BATCH):
            some = bodies[start : start + _BATCH]
            stored += _items(Stored, (yield from self._ask("POST", "/v1/store/batch", {"items": some})), len(some))
        return stored

    def release(self, key: str, lease: str) -> Acts[bool]:
        answer = yield from self._ask("POST", "/v1/release", {"key": key, "lease": lease})
        return bool(_field(answer, "released"))

    # -- take out: these are always tried, since an answer that stays is a wrong one -----

    def invalidate(self, request: Request | None, fields: Mapping[str, Any]) -> Acts[int]:
        # A key says by itself in which namespace it is.
        namespace = None if fields.get("key") is not None else self.namespace
        body = request_fields(request, fields, namespace)
        return int(_field((yield from self._ask("POST", "/v1/invalidate", body, always=True)), "deleted"))

    def bump(self, names: str | Sequence[str], namespace: str | None) -> Acts[dict[str, int]]:
        body = {"names": [names] if isinstance(names, str) else list(names)} | self._named(namespace)
        return dict(_field((yield from self._ask("POST", "/v1/bump", body, always=True)), "versions"))

    def flush(self, namespace: str | None, everything: bool) -> Acts[int]:
        body = {"all": True} if everything else self._named(namespace)
        return int(_field((yield from self._ask("POST", "/v1/flush", body, always=True)), "deleted"))

    def reject(self, key: str, request: Request | None) -> Acts[bool]:
        return (yield from self._rate("/v1/entries/{key}/reject", key, request))

    def accept(self, key: str, request: Request) -> Acts[bool]:
        return (yield from self._rate("/v1/entries/{key}/accept", key, request))

    def _rate(self, route: str, key: str, request: Request | None) -> Acts[bool]:
        body = {} if request is None else {"request": request_fields(request, {}, self.namespace)}
        try:
            yield from self._ask("POST", route, body, key=key, always=True)
        except BadRequest as error:
            if error.type != "unknown-key":
                raise
            return False
        return True

    def stats(self, fields: Mapping[str, Any]) -> Acts[dict[str, Any]]:
        named = plain({"namespace": self.namespace, **fields})
        if not isinstance(by := named.get("group_by"), str | None):
            named["group_by"] = ",".join(by)
        query = {name: str(value) for name, value in named.items() if value is not None}
        answer: dict[str, Any] = yield from self._ask("GET", "/v1/stats", query=query, always=True)
        return answer

    # -----

    def _named(self, namespace: str | None) -> dict[str, str]:
        chosen = namespace or self.namespace
        return {"namespace": chosen} if chosen else {}

    def _ask(
        self,
        method: str,
        route: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        key: str = "",
        undo: Callable[[Reply], Ask | None] | None = None,
        always: bool = False,
    ) -> Acts[dict[str, Any]]:
        """`always`: even while the cache is left alone."""
        ask = Ask(method, route, None if body is None else encoded(body), query, key, undo)
        if not always:
            self._pause.require_none()
        try:
            answer = _read((yield ask))
        except CacheUnavailable as error:
            self._pause.failed(error)
            raise
        except PromptCacheError:
            self._pause.succeeded()
            raise
        self._pause.succeeded()
        return answer


def encoded(value: Any) -> bytes:
    """As JSON. Raises BadRequest about what has no such form."""
    try:
        try:
            return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:  # half of a surrogate pair: the cache says where
            return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadRequest(f"not JSON: {error}") from None


def _read(reply: Reply) -> dict[str, Any]:
    try:
        data = json.loads(reply.body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise CacheUnavailable(f"what answers there (status {reply.status}) is not a cache server")
    if reply.status in (200, 201):
        return data
    problem, detail = str(data.get("type", "")), str(data.get("detail", ""))
    if not problem.startswith(_PROBLEM):
        raise CacheUnavailable(f"what answers there (status {reply.status}) is not a cache server")
    if reply.status == 424:
        raise NotRecorded(detail)
    if 400 <= reply.status < 500:
        errors = data.get("errors")
        raise (Forbidden if reply.status == 403 else BadRequest)(
            detail,
            status=reply.status,
            type=problem.removeprefix(_PROBLEM),
            errors=errors if isinstance(errors, list) else (),
        )
    raise CacheUnavailable(detail or f"the cache fails with status {reply.status}")


def _released(looked_up: Reply) -> Ask | None:
    """What gives the lease of a lookup back, where it won one."""
    outcome = Outcome.read(_read(looked_up))
    if outcome.lease is None:
        return None
    return Ask("POST", "/v1/release", encoded({"key": outcome.key, "lease": outcome.lease}))


def _field(answer: Mapping[str, Any], name: str) -> Any:
    if name not in answer:
        raise CacheUnavailable(f"the cache answered without `{name}`")
    return answer[name]


def _items(kind: type[V], answer: Mapping[str, Any], count: int) -> list[V]:
    items = _field(answer, "items")
    if not isinstance(items, list) or len(items) != count:
        raise CacheUnavailable("the cache answered another number of items than it was asked")
    return [kind.read(item) for item in items]


def _whole(outcome: Outcome, others: Sequence[Outcome], places: Sequence[int]) -> Outcome:
    """An outcome with its response, of which a batch has each but once; `places` are those of the batch's items."""
    at = outcome.duplicate_of
    if at is None or not 0 <= at < len(others):
        return outcome
    response = copy.deepcopy(others[at].response) if outcome.served else None
    return replace(outcome, response=response, duplicate_of=places[at])
