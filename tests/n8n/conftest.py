"""One n8n for the whole suite, with the packed node in it, a sidecar and a model that counts its calls."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stack import DemoModel, N8n, N8nClient, Owner, Sidecar, node_package
from stack.processes import POLL_SECONDS
from stack.web import HttpClient

from .flows import CACHE, MODEL, Flow, Published

TOKEN = "test-token"


class Rig:
    """The running parts, and workflows published in them."""

    def __init__(self, n8n: N8n, sidecar: Sidecar, model: DemoModel) -> None:
        self.n8n = n8n
        self.sidecar = sidecar
        self.model = model
        self.owner = Owner.generate()
        self.client: N8nClient = n8n.client()
        self.client.set_up_owner(self.owner)
        self.api: HttpClient = sidecar.client()
        self.samples: dict[str, dict[str, Any]] = {}
        self.credentials = {
            name: self.client.create_credential(name, type_name, data) for name, type_name, data in self._credentials()
        }

    def publish(self, flow: Flow, credentials: Mapping[str, str] | None = None) -> Published:
        """Import a flow and wait until its webhook answers."""
        return Published(self.client, flow, {**self.credentials, **(credentials or {})})

    def localised(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """A node of a sample workflow, with the address of this sidecar where it names one."""
        return dict(json.loads(json.dumps(node).replace("http://127.0.0.1:8787", self.sidecar.url)))

    def calls(self) -> int:
        """How often the model was asked in this test."""
        return self.model.calls()

    def model_fails(self, times: int) -> None:
        """Let the model refuse the next `times` calls."""
        HttpClient(self.model.url).post("/fault", {"status": 400, "times": times})

    def wait_until_expired(self, key: str) -> None:
        """Wait until the stored answer has outlived its time."""
        deadline = time.monotonic() + 30
        while self._is_alive(key):
            assert time.monotonic() < deadline, "the answer does not expire"
            time.sleep(POLL_SECONDS)

    def _is_alive(self, key: str) -> bool:
        expires = self.api.get(f"/v1/entries/{key}")["expires"]
        return datetime.fromisoformat(expires) > datetime.now(UTC)

    def statistics(self, query: str = "") -> dict[str, Any]:
        return dict(self.api.get(f"/v1/stats{query}"))

    def _credentials(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [
            (CACHE, "promptCacheApi", {"baseUrl": self.sidecar.url, "token": TOKEN}),
            (MODEL, "openAiApi", {"apiKey": "demo", "url": f"{self.model.url}/v1"}),
            (
                "Prompt Cache (header)",
                "httpHeaderAuth",
                {"name": "Authorization", "value": f"Bearer {TOKEN}"},
            ),
        ]


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder: Path = tmp_path_factory.mktemp("n8n")
    with (
        Sidecar(folder, env={"PROMPT_CACHE_STORE": "memory://"}, token=TOKEN) as sidecar,
        DemoModel(folder) as model,
        N8n(folder / "n8n", packages=[node_package()]) as n8n,
    ):
        yield Rig(n8n, sidecar, model)


@pytest.fixture
def rig(_running: Rig) -> Rig:
    """All parts, with an empty cache and the model's counter at zero."""
    if not _running.sidecar.running:
        _running.sidecar.start()
    _running.api.post("/v1/flush", {"all": True})
    _running.model.reset()
    _running.model_fails(times=0)
    return _running
