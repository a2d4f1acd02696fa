"""One sidecar for the session, and each way to a cache."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from prompt_cache_client import PromptCache
from stack import Redis, Sidecar

TOKEN = "the-token"
SETTINGS = {"PROMPT_CACHE_STORE": "sqlite:///cache.db", "PROMPT_CACHE_WORKERS": "2"}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    with Sidecar(tmp_path_factory.mktemp("sidecar"), env=SETTINGS, token=TOKEN) as sidecar:
        yield sidecar


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["http", "sqlite", "redis"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A cache server's, or that of a store which processes share."""
    match request.param:
        case "http":
            server: Sidecar = request.getfixturevalue("server")
            return server.url
        case "redis":
            redis: Redis = request.getfixturevalue("redis")
            return redis.url
    return f"sqlite:///{tmp_path}/cache.db"


@pytest.fixture
def cache(address: str) -> Iterator[PromptCache]:
    with PromptCache(address, token=TOKEN, namespace=f"n-{uuid4().hex[:12]}", timeout=10) as cache:
        yield cache
