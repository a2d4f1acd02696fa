"""Driving n8n over the REST interface its own editor uses."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from . import flatted
from .processes import POLL_SECONDS
from .web import HttpClient, HttpError

_TIMEOUT = 60.0
_ENDED = {"success", "error", "canceled", "crashed"}


@dataclass(frozen=True)
class Owner:
    """Who signs in to a local n8n."""

    email: str
    password: str

    @classmethod
    def generate(cls) -> "Owner":
        """A local owner; n8n asks for a digit and a capital in the password."""
        return cls("owner@prompt-cache.local", f"A1-{secrets.token_urlsafe(9)}")


class N8nClient:
    """A signed-in user of one n8n; `http` is there for whatever has no method here."""

    def __init__(self, url: str) -> None:
        # n8n binds a session to the browser that opened it: any constant will do.
        self.http = HttpClient(url, headers={"browser-id": "prompt-cache"})

    def set_up_owner(self, owner: Owner) -> None:
        """Create the first user of a fresh instance and stay signed in."""
        self.http.post(
            "/rest/owner/setup",
            {"email": owner.email, "password": owner.password, "firstName": "Prompt", "lastName": "Cache"},
        )

    def needs_owner(self) -> bool:
        """Whether nobody has set this instance up yet."""
        settings = self.http.get("/rest/settings")["data"]
        return bool(settings["userManagement"]["showSetupOnFirstLoad"])

    def sign_in(self, owner: Owner) -> None:
        self.http.post("/rest/login", {"emailOrLdapLoginId": owner.email, "password": owner.password})

    def create_credential(self, name: str, type_name: str, data: Mapping[str, Any]) -> str:
        """Return the id of a new credential."""
        created = self.http.post("/rest/credentials", {"name": name, "type": type_name, "data": dict(data)})
        return str(created["data"]["id"])

    def create_workflow(
        self, workflow: Mapping[str, Any], credentials: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Import an exported workflow and return it as n8n keeps it.

        `credentials` maps a credential's name to the id it has here.
        """
        nodes = [_with_credentials(node, credentials or {}) for node in workflow["nodes"]]
        created = self.http.post("/rest/workflows", {**workflow, "nodes": nodes, "active": False})
        return dict(created["data"])

    def workflow(self, workflow_id: str) -> dict[str, Any]:
        return dict(self.http.get(f"/rest/workflows/{workflow_id}")["data"])

    def update_workflow(self, workflow_id: str, change: Mapping[str, Any]) -> dict[str, Any]:
        """Save `change` (nodes, connections, name, ...) and return the new version, which is not published yet."""
        current = self.workflow(workflow_id)
        body = {"versionId": current["versionId"], **change}
        return dict(self.http.request("PATCH", f"/rest/workflows/{workflow_id}?forceSave=true", body)["data"])

    def activate(self, workflow_id: str) -> None:
        """Publish the current version and wait until its webhooks answer."""
        version = self.workflow(workflow_id)["versionId"]
        self.http.post(f"/rest/workflows/{workflow_id}/activate", {"versionId": version})
        deadline = time.monotonic() + _TIMEOUT
        while True:
            try:
                status = self.http.get(f"/rest/workflows/{workflow_id}/publication-status")["data"]
            except HttpError as answer:
                if answer.status == 404:  # older releases publish before they answer
                    return
                raise
            if status["status"] == "published" and status["liveVersionId"] == version:
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"workflow {workflow_id} was not published in {_TIMEOUT:.0f} s: {status}")
            time.sleep(POLL_SECONDS)

    def webhook(self, path: str, body: Any, method: str = "POST") -> Any:
        """Call a published workflow's webhook and return its answer."""
        return self.http.request(method, f"/webhook/{quote(path)}", body)

    def run(self, workflow_id: str, trigger: str) -> dict[str, Any]:
        """Run a workflow from the trigger node named `trigger`, as the editor's button does, and wait for its end."""
        # Early releases run what they are sent, later ones what they have.
        body = {"triggerToStartFrom": {"name": trigger}, "workflowData": self.workflow(workflow_id)}
        started = self.http.post(f"/rest/workflows/{workflow_id}/run", body)
        return self.finished_execution(str(started["data"]["executionId"]))

    def finished_execution(self, execution_id: str) -> dict[str, Any]:
        """Wait until an execution has ended and return it with its data decoded."""
        deadline = time.monotonic() + _TIMEOUT
        while True:
            execution = dict(self.http.get(f"/rest/executions/{execution_id}")["data"])
            if execution["status"] in _ENDED:
                return {**execution, "data": flatted.loads(execution["data"])}
            if time.monotonic() > deadline:
                raise TimeoutError(f"execution {execution_id} is still {execution['status']}")
            time.sleep(POLL_SECONDS)

    def executions(self, workflow_id: str) -> list[dict[str, Any]]:
        """The workflow's executions, newest first, without their data."""
        filters = quote(f'{{"workflowId":"{workflow_id}"}}')
        return list(self.http.get(f"/rest/executions?filter={filters}&limit=100")["data"]["results"])


def output_items(execution: Mapping[str, Any], node: str, output: int = 0, run: int = -1) -> list[dict[str, Any]]:
    """The json of each item that `node` put on one output, in its last run unless told otherwise."""
    data = execution["data"]["resultData"]["runData"][node][run]["data"]["main"]
    return [item["json"] for item in (data[output] or [])] if output < len(data) else []


def _with_credentials(node: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    known = {
        kind: {**reference, "id": ids.get(reference["name"], reference.get("id"))}
        for kind, reference in node.get("credentials", {}).items()
    }
    return {**node, "credentials": known} if known else dict(node)
