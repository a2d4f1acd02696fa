"""The Prompt Cache Chain in the editor: built from nothing by mouse, as a newcomer does it."""

from pathlib import Path

from playwright.sync_api import Page, expect

from stack.paths import NODE_PACKAGE

from ..conftest import Rig
from ..editor import KEEP_PICTURES, editor
from ..flows import CACHE, MODEL, Flow

_START = "When clicking 'Execute workflow'"
_CREATOR = '[data-test-id="node-creator"]'


def _choose(page: Page, search: str, name: str) -> None:
    """Find a node in the list that is open, and take it."""
    page.locator('[data-test-id="node-creator-search-bar"]').fill(search)
    page.locator(f'{_CREATOR} [data-test-id="node-creator-item-name"]').get_by_text(name, exact=True).first.click()


def _choose_credential(page: Page, name: str) -> None:
    page.locator('[data-test-id="node-credentials-select"]').click()
    page.get_by_role("option", name=name).click()


def _nodes(page: Page) -> set[str]:
    return set(page.locator("[data-node-name]").evaluate_all("nodes => nodes.map(node => node.dataset.nodeName)"))


def test_built_by_mouse__answers_the_second_run_from_the_cache(rig: Rig, tmp_path: Path) -> None:
    pictures = NODE_PACKAGE / "docs" if KEEP_PICTURES else tmp_path
    pictures.mkdir(exist_ok=True)
    make = "return Array.from({ length: 6 }, (_, id) => ({ json: { question: `question ${id % 3}` } }))"
    flow = Flow("Prompt Cache Chain").node(_START, "n8n-nodes-base.manualTrigger")
    flow.code("Questions", make).wire(_START, "Questions")
    workflow = rig.client.create_workflow(flow.exported(), rig.credentials)
    with editor(rig.n8n.url, rig.owner) as window:
        page = window.page
        window.open(workflow["id"])
        plus = window.node("Questions").locator('[data-test-id="canvas-handle-plus"]')
        plus.first.click()
        _choose(page, "save money", "Prompt Cache Chain")
        page.get_by_text("Add to workflow").click()
        _choose_credential(page, CACHE)
        page.locator('[data-test-id="parameter-input-promptType"]').click()
        page.get_by_role("option", name="Define Below").click()
        page.locator('[data-test-id="parameter-input-text"] textarea').click()
        page.keyboard.type("=")
        expression = page.locator('[data-test-id="inline-expression-editor-input"]').first
        expect(expression).to_be_visible()
        page.keyboard.type("{{ $json.question")
        expect(expression).to_contain_text("$json.question")
        # What is typed counts a moment later.
        page.wait_for_timeout(1000)
        page.locator('[data-test-id^="add-subnode-ai_languageModel"]').click()
        _choose(page, "OpenAI", "OpenAI Chat Model")
        _choose_credential(page, MODEL)
        panel = page.locator('[data-test-id="ndv"]')
        for _ in range(2):
            # From the model's panel to the chain's, and from that to the canvas.
            if panel.is_visible():
                panel.press("Escape")
                page.wait_for_timeout(1000)
        expect(panel).to_be_hidden()
        window.fit()
        assert _nodes(page) == {_START, "Questions", "Prompt Cache Chain", "OpenAI Chat Model"}

        window.execute()
        assert rig.calls() == 3
        window.execute()
        assert rig.calls() == 3
        expect(page.get_by_text("6 items", exact=True).first).to_be_visible()
        page.wait_for_timeout(1000)
        window.picture(pictures / "prompt-cache-chain.png")

        output = window.output_of("Prompt Cache Chain")
        expect(output.get_by_text("6 items").first).to_be_visible()
        expect(output.get_by_text("milliseconds").first).to_be_visible()
