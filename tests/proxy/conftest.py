"""One sidecar with two workers in front of a provider that counts, for the whole session."""

from collections.abc import Iterator

import pytest

from stack import Sidecar

from .calls import Caller
from .upstream import Upstream

TOKEN = "admin-token"
NAMESPACES = """{
    shared: {shared: true}, tools: {cache_tool_calls: true}, free: {usage_on_hit: zero},
    strict: {bypass: false, max_ttl: 60},
    patient: {finish_after_disconnect: true}, slow: {replay: 50},
}"""


def settings(upstream: Upstream) -> dict[str, str]:
    """All four providers are the one that counts."""
    return {
        "PROMPT_CACHE_STORE": "sqlite:///cache.db",
        "PROMPT_CACHE_WORKERS": "2",
        "PROMPT_CACHE_NAMESPACES": NAMESPACES,
        "PROMPT_CACHE_UPSTREAM_OPENAI_URL": f"{upstream.url}/v1",
        "PROMPT_CACHE_UPSTREAM_ANTHROPIC_URL": upstream.url,
        "PROMPT_CACHE_UPSTREAM_GEMINI_URL": upstream.url,
        "PROMPT_CACHE_UPSTREAM_OLLAMA_URL": upstream.url,
    }


@pytest.fixture(scope="session")
def _upstream() -> Iterator[Upstream]:
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(_upstream: Upstream) -> Upstream:
    """As it is, with its counter at zero."""
    _upstream.reset()
    return _upstream


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, _upstream: Upstream) -> Iterator[Sidecar]:
    with Sidecar(tmp_path_factory.mktemp("proxy"), env=settings(_upstream)) as sidecar:
        yield sidecar


@pytest.fixture
def caller(server: Sidecar, upstream: Upstream) -> Iterator[Caller]:  # noqa: ARG001 - with its counter at zero
    caller = Caller(server.url)
    yield caller
    caller.close()
