"""The sample workflows and the credentials they name, as a user would import them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .n8n import N8n
from .n8n_client import N8nClient
from .paths import WORKFLOWS
from .progress import say, step
from .web import HttpError

_SIDECAR_ADDRESS = "http://127.0.0.1:8787"
_MODEL_ADDRESS = "http://127.0.0.1:8788/v1"
_PUBLISHED = ("n8n-nodes-base.webhook", "n8n-nodes-base.formTrigger", "@n8n/n8n-nodes-langchain.chatTrigger")


@dataclass(frozen=True)
class Services:
    """Where the samples find the cache and the OpenAI-compatible model (with its `/v1`), and their secrets."""

    sidecar_url: str
    sidecar_token: str
    model_url: str
    model_key: str

    def credential(self, type_name: str) -> dict[str, Any] | None:
        """The data of a credential of that type, or None when a user has to fill it in."""
        return {
            "promptCacheApi": {"baseUrl": self.sidecar_url, "token": self.sidecar_token},
            "openAiApi": {"apiKey": self.model_key, "url": self.model_url},
            "httpBearerAuth": {"token": self.sidecar_token},
            "httpHeaderAuth": {"name": "Authorization", "value": f"Bearer {self.sidecar_token}"},
        }.get(type_name)


@dataclass
class _Imported:
    """What one n8n has been given: a digest for each credential, so that a changed port or key is brought in again."""

    credentials: dict[str, str]
    workflows: list[str]

    @classmethod
    def read(cls, file: Path) -> "_Imported":
        return cls(**json.loads(file.read_text())) if file.exists() else cls({}, [])


class Samples:
    """Brings the samples into one n8n, each once: what a user changes or deletes stays so."""

    def __init__(self, n8n: N8n, services: Services) -> None:
        self._n8n = n8n
        self._services = services
        self._record = n8n.folder / "imported.json"
        self.workflows = [self._workflow(text) for text in _exported()]

    def bring_in(self) -> list[str]:
        """Import what has not been imported, with the server stopped; return the ids of the new workflows."""
        done = _Imported.read(self._record)
        credentials = [c for c in self._credentials() if done.credentials.get(c["id"]) != _digest(c)]
        workflows = [w for w in self.workflows if w["id"] not in done.workflows]
        if credentials or workflows:
            with step("Import the sample workflows"):
                if credentials:
                    self._n8n.import_credentials(credentials)
                if workflows:
                    self._n8n.import_workflows(workflows)
        done.credentials.update({c["id"]: _digest(c) for c in credentials})
        done.workflows.extend(w["id"] for w in workflows)
        self._record.write_text(json.dumps(asdict(done), indent=1))
        return [w["id"] for w in workflows]

    def publish(self, client: N8nClient, ids: list[str]) -> None:
        """Make the webhooks of these workflows answer."""
        for workflow in self.workflows:
            if workflow["id"] in ids and any(node["type"] in _PUBLISHED for node in workflow["nodes"]):
                try:
                    client.activate(workflow["id"])
                except HttpError as refused:
                    say(f"  n8n did not publish {workflow['name']!r}: {refused}")

    def _workflow(self, text: str) -> dict[str, Any]:
        own = text.replace(_SIDECAR_ADDRESS, self._services.sidecar_url)
        return dict(json.loads(own.replace(_MODEL_ADDRESS, self._services.model_url)))

    def _credentials(self) -> list[dict[str, Any]]:
        named: dict[str, dict[str, Any]] = {}
        for workflow in self.workflows:
            for node in workflow["nodes"]:
                for type_name, reference in node.get("credentials", {}).items():
                    data = self._services.credential(type_name)
                    if data is not None:
                        named[reference["id"]] = {**reference, "type": type_name, "data": data}
        return list(named.values())


def _exported() -> list[str]:
    return [
        text for file in sorted(WORKFLOWS.glob("*/*.json")) if "nodes" in json.loads(text := file.read_text("utf-8"))
    ]


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]
