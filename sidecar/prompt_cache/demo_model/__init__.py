"""A stand-in for OpenAI's API that needs no key, for demonstrations and tests; no part of the cache.

It repeats what it reads, follows schemas, gives as many choices as `n` says, and calls tools when it is asked to.
"""

from .app import create_app, run

__all__ = ["create_app", "run"]
