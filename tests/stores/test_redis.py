"""The Redis store on Redis 7, Redis 8, a cluster of three masters, behind Sentinel and over TLS."""

import pytest

from prompt_cache.stores.conformance import SharedStoreConformance
from tests.stack.redis import Redis, RedisCluster

from .redis_servers import cluster_url, flush


class TestRedis7(SharedStoreConformance):
    @pytest.fixture
    def url(self, redis_7: Redis) -> str:
        flush(redis_7.port)
        return redis_7.url


class TestRedis8(SharedStoreConformance):
    @pytest.fixture
    def url(self, redis_8: Redis) -> str:
        flush(redis_8.port)
        return redis_8.url


class TestRedisCluster(SharedStoreConformance):
    @pytest.fixture
    def url(self, redis_cluster: RedisCluster) -> str:
        flush(*(node.port for node in redis_cluster.nodes))
        return cluster_url(redis_cluster)
