"""Settings of the Prompt Cache Model by expression, in a real n8n: never another item's."""

import json
from typing import Any

import pytest

from ..conftest import Rig
from ..flows import Published
from .flows import ModelFlow

_CUSTOMERS = [{"customer": name, "question": "Which city?"} for name in ("acme", "beta", "gamma")]
_NAMESPACE = {"__rl": True, "mode": "name", "value": "={{ $json.customer }}"}
_BY_NAMESPACE: dict[str, Any] = {"keep": {"namespace": _NAMESPACE}}
_BY_ATTRIBUTE: dict[str, Any] = {"attributes": {"pairs": [{"name": "customer", "value": "={{ $json.customer }}"}]}}
_ASK = {"promptType": "define", "text": "={{ $json.question }}"}
_LANGCHAIN = "@n8n/n8n-nodes-langchain"
_FIELDS = [{"name": "city", "description": "A city", "required": True}]
AI_NODES: dict[str, tuple[str, float, dict[str, Any]]] = {
    "chain-1.4": ("chainLlm", 1.4, _ASK),
    "chain-1.9": ("chainLlm", 1.9, _ASK),
    "agent-2.2": ("agent", 2.2, _ASK),
    "agent-3": ("agent", 3, _ASK),
    "extractor": (
        "informationExtractor",
        1.2,
        {"text": "={{ $json.question }}", "attributes": {"attributes": _FIELDS}},
    ),
}


def _flow(kind: str, **more: Any) -> ModelFlow:
    type_, version, parameters = AI_NODES[kind]
    flow = ModelFlow().webhook().node("AI", f"{_LANGCHAIN}.{type_}", version, parameters, **more)
    assert isinstance(flow, ModelFlow)
    return flow


def _publish(rig: Rig, kind: str, cached: dict[str, Any], **more: Any) -> Published:
    flow = _flow(kind, **more).wire("Question", "AI")
    assert isinstance(flow, ModelFlow)
    return rig.publish(flow.cached(**cached))


def _namespaces(rig: Rig) -> list[str]:
    names = [*(item["customer"] for item in _CUSTOMERS), "default"]
    return [name for name in names if rig.api.get(f"/v1/entries?namespace={name}")["items"]]


@pytest.mark.parametrize("kind", AI_NODES)
def test_namespace_that_differs__is_refused_and_nothing_is_kept(rig: Rig, kind: str) -> None:
    published = _publish(rig, kind, _BY_NAMESPACE)
    refused = json.dumps(published.refused(_CUSTOMERS))
    assert '\\"Namespace\\" differs between the items' in refused
    assert "Batch Size 1" in refused
    assert (rig.calls(), _namespaces(rig)) == (0, [])
    published.ask([_CUSTOMERS[1], _CUSTOMERS[1]])
    assert _namespaces(rig) == ["beta"]


def test_attribute_that_differs__is_refused_by_its_name(rig: Rig) -> None:
    published = _publish(rig, "agent-3", _BY_ATTRIBUTE)
    assert '\\"Attributes\\" differs' in json.dumps(published.refused(_CUSTOMERS))
    assert rig.calls() == 0


def test_execute_once__has_one_item(rig: Rig) -> None:
    published = _publish(rig, "chain-1.9", _BY_NAMESPACE, executeOnce=True)
    published.ask(_CUSTOMERS)
    assert _namespaces(rig) == ["acme"]


def test_loop__gives_each_item_its_own(rig: Rig) -> None:
    flow = _flow("agent-3").node("Loop", "n8n-nodes-base.splitInBatches", 3, {"options": {}})
    flow.wire("Question", "Loop").wire("Loop", "AI", output=1).wire("AI", "Loop")
    flow.set("Done", {"done": "yes"}).wire("Loop", "Done")
    assert isinstance(flow, ModelFlow)
    published = rig.publish(flow.cached(**_BY_NAMESPACE))
    first = published.ask(_CUSTOMERS)
    assert _namespaces(rig) == ["acme", "beta", "gamma"]
    assert published.ask(_CUSTOMERS) == first
    assert rig.calls() == 3
