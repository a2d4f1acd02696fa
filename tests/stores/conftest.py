"""The real servers, each in a file of its own."""

from .postgres_servers import pgbouncer, postgres, schema
from .redis_servers import redis_7, redis_8, redis_cluster, redis_tls

__all__ = ["pgbouncer", "postgres", "redis_7", "redis_8", "redis_cluster", "redis_tls", "schema"]
