"""The Flask application: the APIs side by side, each with its own callers and its own way to tell failures."""

import contextlib
from collections.abc import Callable, Sequence

from flask import Flask, Response, request

from ..config import Config
from ..core.cache import PromptCache
from ..values.sizes import size
from .api import Api
from .auth import Tokens
from .failures import failure_of
from .hit_path import HitPath
from .log import RequestLog
from .native import native_api

APIS: tuple[Callable[[PromptCache, Config], Api], ...] = (native_api,)
"""How each API is made; the first one tells the failures of paths that are nobody's."""

_PIECE = 64 * 1024
_MOST_DRAINED = 64 * 1024 * 1024


def create_app(cache: PromptCache, config: Config) -> Flask:
    """The application around a cache; it owns neither threads nor connections."""
    apis = [make(cache, config) for make in APIS]
    app = assemble(apis, body_limit=size(config.body_limit))
    wsgi = HitPath(app.wsgi_app, cache, Tokens(config), size(config.body_limit))
    app.wsgi_app = RequestLog(wsgi) if config.request_log else wsgi  # type: ignore[method-assign]
    return app


def assemble(apis: Sequence[Api], *, body_limit: int) -> Flask:
    """Serve these APIs; a failure is told by the one whose prefix fits its path best. `body_limit` is in bytes."""
    app = Flask("prompt_cache", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = body_limit
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # which would answer with a redirect
    for api in apis:
        api.register(app)
    longest_first = sorted(apis, key=lambda api: len(api.prefix), reverse=True)

    @app.errorhandler(Exception)
    def _failed(error: Exception) -> Response:
        owner = next((api for api in longest_first if request.path.startswith(api.prefix)), apis[0])
        return owner.render(failure_of(error, request.path))

    @app.after_request
    def _drained(response: Response) -> Response:
        if response.status_code >= 400:  # a body left unread would close the connection under the caller's next request
            with contextlib.suppress(Exception):
                for _ in range(_MOST_DRAINED // _PIECE):
                    if not request.environ["wsgi.input"].read(_PIECE):
                        break
        return response

    return app
