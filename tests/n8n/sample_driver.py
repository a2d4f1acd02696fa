"""Driving the sample workflows the way their users do: webhooks, the chat, the form, the editor's button."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stack import DemoModel, N8nClient, Sidecar, output_items
from stack.paths import WORKFLOWS
from stack.web import HttpClient

from .sample_form import Form

MANUAL = "When clicking ‘Execute workflow’"
EDITIONS = ("workflow.json", "workflow.http.json")


def exported(number: str, edition: str) -> dict[str, Any]:
    """One edition of the sample with this number, as it is in the repository."""
    (file,) = WORKFLOWS.glob(f"{number}-*/{edition}")
    return dict(json.loads(file.read_text("utf-8")))


class Samples:
    """The sample workflows in a running n8n, with the cache and the model they use."""

    def __init__(self, client: N8nClient, sidecar: Sidecar, model: DemoModel) -> None:
        self.client = client
        self.api = sidecar.client()
        self.model = model

    def sample(self, number: str, edition: str) -> "Sample":
        return Sample(self, exported(number, edition))

    def start_afresh(self) -> None:
        """Empty the cache, forget the model's calls and put the model right."""
        self.api.post("/v1/flush", {"all": True})
        self.fail_with(None)
        self.model.reset()

    def fail_with(self, status: int | None) -> None:
        """Let the model refuse every call, until told otherwise."""
        HttpClient(self.model.url).post("/fault", {} if status is None else {"status": status})

    def calls(self) -> int:
        """How often the model was asked since this was last called."""
        made = self.model.calls()
        self.model.reset()
        return made


class Sample:
    """One edition of one sample."""

    def __init__(self, samples: Samples, workflow: dict[str, Any]) -> None:
        self._client = samples.client
        self.workflow = workflow
        self.id = str(workflow["id"])

    def post(self, trigger: str, body: Any) -> dict[str, Any]:
        """Send `body` to the webhook node of this name and return the answer."""
        return dict(self._client.webhook(self._node(trigger)["parameters"]["path"], body))

    def run(self, trigger: str = MANUAL) -> dict[str, Any]:
        """Run it from the editor, starting at this trigger, and return the execution, which must have gone well."""
        execution = self._client.run(self.id, trigger)
        assert execution["status"] == "success", execution["data"]["resultData"].get("error")
        return execution

    def answers(self, trigger: str = MANUAL) -> list[dict[str, Any]]:
        """Run it from the editor and return what its last node but a response put out."""
        execution = self.run(trigger)
        last = next(name for name in ("Answer", "Cached Answer", "Old Answer", "New Answer") if name in _ran(execution))
        return output_items(execution, last)

    def chat(self, message: str, session: str) -> list[str]:
        """Say something in the public chat and return the answer in the pieces in which it came."""
        path = f"/webhook/{self._node('Chat')['webhookId']}/chat"
        answer = self._client.http.post(path, {"action": "sendMessage", "sessionId": session, "chatInput": message})
        if isinstance(answer, dict) and "output" in answer:
            return [str(answer["output"])]
        # A stream has one JSON object a line; one line alone the client has decoded already.
        lines = [answer] if isinstance(answer, dict) else [json.loads(line) for line in str(answer).splitlines()]
        return [line["content"] for line in lines if line["type"] == "item"]

    def replace(self, node: str, changes: Mapping[str, Any]) -> None:
        """Change parameters of a node and publish that."""
        nodes = self._client.workflow(self.id)["nodes"]
        next(one for one in nodes if one["name"] == node)["parameters"].update(changes)
        self._client.update_workflow(self.id, {"nodes": nodes})
        self._client.activate(self.id)

    def pin(self, node: str, items: Sequence[Mapping[str, Any]]) -> None:
        """Pin these items to a node."""
        self._client.update_workflow(self.id, {"pinData": {node: [{"json": dict(item)} for item in items]}})

    def form(self, trigger: str, user: str, password: str) -> Form:
        path = self._node(trigger)["parameters"]["options"]["path"]
        return Form(self._client.http.base_url, path, user, password)

    def parameters(self, node: str) -> dict[str, Any]:
        return dict(self._node(node)["parameters"])

    def _node(self, name: str) -> dict[str, Any]:
        return next(node for node in self.workflow["nodes"] if node["name"] == name)


def _ran(execution: Mapping[str, Any]) -> set[str]:
    return set(execution["data"]["resultData"]["runData"])
