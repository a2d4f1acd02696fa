"""The reference of the benchmark: a Flask endpoint that does nothing, under the sidecar's own gunicorn settings."""

import sys

import msgspec
from flask import Flask

from prompt_cache.config import load
from prompt_cache.http.server import Server

_ANSWER = b'{"status":"hit"' + b" " * 1000 + b"}"


def make_app() -> Flask:
    app = Flask("noop")

    @app.post("/v1/lookup")
    def lookup() -> tuple[bytes, dict[str, str]]:
        return _ANSWER, {"Content-Type": "application/json"}

    @app.get("/ready")
    def ready() -> str:
        return ""

    return app


if __name__ == "__main__":
    Server(msgspec.structs.replace(load(), listen=sys.argv[1]), make_app, lambda _: None).run()
