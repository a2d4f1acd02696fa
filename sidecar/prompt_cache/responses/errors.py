"""Errors that stand where an answer should, in the shapes of the ecosystem's servers, gateways and frameworks.

An object is an error only as a whole: it says so, and has nothing but what errors have. An answer may well have a
`message`, a `code` or an `error` of its own.
"""

import re
from http import HTTPStatus
from typing import Any

from .envelope import at
from .words import word_set

# What an error says of itself, in lower case and without underscores.
_ACCOUNT = word_set(
    """
    error errors message messages msg detail details description title reason cause hint help code status statuscode
    statusmessage statustext httpcode httpstatus httpstatuscode type instance name path param params success ok stack
    stacktrace errorcode errormsg errortype errorname errormessage errordescription errordetails errorid erroruri fault
    innererror responsemetadata extensions context level functionality n8ndetails node object event id jsonrpc
    requestid xrequestid requesttrace traceid correlationid timestamp time domain target metadata model created method
    url docurl documentationurl infourl moreinfo retryafter retryable estimatedtime warnings version
    """
)
_TRIGGERS = word_set(
    """
    error errors Error status code statusCode status_code httpCode http_status detail Message message __type type object
    event success ok isError errorMessage error_message errorType errorCode error_code fault title base_resp Response
    ResponseMetadata jsonrpc
    """
)
_MESSAGES = frozenset(
    ("message", "msg", "detail", "details", "title", "description", "reason", "error", "errors", "statustext")
)
_TEXTS = frozenset(("message", "msg", "detail", "error"))
# Of these an answer speaks as readily, so that beside them more is needed than a word in `error`.
_COMMON = frozenset(
    (
        "name",
        "title",
        "description",
        "url",
        "time",
        "created",
        "version",
        "level",
        "target",
        "domain",
        "method",
        "params",
    )
)
_STATUSES = ("status", "httpcode", "httpstatus", "httpstatuscode", "errorcode")
# A code that is no number tells an error from a program only where it says so.
_ERROR_CODE = re.compile(
    r"(?=[\w.-]+$).*(error|err_|invalid|exception|limit|denied|unauthori|forbidden|not_?found|time_?out|unavailable|"
    r"exceeded|failed|failure|throttl|quota|expired|unsupported|missing|bad_?request|overloaded|insufficient|arrearage)",
    re.IGNORECASE,
)
_GRPC = range(1, 17)
_PHRASES = frozenset(
    [status.phrase.lower() for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST]
    + [
        "api rate limit exceeded",
        "endpoint request timed out",
        "error in workflow",
        "incorrect api key provided",
        "invalid api key",
        "invalid api token",
        "invalid authentication credentials",
        "invalid token",
        "limit exceeded",
        "missing authentication token",
        "no api key found in request",
        "no route matched with those values",
        "overloaded",
        "rate limit exceeded",
        "rate limit reached",
        "rate limited",
        "the security token included in the request is invalid.",
    ]
)
# The page that nginx and its kin send for an upstream that is gone.
_GATEWAY_PAGE = re.compile(
    r"\s*(?:<html>\s*<head>\s*<title>[45]\d\d [^<]*</title>\s*</head>\s*<body[^>]*>\s*<center>\s*<h1>"
    r"|<!doctype html>[\s\S]{0,500}?<title>[\w.:-]{1,253} \| 5\d\d: )",  # Cloudflare's
    re.IGNORECASE,
)


