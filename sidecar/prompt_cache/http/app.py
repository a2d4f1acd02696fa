"""The Flask application: the APIs side by side, each with its own callers and its own way to tell failures."""

from collections.abc import Callable, Sequence

from flask import Flask, Response, request

from ..config import Config
from ..core.cache import PromptCache
from ..values.sizes import size
from .api import Api
from .failures import failure_of
from .langcache import langcache_api
from .native import native_api

APIS: tuple[Callable[[PromptCache, Config], Api], ...] = (native_api, langcache_api)
"""How each API is made; the first one tells the failures of paths that are nobody's."""


def make_apis(cache: PromptCache, config: Config) -> list[Api]:
    """All of them, around a cache."""
    return [make(cache, config) for make in APIS]


def owner(apis: Sequence[Api], path: str) -> Api:
    """The one whose prefix fits a path best: it knows the callers there, and tells what fails."""
    found = apis[0]
    for api in apis[1:]:
        if f"{path}/".startswith(api.prefix) and len(api.prefix) > len(found.prefix):
            found = api
    return found


def create_app(cache: PromptCache, config: Config) -> Flask:
    """The application around a cache; it owns neither threads nor connections."""
    return assemble(make_apis(cache, config), body_limit=size(config.body_limit))


def assemble(apis: Sequence[Api], *, body_limit: int) -> Flask:
    """Serve these APIs. `body_limit` is in bytes."""
    app = Flask("prompt_cache", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = body_limit
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # which would answer with a redirect
    for api in apis:
        api.register(app)

    @app.errorhandler(Exception)
    def _failed(error: Exception) -> Response:
        return owner(apis, request.path).render(failure_of(error, request.path), request.headers)

    return app
