"""What can go wrong with a request, told once for all APIs; each renders it in its own shape."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn

from msgspec import Struct
from werkzeug.exceptions import HTTPException

from ..core.errors import InvalidRequest, NotRecorded, UnknownKey
from ..stores.base import StoreFull, StoreUnavailable
from ..values.validation import Fault, Invalid
from .log import write_log

Tell = Callable[[dict[str, Any]], None]
"""Told of what is for the log: never a prompt, an answer or a secret."""

RETRY_AFTER = 1
"""Seconds a client should wait when the store is away."""


class Failure(Struct, frozen=True):
    """What went wrong: an HTTP status, a stable name for programs, a sentence for people."""

    status: int
    code: str
    detail: str
    faults: Sequence[Fault] = ()
    """Each wrong field of a bad request."""
    headers: Mapping[str, str] = {}


class HttpError(Exception):
    """Ends a request with a failure."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.failure = Failure(status, code, detail, headers=headers or {})


def bad_request(loc: Sequence[str | int], msg: str) -> NoReturn:
    """End the request with a 400 about one field."""
    raise InvalidRequest(loc, msg)


def failure_of(error: BaseException, path: str = "", tell: Tell = write_log) -> Failure:
    """What any exception means to whoever sent the request for `path`; what is ours to mend is told to the log."""
    match error:
        case HttpError():
            return error.failure
        case Invalid():
            return _invalid(error.faults)
        case InvalidRequest():
            return _invalid([Fault(error.loc, error.msg)])
        case UnknownKey():
            return Failure(
                404,
                "unknown-key",
                f"nothing is known of the key {str(error)[:80]!r}: look the request up first "
                "(a lookup is remembered for an hour), or send the request itself instead of the key",
            )
        case NotRecorded():
            return not_recorded(error.msg, error.loc)
        case StoreUnavailable():
            return _store(error, tell)
        case HTTPException():
            return _http(error, path)
    # Frames only: the message of an exception may quote a prompt.
    stack = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    tell({"event": "unexpected_error", "error": type(error).__name__, "stack": stack[-12:]})
    return Failure(500, "internal-error", "something unexpected happened; the log has the place")


def not_recorded(msg: str, loc: Sequence[str | int] = ()) -> Failure:
    """What is told where a namespace replays and cannot; SDKs would try a 5xx again."""
    return Failure(424, "not-recorded", msg, [Fault(tuple(loc), msg)] if loc else ())


_HTTP = {
    405: ("method-not-allowed", "this route does not take this method; the Allow header names those it takes"),
    413: ("too-large", "the body is larger than this server takes; see the setting body_limit"),
}


def _http(error: HTTPException, path: str) -> Failure:
    status = error.code or 500
    code, detail = _HTTP.get(status, (HTTPStatus(status).phrase.lower().replace(" ", "-"), error.description or ""))
    if status == 404:
        detail = f"there is no route {path[:200]}; GET /openapi.json lists all"
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return Failure(status, code, detail, headers=headers)


def _store(error: StoreUnavailable, tell: Tell) -> Failure:
    cause = str(error).partition("\n")[0][:300]  # what an engine adds on further lines may quote what is stored
    tell({"event": "store_unavailable", "cause": cause})
    headers = {"Retry-After": str(RETRY_AFTER)}
    if isinstance(error, StoreFull):
        detail = "the store is full: nothing was stored and nothing was lost; free some room or raise its limit"
        return Failure(503, "store-full", detail, headers=headers)
    detail = "the store cannot be reached right now; call the model as if this were a miss, and try again later"
    return Failure(503, "store-unavailable", detail, headers=headers)


def _invalid(faults: Sequence[Fault]) -> Failure:
    first = faults[0]
    where = ".".join(map(str, first.loc))
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Failure(400, "invalid-request", f"{where}: {first.msg}{more}" if where else first.msg, faults)
