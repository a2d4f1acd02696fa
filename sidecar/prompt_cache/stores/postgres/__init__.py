"""PostgreSQL, Supabase included: for several sidecars, and where a database is kept anyway."""

try:
    from .store import PostgresStore
except ImportError as error:
    raise ValueError(
        "postgresql:// needs a driver that is not installed: pip install prompt-cache-sidecar[postgres]"
    ) from error

__all__ = ["PostgresStore"]
