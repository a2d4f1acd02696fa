"""Whoever edits an AI node gets new answers; whoever moves or renames one keeps the old ones."""

import copy
from collections.abc import Callable
from typing import Any

from .conftest import Rig
from .flows import Flow, Published
from .model.flows import ModelFlow
from .questions import questions, statuses

Node = dict[str, Any]


class Edited(Published):
    """A published flow whose nodes are edited, and each time asked again."""

    def __init__(self, rig: Rig, flow: Flow) -> None:
        super().__init__(rig.client, flow, rig.credentials)
        saved = self.client.workflow(self.id)
        self.original: tuple[list[Node], dict[str, Any]] = (saved["nodes"], saved["connections"])
        assert self.status() == "miss"

    def status(self) -> str:
        [status] = statuses(self.ask(questions(1)))
        return status

    def after(self, edit: Callable[[dict[str, Node]], object], rename: dict[str, str] | None = None) -> str:
        """What becomes of the question once the original was edited; it is restored by the next edit."""
        nodes, connections = copy.deepcopy(self.original)
        edit({node["name"]: node for node in nodes})
        for old, new in (rename or {}).items():
            for node in nodes:
                node["name"] = new if node["name"] == old else node["name"]
            connections = _renamed(connections, old, new)
        self.client.update_workflow(self.id, {"nodes": nodes, "connections": connections})
        self.client.activate(self.id)
        return self.status()


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {new if name == old else name: _renamed(inner, old, new) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, old, new) for inner in value]
    return new if value == old else value


def test_only_what_shapes_the_answer__makes_the_ai_answer_again(rig: Rig) -> None:
    flow = ModelFlow().webhook().look_up()
    prompt = "={{ $('Question').item.json.question }}"
    parameters = {"promptType": "define", "text": prompt, "options": {"systemMessage": "Be kind."}}
    flow.node("AI", "@n8n/n8n-nodes-langchain.agent", 3, parameters).cached()
    flow.node("Calculator", "@n8n/n8n-nodes-langchain.toolCalculator").wire("Calculator", "AI", kind="ai_tool")
    flow.node("Call", "n8n-nodes-base.httpRequestTool", 4.2, {"url": f"{rig.model.url}/"}).wire(
        "Call", "AI", kind="ai_tool"
    )
    flow.store().node("Answer", "n8n-nodes-base.noOp")
    flow.wire("Question", "Look Up", "AI", "Store", "Answer").wire("Look Up", "Answer", output=1)
    workflow = Edited(rig, flow)

    def moved(nodes: dict[str, Node]) -> None:
        for node in nodes.values():
            node["position"] = [node["position"][0] + 300, 40]
            node["notes"] = "moved"

    def renamed(nodes: dict[str, Node]) -> None:
        nodes["AI"]["parameters"]["text"] = "={{ $('It\\'s asked').item.json.question }}"

    def cache(nodes: dict[str, Node]) -> None:
        nodes["Cached"]["parameters"] = {"namespace": "elsewhere", "keep": "forever"}
        nodes["Answer"]["parameters"] = {"any": "thing"}
        nodes["Store"]["parameters"]["keep"] = "forever"

    names = {"Question": "It's asked", "AI": "Agent", "Model": "GPT", "Cached": "Cheap", "Look Up": "Ask the cache"}
    assert workflow.after(moved) == "hit"
    assert workflow.after(renamed, rename=names) == "hit"
    assert workflow.after(cache) == "hit"

    def system(nodes: dict[str, Node]) -> None:
        nodes["AI"]["parameters"]["options"]["systemMessage"] = "Be brief."

    def text(nodes: dict[str, Node]) -> None:
        nodes["AI"]["parameters"]["text"] = prompt + " Please."

    def model(nodes: dict[str, Node]) -> None:
        nodes["Model"]["parameters"]["model"]["value"] = "gpt-5-mini"

    def temperature(nodes: dict[str, Node]) -> None:
        nodes["Model"]["parameters"]["options"]["temperature"] = 0.1

    def tool(nodes: dict[str, Node]) -> None:
        nodes["Call"]["parameters"]["url"] = f"{rig.model.url}/calls"

    for edit in (system, text, model, temperature, tool):
        assert workflow.after(edit) == "miss", edit.__name__
    assert workflow.after(dict.copy) == "hit"


def test_switched_off__an_edited_prompt_still_gets_the_earlier_answer(rig: Rig) -> None:
    flow = Flow().webhook().look_up(watch=False).chain().store().node("Answer", "n8n-nodes-base.noOp")
    workflow = Edited(
        rig, flow.wire("Question", "Look Up", "AI", "Store", "Answer").wire("Look Up", "Answer", output=1)
    )

    def text(nodes: dict[str, Node]) -> None:
        nodes["AI"]["parameters"]["text"] = "something else"

    assert workflow.after(text) == "hit"
