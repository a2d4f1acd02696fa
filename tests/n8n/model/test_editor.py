"""The Prompt Cache Model in the editor: what a user sees of it on the canvas, in its panel and in the log."""

import re
from pathlib import Path

from playwright.sync_api import expect

from stack.paths import NODE_PACKAGE

from ..conftest import Rig
from ..editor import KEEP_PICTURES, editor
from .flows import ModelFlow

_PLACES = {
    "Start": [0, 0],
    "Question": [220, 0],
    "AI": [460, 0],
    "Cached": [380, 240],
    "Model": [400, 460],
    "Calculator": [720, 240],
}


def test_agent_with_cached_model__shows_that_it_is_cached(rig: Rig, tmp_path: Path) -> None:
    pictures = NODE_PACKAGE / "docs" if KEEP_PICTURES else tmp_path
    pictures.mkdir(exist_ok=True)
    flow = ModelFlow("Agent with a cached model").node("Start", "n8n-nodes-base.manualTrigger")
    flow.set("Question", {"question": "What is a response cache?"}).ai_agent().wire("Start", "Question", "AI")
    assert isinstance(flow, ModelFlow)
    namespace = {"__rl": True, "mode": "list", "value": "support-bot", "cachedResultName": "support-bot"}
    keep = {"namespace": namespace, "keep": "limited", "ttlAmount": 7, "ttlUnit": "d"}
    exported = flow.cached(model={"model": "gpt-4o-mini"}, keep=keep).exported()
    for node in exported["nodes"]:
        node["position"] = _PLACES[node["name"]]
    workflow = rig.client.create_workflow(exported, rig.credentials)

    rig.client.run(workflow["id"], trigger="Start")
    with editor(rig.n8n.url, rig.owner) as window:
        window.open(workflow["id"])
        execute = window.page.locator('[data-test-id="execute-workflow-button"]').first
        execute.click()
        success = "[data-test-id=canvas-node-status-success]"
        for name in ("AI", "Cached"):
            expect(window.node(name).locator(success)).to_be_visible(timeout=60_000)
        assert rig.calls() == 1
        expect(window.node("Model").locator(success)).to_have_count(0)
        expect(execute).to_contain_text("Execute workflow")
        window.fit()
        window.picture(pictures / "prompt-cache-model.png")

        window.node("Cached").dblclick()
        panel = window.page.locator('[data-test-id="ndv"]')
        expect(panel.get_by_text("A call that was made before gets the answer of that time")).to_be_visible()
        expect(panel.get_by_text(re.compile(r"Answered from the cache, saved [a-z ]*\$0\.0")).first).to_be_visible()
        window.picture(pictures / "prompt-cache-model-panel.png")
