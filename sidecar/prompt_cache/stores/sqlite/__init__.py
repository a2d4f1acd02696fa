"""One SQLite file, shared by all workers of a machine: the default."""

from .store import SqliteStore

__all__ = ["SqliteStore"]