def carries(value: Any) -> bool:
    """Whether there is anything in it: some text, number or truth value, however deep."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str):
            if value and not value.isspace():
                return True
        elif value is not None:
            return True
    return False


def is_error_page(text: str) -> bool:
    """Whether a gateway wrote it instead of the model."""
    return _GATEWAY_PAGE.match(text) is not None


def is_error(value: dict[str, Any]) -> bool:
    """Whether a whole JSON object is an error, and nothing but one."""
    if _TRIGGERS.isdisjoint(value):
        # An event of Bedrock's streams.
        return len(value) == 1 and all(name.endswith("Exception") and carries(told) for name, told in value.items())
    if _unmistakable(value):
        return True
    said = {_plain(name): told for name, told in value.items() if _says(told)}
    others = [name for name in said if name not in _ACCOUNT]
    if others == ["data"]:  # GraphQL, whose errors may stand beside useful data
        return _told(said.get("errors")) and not carries(said["data"])
    return not others and _accounts(value, said)


def _unmistakable(value: dict[str, Any]) -> bool:
    """Marks that stand for an error whatever stands beside them."""
    error, kind = value.get("error"), value.get("type")
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        # What JavaScript threw, in n8n's item of what was asked.
        name = error.get("name")
        if isinstance(error.get("stack"), str) or (isinstance(name, str) and name.endswith("Error")):
            return True
    if kind == "error" and isinstance(error, dict):
        return True
    if value.get("object") == "error" and "message" in value:
        return True
    if value.get("isError") is True and isinstance(value.get("content"), list):
        return True  # a tool's result in MCP
    if _in_its_envelope(value):
        return True
    if isinstance(kind, str) and isinstance(value.get("title"), str):
        # RFC 9457, which lets anything stand beside.
        return _failed(value.get("status")) and (kind == "about:blank" or ":" in kind or "/" in kind)
    return False


def _in_its_envelope(value: dict[str, Any]) -> bool:
    """Whether an envelope says that it holds an error: MiniMax's, Volcano Engine's, Tencent's, MCP's."""
    status = at(value, ("base_resp", "status_code"))
    if isinstance(status, int) and status:
        return True
    if isinstance(at(value, ("ResponseMetadata", "Error")), dict):
        return True
    if len(value) == 1 and isinstance(at(value, ("Response", "Error")), dict):
        return True
    return "jsonrpc" in value and at(value, ("result", "isError")) is True


def _accounts(value: dict[str, Any], said: dict[str, Any]) -> bool:
    """Whether an object that has only what errors have is one."""
    plainly = _COMMON.isdisjoint(said)
    error, texts = said.get("error"), not _TEXTS.isdisjoint(said)
    if _told(error) and (plainly or isinstance(error, dict)):
        return True
    if plainly and (_told(said.get("errors")) or said.get("ok") is False or said.get("success") is False):
        return True
    if any(_told(said.get(name)) for name in ("fault", "errormessage", "errormsg", "errortype")) or _failed(
        said.get("statuscode")
    ):
        return True
    if not _MESSAGES.isdisjoint(said) and any(_failed(said.get(name)) for name in _STATUSES):
        return True
    if texts and (
        _failed(said.get("code"))
        or "error" in (said.get("type"), said.get("event"))
        or said.get("status") in ("error", "fail")
    ):
        return True
    return _message_alone(value, said) or _by_its_code(value, said)


def _message_alone(value: dict[str, Any], said: dict[str, Any]) -> bool:
    if (
        "detail" in value
        and said.get("detail")
        and _MESSAGES.isdisjoint(said.keys() - {"detail"})
        and "name" not in said
    ):
        return True  # FastAPI and Django say no more
    message = said.get("message")
    if "Message" in value or "__type" in value:
        return message is not None  # Amazon's services
    return isinstance(message, str) and message.strip().rstrip(".!").lower() in _PHRASES


def _by_its_code(value: dict[str, Any], said: dict[str, Any]) -> bool:
    message, code, kind = said.get("message"), said.get("code"), said.get("type")
    if isinstance(message, str):
        if isinstance(code, str) and _ERROR_CODE.match(code):
            return True
        if isinstance(name := said.get("name"), str) and name.endswith(("Error", "Exception")):
            return True
        if isinstance(kind, str) and kind.endswith(("_error", "Error", "Exception")):
            return True
        if code and value.keys() == {"code", "details", "hint", "message"}:
            return True  # PostgREST
        if value.keys() == {"code", "message", "details"} and isinstance(value["details"], list):
            return code in _GRPC
    if isinstance(kind, str) and "title" in said:
        return kind == "about:blank" or ("/" in kind and ("error" in kind or "problem" in kind))
    return False


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _says(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _told(value: Any) -> bool:
    """Whether the field of an error has one in it."""
    return value is True or _failed(value) or (isinstance(value, str | dict | list) and carries(value))


def _failed(status: Any) -> bool:
    if isinstance(status, str) and len(status) == 3 and status.isdecimal():
        status = int(status)
    return isinstance(status, int) and not isinstance(status, bool) and 400 <= status <= 599
