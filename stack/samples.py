"""The sample workflows in one n8n, with the credentials they name."""

import json
from pathlib import Path
from typing import Any

from .installation import run
from .n8n import N8n
from .n8n_client import N8nClient
from .node import node_home
from .paths import WORKFLOWS
from .progress import say, step
from .web import HttpError

_PUBLISHED = ("n8n-nodes-base.webhook", "n8n-nodes-base.formTrigger", "@n8n/n8n-nodes-langchain.chatTrigger")


def sample_workflows() -> list[dict[str, Any]]:
    """Every exported workflow, in the order of their folders, the edition with our own nodes first."""
    files = sorted(WORKFLOWS.glob("*/*.json"), key=lambda file: (file.parent, len(file.name)))
    exported = [json.loads(file.read_text("utf-8")) for file in files]
    return [workflow for workflow in exported if "nodes" in workflow]


def import_samples(n8n: N8n, services: dict[str, str]) -> list[str]:
    """Bring in, with n8n stopped, what it has not been given before; return the ids of the new workflows.

    `services` are the variables that `workflows/import.mjs` reads.
    """
    n8n.folder.mkdir(parents=True, exist_ok=True)
    record = n8n.folder / "imported.json"
    command: list[str | Path] = [node_home() / "bin/node", WORKFLOWS / "import.mjs", record, *n8n.command[:2]]
    with step("Bring new sample workflows into n8n"):
        return run(command, cwd=n8n.folder, env={**n8n.env, **services}).split()


def put_into_folders(client: N8nClient, ids: list[str]) -> None:
    """Move these workflows into a folder, the HTTP editions into one below it, where n8n's licence has folders.

    Elsewhere their tags tell them apart.
    """
    try:
        project = client.http.get("/rest/projects/personal")["data"]["id"]
        folders = f"/rest/projects/{project}/folders"
        ours = client.http.post(folders, {"name": "Prompt Cache samples"})["data"]["id"]
        http = client.http.post(folders, {"name": "HTTP Request editions", "parentFolderId": ours})["data"]["id"]
    except HttpError:
        return
    for workflow_id in ids:
        client.update_workflow(workflow_id, {"parentFolderId": http if workflow_id.endswith("Http") else ours})


def publish(client: N8nClient, ids: list[str]) -> None:
    """Make the webhooks of these workflows answer; the others have nothing to publish."""
    for workflow in reversed(sample_workflows()):
        if workflow["id"] in ids and any(node["type"] in _PUBLISHED for node in workflow["nodes"]):
            try:
                _publish(client, workflow["id"])
            except HttpError as refused:
                say(f"  n8n did not publish {workflow['name']!r}: {refused}")


def _publish(client: N8nClient, workflow_id: str) -> None:
    try:
        client.activate(workflow_id)
    except HttpError as refused:
        if refused.status != 404:
            raise
        # The first releases of n8n 2 publish no import before it has been changed and saved.
        nodes = client.workflow(workflow_id)["nodes"]
        client.update_workflow(workflow_id, {"nodes": [{"disabled": False, **node} for node in nodes]})
        client.activate(workflow_id)
