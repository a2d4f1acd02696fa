"""The cache in a program's own process: the API without HTTP."""

from .cache import Answer, EmbeddedCache

__all__ = ["Answer", "EmbeddedCache"]
