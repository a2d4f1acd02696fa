"""A route as one decorated function: token, role, body or query in; a typed answer out; and its line in OpenAPI."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, Protocol

import msgspec
from flask import Blueprint, Flask, Request, Response, has_request_context
from flask import request as current_request
from msgspec import Struct

from ..config import Role
from ..values.validation import convert, explain, explain_text
from .auth import Caller
from .failures import Failure, HttpError, bad_request
from .log import note

JSON = "application/json"
_WHOLE = re.compile("-?[0-9]{1,18}")
_encoder = msgspec.json.Encoder()


class Headers(Protocol):
    """What a request says of itself, by name in any case; Flask's and ours."""

    def get(self, name: str, /) -> str | None: ...


class Operation(NamedTuple):
    """What the OpenAPI document says of a route."""

    method: str
    path: str
    role: Role | None
    body: type[Struct] | None
    query: type[Struct] | None
    returns: Any
    """The type of what is answered as JSON; or the media type of a text."""
    status: tuple[int, ...]
    fails: tuple[int, ...]
    summary: str
    name: str
    links: Mapping[str, Mapping[str, str]]
    """By operation that goes on from here: which of its fields are where in the answer."""
    handle: "Handler"


class Handler(Protocol):
    """A route without HTTP around it: a known caller, a body or a query, path parts in; (answer, status) out."""

    def __call__(
        self, caller: Caller | None, data: bytes, arguments: Mapping[str, list[str]], parts: Mapping[str, str]
    ) -> tuple[Any, int]: ...


class Api:
    """The routes of one API, with how its callers are known and how its failures are told."""

    def __init__(
        self,
        name: str,
        *,
        prefix: str,
        authenticate: Callable[[Headers], Caller],
        render: Callable[[Failure, Headers], Response],
        labelled: bool = True,
    ) -> None:
        self._prefix = prefix
        self.render = render
        """The response that tells a failure to who sent these headers."""
        self._labelled = labelled
        """Whether a body has to say that it is JSON."""
        self.authenticate = authenticate
        """The caller, by the headers alone. Raises an HttpError of 401."""
        self.body_limit: int | None = None
        self.operations: list[Operation] = []
        self._blueprint = Blueprint(name, __name__)

    def route(
        self,
        method: str,
        path: str,
        *,
        role: Role | None,
        returns: Any,
        body: type[Struct] | None = None,
        query: type[Struct] | None = None,
        status: tuple[int, ...] = (200,),
        fails: tuple[int, ...] = (),
        links: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
        """Serve a function that takes the caller, then the body or query, then path parts.

        It returns what is encoded as JSON with the first status, or (answer, status), or a whole Response.
        """
        decoder = msgspec.json.Decoder(body) if body else None

        def decorate(function: Callable[..., Any]) -> Callable[..., Response]:
            def handle(
                caller: Caller | None, data: bytes, arguments: Mapping[str, list[str]], parts: Mapping[str, str]
            ) -> tuple[Any, int]:
                given: list[Any] = [] if role is None else [caller]
                if decoder and body:
                    given.append(_decoded(data, decoder, body))
                elif query:
                    given.append(convert(_query(arguments, query), query))
                answer = function(*given, **parts)
                return answer if isinstance(answer, tuple) else (answer, status[0])

            @wraps(function)
            def view(**path_parts: str) -> Response:
                request: Request = current_request._get_current_object()  # type: ignore[attr-defined]
                caller = None if role is None else self._caller(request, role)
                data = _body(request, labelled=self._labelled) if body else b""
                answer, code = handle(caller, data, dict(request.args.lists()), path_parts)
                return answer if isinstance(answer, Response) else Response(encoded(answer), code, content_type=JSON)

            summary = (function.__doc__ or "").strip().splitlines()[0]
            name = function.__name__.strip("_")
            self.operations.append(
                Operation(method, path, role, body, query, returns, status, fails, summary, name, links or {}, handle)
            )
            rule = path.replace("{", "<").replace("}", ">")
            self._blueprint.add_url_rule(
                rule, function.__name__, view, methods=[method], provide_automatic_options=False
            )
            return view

        return decorate

    def _caller(self, request: Request, role: Role) -> Caller:
        caller = self.authenticate(request.headers)
        note(request.environ, "caller", caller.name)
        caller.require(role)
        return caller

    def reach(self, path: str) -> int:
        """How much of a path its prefix is: whatever fails below is told in its shape."""
        return len(self._prefix) if f"{path}/".startswith(self._prefix) else 0

    def register(self, app: Flask) -> None:
        app.register_blueprint(self._blueprint)


def encoded(answer: Any) -> bytes:
    """An answer as it goes out."""
    return _encoder.encode(answer)


def note_outcome(outcome: str) -> None:
    """Add it to the line of this request, where there is one."""
    if has_request_context():
        note(current_request.environ, "outcome", outcome)


def _body(request: Request, *, labelled: bool) -> bytes:
    if labelled and request.mimetype != JSON:
        raise HttpError(415, "unsupported-media-type", f"send JSON, with the header `Content-Type: {JSON}`")
    data = request.get_data(cache=False)
    if (encoding := request.headers.get("Content-Encoding", "identity")) != "identity":
        try:
            msgspec.json.decode(data, type=msgspec.Raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            detail = f"send JSON as it is, not with `Content-Encoding: {encoding[:20]}`"
            raise HttpError(415, "unsupported-media-type", detail) from None
    return data


def _decoded(data: bytes, decoder: msgspec.json.Decoder[Any], type_: type[Struct]) -> Any:
    try:
        try:
            return decoder.decode(data)
        except msgspec.ValidationError as error:
            raise explain(error, data, type_) from None
    except RecursionError:
        bad_request((), "nested too deeply")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if broken := explain_text(data):
            raise broken from None
        bad_request((), f"not valid JSON: {error}")


def _query(arguments: Mapping[str, list[str]], type_: type[Struct]) -> dict[str, str | int]:
    numbers = {field.name for field in msgspec.structs.fields(type_) if isinstance(field.default, int)}
    found: dict[str, str | int] = {}
    for name, values in arguments.items():
        if len(values) > 1:
            bad_request((name,), "given more than once")
        # All else is text: "null" may be what is searched for.
        found[name] = int(values[0]) if name in numbers and _WHOLE.fullmatch(values[0]) else values[0]
    return found
