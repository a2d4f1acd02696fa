"""Failures as this API tells them: RFC 9457."""

from http import HTTPStatus

import msgspec
from flask import Response
from msgspec import UNSET, Struct, UnsetType

from ..api import Headers
from ..failures import Failure

MEDIA_TYPE = "application/problem+json"


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


def problem_of(failure: Failure) -> Problem:
    """A failure as this API tells it."""
    return Problem(
        type=f"urn:prompt-cache:problem:{failure.code}",
        title=HTTPStatus(failure.status).phrase,
        status=failure.status,
        detail=failure.detail,
        errors=[ProblemFault(list(fault.loc), fault.msg) for fault in failure.faults] if failure.faults else UNSET,
    )


def problem_response(failure: Failure, _: Headers) -> Response:
    """The response that tells a failure."""
    return Response(
        msgspec.json.encode(problem_of(failure)), failure.status, dict(failure.headers), content_type=MEDIA_TYPE
    )
