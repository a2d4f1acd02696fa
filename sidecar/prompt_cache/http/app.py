"""The Flask application: APIs and pages side by side, each with its own callers and its own way to tell failures."""

from collections.abc import Callable, Sequence
from typing import Protocol

from flask import Flask, Response, request

from ..config import Config
from ..core.cache import PromptCache
from ..values.sizes import size
from .api import Api, Headers
from .auth import Caller
from .dashboard import dashboard
from .failures import Failure, failure_of
from .langcache import langcache_api
from .native import native_api

APIS: tuple[Callable[[PromptCache, Config], Api], ...] = (native_api, langcache_api)
"""How each API is made; the first one tells the failures of paths that are nobody's."""


class Part(Protocol):
    """An API, or the dashboard."""

    body_limit: int | None
    """Bytes of a body; None for as many as the server takes."""

    def reach(self, path: str) -> int:
        """How well a path fits: the part that it fits best knows the callers there, and tells what fails."""

    def authenticate(self, headers: Headers) -> Caller:
        """The caller, by the headers alone. Raises an HttpError of 401."""

    def render(self, failure: Failure, headers: Headers) -> Response:
        """The response that tells a failure to who sent these headers."""

    def register(self, app: Flask) -> None:
        """Add its routes."""


def make_parts(cache: PromptCache, config: Config) -> list[Part]:
    """All of them, around a cache."""
    parts: list[Part] = [make(cache, config) for make in APIS]
    return [*parts, *dashboard(cache, config)] if config.dashboard else parts


def owner(parts: Sequence[Part], path: str) -> Part:
    """The one that a path fits best."""
    return max(parts, key=lambda part: part.reach(path))


def rendered(parts: Sequence[Part], failure: Failure, path: str, headers: Headers) -> Response:
    """A failure in the shape of the part that a path fits best; plainly where that fails as well.

    What went on from here would be logged by others, with a message that may quote a prompt.
    """
    try:
        return owner(parts, path).render(failure, headers)
    except Exception as error:
        failure = failure_of(error, path)
        return Response(f"{failure.detail}\n", failure.status, content_type="text/plain; charset=utf-8")


def create_app(cache: PromptCache, config: Config) -> Flask:
    """The application around a cache; it owns neither threads nor connections."""
    return assemble(make_parts(cache, config), body_limit=size(config.body_limit))


def assemble(parts: Sequence[Part], *, body_limit: int) -> Flask:
    """Serve these. `body_limit` is in bytes."""
    app = Flask("prompt_cache", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = body_limit
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # which would answer with a redirect
    for part in parts:
        part.register(app)

    @app.errorhandler(Exception)
    def _failed(error: Exception) -> Response:
        return rendered(parts, failure_of(error, request.path), request.path, request.headers)

    return app
