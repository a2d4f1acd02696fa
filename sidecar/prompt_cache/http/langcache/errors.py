"""Failures as LangCache tells them. Its SDKs take one `type` for each status, and another word is no error to them."""

import re
from http import HTTPStatus

import msgspec
from flask import Response
from msgspec import UNSET, Struct, UnsetType

from ..api import JSON, Headers
from ..failures import Failure

_STATUS = {"store-unavailable": 424, "store-full": 424, "overloaded": 429}
"""By the code of a failure: what LangCache's clients take it for."""
_OTHERWISE = "/errors/invalid-data"
_TYPES = {
    400: "/errors/invalid-data",
    401: "/errors/authentication-failed",
    403: "/errors/insufficient-permissions",
    404: "/errors/resource-not-found",
    413: "/errors/payload-too-large",
    424: "/errors/resource-unavailable",
    429: "/errors/too-many-requests",
    500: "/errors/unexpected-error",
}
_CODE_TYPES = {"store-full": "/errors/database-out-of-memory"}
_EARLIER = {404: "/errors/resource/not-found", 424: "/errors/database/resource-database-unavailable"}
"""Where SDKs before 0.12 have other words."""
_EARLIER_CODE_TYPES = {
    "unknown-cache": "/errors/cache/not-found",
    "unknown-entry": "/errors/cache/entry/not-found",
    "store-full": "/errors/database/out-of-memory",
    "no-embedder": "/errors/cache/index-not-found",
}
_SDK = re.compile(r"speakeasy-sdk/\S+ (\d{1,4})\.(\d{1,4})\.\S* .*langcache$")
_CHANGED = (0, 12)


class Field(Struct, frozen=True):
    """One wrong field of a bad request."""

    field: str
    rule: str
    message: str


class Error(Struct, frozen=True, kw_only=True):
    """What went wrong, as LangCache's SDKs read it."""

    title: str
    type: str
    status: int
    detail: str
    fields: list[Field] | UnsetType = UNSET


def error_response(failure: Failure, headers: Headers) -> Response:
    """The response that tells a failure in the words of the SDK that asked."""
    status = _STATUS.get(failure.code, failure.status)
    fields = [Field(".".join(map(str, fault.loc)) or "body", "valid", fault.msg) for fault in failure.faults]
    error = Error(
        title=HTTPStatus(status).phrase,
        type=_type(status, failure.code, earlier=_is_earlier(headers.get("User-Agent") or "")),
        status=status,
        detail=failure.detail,
        fields=fields or UNSET,
    )
    return Response(msgspec.json.encode(error), status, dict(failure.headers), content_type=JSON)


def _type(status: int, code: str, *, earlier: bool) -> str:
    type_ = _CODE_TYPES.get(code) or _TYPES.get(status, _OTHERWISE)
    return (_EARLIER_CODE_TYPES.get(code) or _EARLIER.get(status, type_)) if earlier else type_


def _is_earlier(user_agent: str) -> bool:
    sdk = _SDK.search(user_agent)
    return sdk is not None and (int(sdk[1]), int(sdk[2])) < _CHANGED
