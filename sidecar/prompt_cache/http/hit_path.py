"""The shortest way from a lookup to its answer."""

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec

from ..core.cache import PromptCache
from .api import JSON, hand_over
from .auth import Tokens
from .failures import HttpError
from .log import note
from .native.lookup import LookupBody, look_up

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_decoder = msgspec.json.Decoder(LookupBody)
_encoder = msgspec.json.Encoder()


class HitPath:
    """Answers plain lookups before Flask wakes: its routing and contexts cost more than the cache does.

    Whatever is not a plain success goes on to Flask, so that every failure is told in one place.
    """

    def __init__(self, app: "WSGIApplication", cache: PromptCache, tokens: Tokens, body_limit: int) -> None:
        self._app = app
        self._cache = cache
        self._tokens = tokens
        self._body_limit = body_limit

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if (
            environ.get("PATH_INFO") != "/v1/lookup"
            or environ.get("REQUEST_METHOD") != "POST"
            or environ.get("CONTENT_TYPE") != JSON
            or not (length.isascii() and length.isdigit() and int(length) <= self._body_limit)
        ):
            return self._app(environ, start_response)
        data = environ["wsgi.input"].read(int(length))
        try:
            caller = self._tokens.caller(environ.get("HTTP_AUTHORIZATION"))
            body = _decoder.decode(data)
        except (HttpError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            environ["wsgi.input"] = BytesIO(data)
            return self._app(environ, start_response)
        try:
            outcome = look_up(self._cache, caller, body)
        except Exception as error:
            hand_over(environ, error)
            return self._app(environ, start_response)
        note(environ, "caller", caller.name)
        note(environ, "outcome", outcome.status)
        answer = _encoder.encode(outcome)
        start_response("200 OK", [("Content-Type", JSON), ("Content-Length", str(len(answer)))])
        return [answer]
