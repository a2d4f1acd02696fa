"""One error shape (RFC 9457) on every failing route."""

import contextlib
import traceback
from collections.abc import Sequence
from http import HTTPStatus
from typing import NoReturn

import msgspec
from flask import Flask, Response, request
from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from msgspec import UNSET, Struct, UnsetType
from werkzeug.exceptions import HTTPException

from ..core.errors import InvalidRequest, UnknownKey
from ..stores.base import StoreFull, StoreUnavailable
from ..values.validation import Fault, Invalid
from .log import write_log

MEDIA_TYPE = "application/problem+json"
_PIECE = 64 * 1024
_MOST_DRAINED = 64 * 1024 * 1024
RETRY_AFTER = 1
"""Seconds a client should wait when the store is away."""


class ProblemFault(Struct, frozen=True):
    """One wrong field: `loc` is its path from the top of the body or query."""

    loc: list[str | int]
    msg: str


class Problem(Struct, frozen=True, kw_only=True):
    """What went wrong and how to mend it; `type` is a stable name for programs."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemFault] | UnsetType = UNSET


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(self, status: int, code: str, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = faults


def bad_request(loc: Sequence[str | int], msg: str) -> NoReturn:
    """End the request with a 400 about one field."""
    raise _invalid([Fault(tuple(loc), msg)])


def problem_response(
    status: int, code: str, detail: str, faults: Sequence[Fault] = (), headers: dict[str, str] | None = None
) -> Response:
    problem = Problem(
        type=f"urn:prompt-cache:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=[ProblemFault(list(fault.loc), fault.msg) for fault in faults] if faults else UNSET,
    )
    return Response(msgspec.json.encode(problem), status, headers, content_type=MEDIA_TYPE)


def register(app: Flask) -> None:
    """Turn every exception into a problem."""

    @app.errorhandler(ProblemError)
    def _problem(error: ProblemError) -> Response:
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return problem_response(error.status, error.code, error.detail, error.faults, headers)

    @app.errorhandler(Invalid)
    def _not_valid(error: Invalid) -> Response:
        return _problem(_invalid(error.faults))

    @app.errorhandler(InvalidRequest)
    def _invalid_request(error: InvalidRequest) -> Response:
        return _problem(_invalid([Fault(error.loc, error.msg)]))

    @app.errorhandler(UnknownKey)
    def _unknown_key(error: UnknownKey) -> Response:
        detail = (
            f"nothing is known of the key {str(error)[:80]!r}: look the request up first "
            "(a lookup is remembered for an hour), or send the request itself instead of the key"
        )
        return problem_response(404, "unknown-key", detail)

    @app.errorhandler(StoreUnavailable)
    def _store(error: StoreUnavailable) -> Response:
        cause = str(error).partition("\n")[0][:300]  # what an engine adds on further lines may quote what is stored
        write_log({"event": "store_unavailable", "cause": cause})
        headers = {"Retry-After": str(RETRY_AFTER)}
        if isinstance(error, StoreFull):
            detail = "the store is full: nothing was stored and nothing was lost; free some room or raise its limit"
            return problem_response(503, "store-full", detail, headers=headers)
        detail = "the store cannot be reached right now; call the model as if this were a miss, and try again later"
        return problem_response(503, "store-unavailable", detail, headers=headers)

    @app.errorhandler(ParseException)
    def _unreadable(error: ParseException) -> Response:
        return unreadable(error)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        code, detail = _HTTP.get(status, (HTTPStatus(status).phrase.lower().replace(" ", "-"), error.description or ""))
        headers = dict(error.get_headers())
        headers.pop("Content-Type", None)
        if status == 404:
            detail = f"there is no route {request.path[:200]}; GET /openapi.json lists all"
        return problem_response(status, code, detail, headers=headers)

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response:
        return unexpected(error)

    @app.after_request
    def _drained(response: Response) -> Response:
        if response.status_code >= 400:  # a body left unread would close the connection under the caller's next request
            with contextlib.suppress(Exception):
                for _ in range(_MOST_DRAINED // _PIECE):
                    if not request.environ["wsgi.input"].read(_PIECE):
                        break
        return response


def unexpected(error: BaseException) -> Response:
    """A 500 that points to the log, and the place in the log."""
    # Frames only: the message of an exception may quote a prompt.
    stack = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    write_log({"event": "unexpected_error", "error": type(error).__name__, "stack": stack[-12:]})
    return problem_response(500, "internal-error", "something unexpected happened; the log has the place")


_HTTP = {
    405: ("method-not-allowed", "this route does not take this method; the Allow header names those it takes"),
    413: ("too-large", "the body is larger than this server takes; see the setting body_limit"),
}


_UNREADABLE = {
    LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}


def unreadable(error: ParseException) -> Response:
    """The problem of a request that is not even HTTP; what it says instead may be a prompt, and stays unsaid."""
    status = _UNREADABLE.get(type(error), HTTPStatus.BAD_REQUEST)
    return problem_response(status, "bad-request", f"this is no HTTP request that can be read: {type(error).__name__}")


def _invalid(faults: Sequence[Fault]) -> ProblemError:
    first = faults[0]
    where = ".".join(map(str, first.loc))
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return ProblemError(400, "invalid-request", f"{where}: {first.msg}{more}" if where else first.msg, faults)
