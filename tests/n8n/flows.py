"""Workflows for the tests, built from parts: nodes by short name, wires by one call."""

import uuid
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Self

from stack import N8nClient
from stack.web import HttpError

CACHE = "Prompt Cache (local)"
MODEL = "OpenAI (demo)"

_BASE = "n8n-nodes-base"
_LANGCHAIN = "@n8n/n8n-nodes-langchain"

# Where a setting of Look Up stands: in a group of options, or by itself.
_GROUPS = {
    **dict.fromkeys(("model", "namespace", "refresh"), ""),
    **dict.fromkeys(("normalize", "match", "threshold", "explain", "watch"), "matching"),
    **dict.fromkeys(("maxAge", "maxStale", "unreachable", "timeout"), "freshness"),
}


class Flow:
    """A workflow under construction; every method that adds a node gives it the name it is wired by."""

    def __init__(self, name: str = "Test") -> None:
        self.name = name
        self.path = f"test-{uuid.uuid4().hex[:12]}"
        self.nodes: list[dict[str, Any]] = []
        self.connections: dict[str, dict[str, list[list[dict[str, Any]]]]] = {}

    def node(
        self,
        name: str,
        type_: str,
        version: float = 1,
        parameters: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Self:
        """Add a node; `more` are its settings (`onError`, `credentials`, ...)."""
        self.nodes.append(
            {
                "id": str(uuid.uuid4()),
                "name": name,
                "type": type_,
                "typeVersion": version,
                "position": [220 * len(self.nodes), 0],
                "parameters": dict(parameters or {}),
                **more,
            }
        )
        return self

    def wire(self, *names: str, output: int = 0, into: int = 0, kind: str = "main") -> Self:
        """Connect a chain of nodes; `output` is the first one's and `into` the last one's input."""
        for at, (source, target) in enumerate(pairwise(names)):
            outputs = self.connections.setdefault(source, {}).setdefault(kind, [])
            used = output if at == 0 else 0
            while len(outputs) <= used:
                outputs.append([])
            outputs[used].append({"node": target, "type": kind, "index": into if at == len(names) - 2 else 0})
        return self

    def webhook(self, name: str = "Webhook") -> Self:
        """Take {"items": [...]} and answer with the last node's items."""
        self.node(
            name,
            f"{_BASE}.webhook",
            2.1,
            {"httpMethod": "POST", "path": self.path, "responseMode": "lastNode", "responseData": "allEntries"},
            webhookId=str(uuid.uuid4()),
        )
        split = {"fieldToSplitOut": "body.items", "options": {}}
        return self.node("Question", f"{_BASE}.splitOut", 1, split).wire(name, "Question")

    def look_up(self, name: str = "Look Up", prompt: str = "={{ $json.question }}", **options: Any) -> Self:
        parameters: dict[str, Any] = {"prompt": prompt}
        for option, value in options.items():
            group = _GROUPS.get(option, "options")
            (parameters.setdefault(group, {}) if group else parameters)[option] = value
        return self.cache_node(name, parameters)

    def store(self, name: str = "Store", **options: Any) -> Self:
        return self.cache_node(name, {"operation": "store", "options": options})

    def cache_node(self, name: str, parameters: Mapping[str, Any], **more: Any) -> Self:
        credentials = {"promptCacheApi": {"name": CACHE}}
        return self.node(name, "n8n-nodes-prompt-cache.promptCache", 1, parameters, credentials=credentials, **more)

    def chain(self, name: str = "AI", prompt: str = "={{ $json.question }}", **more: Any) -> Self:
        """A Basic LLM Chain with its OpenAI Chat Model."""
        self.node(name, f"{_LANGCHAIN}.chainLlm", 1.7, {"promptType": "define", "text": prompt}, **more)
        return self.model(name)

    def agent(self, name: str = "AI", prompt: str = "={{ $json.question }}") -> Self:
        """An AI Agent with its OpenAI Chat Model and a calculator."""
        self.node(name, f"{_LANGCHAIN}.agent", 3, {"promptType": "define", "text": prompt, "options": {}})
        self.node(f"{name} Tool", f"{_LANGCHAIN}.toolCalculator")
        return self.wire(f"{name} Tool", name, kind="ai_tool").model(name)

    def model(self, of: str) -> Self:
        parameters = {"model": {"__rl": True, "mode": "id", "value": "demo-model"}, "options": {"maxRetries": 0}}
        credentials = {"openAiApi": {"name": MODEL}}
        name = f"{of} Model"
        self.node(name, f"{_LANGCHAIN}.lmChatOpenAi", 1.3, parameters, credentials=credentials)
        return self.wire(name, of, kind="ai_languageModel")

    def set(self, name: str, fields: Mapping[str, str], keep: bool = True) -> Self:
        """Edit Fields: each value a text or an expression."""
        assignments = [
            {"id": str(uuid.uuid4()), "name": field, "value": value, "type": "string"}
            for field, value in fields.items()
        ]
        return self.node(
            name,
            f"{_BASE}.set",
            3.4,
            {"assignments": {"assignments": assignments}, "includeOtherFields": keep, "options": {}},
        )

    def code(self, name: str, script: str) -> Self:
        return self.node(name, f"{_BASE}.code", 2, {"jsCode": script})

    def exported(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "nodes": self.nodes,
            "connections": self.connections,
            "pinData": {},
            "settings": {"executionOrder": "v1"},
        }


class Published:
    """A flow that runs in an n8n."""

    def __init__(self, client: N8nClient, flow: Flow, credentials: Mapping[str, str]) -> None:
        self.client = client
        self.path = flow.path
        self.id = str(client.create_workflow(flow.exported(), credentials)["id"])
        client.activate(self.id)

    def ask(self, questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Send items through the webhook and return those of the last node."""
        answer = self.client.webhook(self.path, {"items": list(questions)})
        return answer if isinstance(answer, list) else [answer]

    def refused(self, questions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Send items that end in an error, and return it: its message, description and node."""
        try:
            answer = self.ask(questions)
        except HttpError:
            result = self.last_execution()["data"]["resultData"]
            return {**result["error"], "node": result["lastNodeExecuted"]}
        raise AssertionError(f"the workflow answered {answer}")

    def last_execution(self) -> dict[str, Any]:
        """The newest execution, with its data decoded."""
        return self.client.finished_execution(str(self.client.executions(self.id)[0]["id"]))
