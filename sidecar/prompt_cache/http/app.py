"""The Flask application."""

import msgspec
from flask import Flask

from ..config import Config
from ..core.cache import PromptCache
from ..values.sizes import size
from . import native, ops, problems
from .auth import Tokens
from .hit_path import HitPath
from .log import RequestLog
from .openapi import document

APIS = (native.api, ops.api)


def create_app(cache: PromptCache, config: Config) -> Flask:
    """The application around a cache; it owns neither threads nor connections."""
    app = Flask("prompt_cache", static_folder=None)
    tokens, body_limit = Tokens(config), size(config.body_limit)
    operations = [operation for api in APIS for operation in api.operations]
    app.config.update(
        CACHE=cache,
        TOKENS=tokens,
        MAX_CONTENT_LENGTH=body_limit,
        OPENAPI=msgspec.json.encode(document(operations, secured=bool(config.token or config.tokens))),
    )
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # which would answer with a redirect
    for api in APIS:
        api.register(app)
    problems.register(app)
    wsgi = HitPath(app.wsgi_app, cache, tokens, body_limit)
    app.wsgi_app = RequestLog(wsgi) if config.request_log else wsgi  # type: ignore[method-assign]
    return app
