"""Redis, alone, behind Sentinel or as a cluster, and what speaks its protocol: shared by any number of machines."""

from .store import RedisStore

__all__ = ["RedisStore"]
