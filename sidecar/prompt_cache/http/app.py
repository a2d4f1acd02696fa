"""The Flask application."""

import time

import msgspec
from flask import Flask, Response, g, request

from ..cache import PromptCache
from ..config import Config, size
from . import native, ops, problems
from .auth import Tokens
from .log import write_log
from .openapi import document

APIS = (native.api, ops.api)


def create_app(cache: PromptCache, config: Config) -> Flask:
    """The application around a cache; it owns neither threads nor connections."""
    app = Flask("prompt_cache", static_folder=None)
    app.config.update(
        CACHE=cache,
        TOKENS=Tokens(config),
        MAX_CONTENT_LENGTH=size(config.body_limit),
        OPENAPI=msgspec.json.encode(document(operation for api in APIS for operation in api.operations)),
    )
    app.url_map.strict_slashes = False
    for api in APIS:
        api.register(app)
    problems.register(app)
    if config.request_log:
        _log_requests(app)
    return app


def _log_requests(app: Flask) -> None:
    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _log(response: Response) -> Response:
        line = {
            "method": request.method,
            "path": request.path[:200],  # never the query: it may hold a search in prompts
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 2),
        }
        for name in ("caller", "outcome"):
            if name in g:
                line[name] = g.get(name)
        write_log(line)
        return response
