"""A cache server, and the provider behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import Sidecar

from ..proxy.upstream import Upstream


@pytest.fixture(scope="session")
def provider() -> Iterator[Upstream]:
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a server and the commands keep answers."""
    url = f"sqlite:///{tmp_path}/cache.db"
    monkeypatch.setenv("PROMPT_CACHE_STORE", url)
    return url


@pytest.fixture
def server(provider: Upstream, store: str, tmp_path: Path) -> Iterator[Sidecar]:
    env = {"PROMPT_CACHE_STORE": store, "PROMPT_CACHE_UPSTREAM_OPENAI_URL": f"{provider.url}/v1"}
    with Sidecar(tmp_path, env=env) as sidecar:
        yield sidecar


@pytest.fixture
def keys(provider: Upstream) -> dict[str, str]:
    """What OpenAI's SDK wants in the environment of a program that asks the provider itself."""
    return {"OPENAI_API_KEY": "k-1", "OPENAI_BASE_URL": f"{provider.url}/v1"}
