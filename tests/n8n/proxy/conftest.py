"""The suite's n8n, and a cache server of its own between n8n's nodes and a provider that counts."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from stack import Sidecar, output_items
from tests.proxy.upstream import Upstream

from ..conftest import Rig
from ..flows import Flow, Published
from .providers import PROVIDERS

TOKEN = "proxy-token"
HELD = "sk-held-by-the-server"


class Proxied:
    """Publishes workflows whose credentials name a cache server as their Base URL."""

    def __init__(self, rig: Rig, upstream: Upstream, gate: Sidecar, closed: Sidecar) -> None:
        self.client = rig.client
        self.owner = rig.owner
        self.upstream = upstream
        self.gate = gate
        """Asks for no token, so that nothing but the Base URL is changed."""
        self.closed = closed
        """Asks for its token, and holds the keys of Gemini and Ollama."""
        self.credentials: dict[str, str] = {}
        for name, each in PROVIDERS.items():
            self.add(name, each.data(gate.url + each.mount))
            # The upstreams of this name keep their answers in a namespace that caches the calls of tools too.
            base = f"{gate.url}/u/{name}-tools"
            self.add(name, each.data(base), f"{name} with tools")

    def add(self, provider: str, data: Mapping[str, Any], name: str | None = None) -> str:
        """Make a credential, and return its name."""
        name = name or provider
        self.credentials[name] = self.client.create_credential(name, PROVIDERS[provider].credential, data)
        return name

    def publish(self, flow: Flow) -> Published:
        return Published(self.client, flow, self.credentials)

    def test(self, provider: str, data: Mapping[str, Any]) -> str:
        """What the credential's own test says: OK or Error."""
        credential = {"id": "", "name": provider, "type": PROVIDERS[provider].credential, "data": dict(data)}
        return str(self.client.http.post("/rest/credentials/test", {"credentials": credential})["data"]["status"])


def outputs(published: Published, *nodes: str) -> dict[str, list[dict[str, Any]]]:
    """The items of each node in the last execution."""
    execution = published.last_execution()
    return {node: output_items(execution, node) for node in nodes}


def _settings(upstream: Upstream) -> dict[str, str]:
    settings = {"PROMPT_CACHE_STORE": "memory://", "PROMPT_CACHE_NAMESPACES": "{tools: {cache_tool_calls: true}}"}
    for name in PROVIDERS:
        url = f"{upstream.url}/v1" if name == "openai" else upstream.url
        variable = f"PROMPT_CACHE_UPSTREAM_{name.upper()}"
        settings |= {
            f"{variable}_URL": url,
            f"{variable}_TOOLS_URL": url,
            f"{variable}_TOOLS_PROTOCOL": name,
            f"{variable}_TOOLS_NAMESPACE": "tools",
        }
    return settings


@pytest.fixture(scope="session")
def _proxied(_running: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxied")
    with Upstream() as upstream:
        open_ = _settings(upstream)
        held = {"PROMPT_CACHE_UPSTREAM_GEMINI_KEY": HELD, "PROMPT_CACHE_UPSTREAM_OLLAMA_KEY": HELD}
        with Sidecar(folder, env=open_) as gate, Sidecar(folder, env=open_ | held, token=TOKEN) as closed:
            yield Proxied(_running, upstream, gate, closed)


@pytest.fixture
def proxied(_proxied: Proxied) -> Proxied:
    """All parts, with the provider's counter at zero; nothing is asked twice by different tests."""
    _proxied.upstream.reset()
    return _proxied
