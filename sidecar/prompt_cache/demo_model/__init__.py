"""A stand-in for OpenAI's API that needs no key, for demonstrations and tests; no part of the cache."""

from .app import create_app, run

__all__ = ["create_app", "run"]
