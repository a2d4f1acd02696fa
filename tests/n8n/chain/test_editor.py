"""The Prompt Cache Chain in the editor: built from nothing by mouse, as a newcomer does it."""

from pathlib import Path

from playwright.sync_api import Page, expect

from stack.paths import NODE_PACKAGE

from ..conftest import Rig
from ..editor import KEEP_PICTURES, Editor, editor
from ..flows import CACHE, Flow

_CREATOR = '[data-test-id="node-creator"]'


def _choose(page: Page, search: str, name: str) -> None:
    """Find a node in the list that is open, and take it."""
    page.locator('[data-test-id="node-creator-search-bar"]').fill(search)
    page.locator(f'{_CREATOR} [data-test-id="node-creator-item-name"]').get_by_text(name, exact=True).first.click()


def _connect(window: Editor, source: str, target: str) -> None:
    """Drag from the output of a node to the input of another."""


def test_built_by_mouse__answers_the_second_run_from_the_cache(rig: Rig, tmp_path: Path) -> None:
    pictures = NODE_PACKAGE / "docs" if KEEP_PICTURES else tmp_path
    pictures.mkdir(exist_ok=True)
    make = "return Array.from({ length: 6 }, (_, id) => ({ json: { question: `question ${id % 3}` } }))"
    flow = Flow("Prompt Cache Chain").node("When clicking 'Execute workflow'", "n8n-nodes-base.manualTrigger")
    flow.code("Questions", make).wire("When clicking 'Execute workflow'", "Questions")
    workflow = rig.client.create_workflow(flow.exported(), rig.credentials)
    with editor(rig.n8n.url, rig.owner) as window:
        page = window.page
        window.open(workflow["id"])
        plus = window.node("Questions").locator('[data-test-id="canvas-handle-plus"]')
        page.screenshot(path="/tmp/shot0.png")
        plus.first.click()
        page.wait_for_timeout(1500)
        page.screenshot(path="/tmp/shot1.png")
        _choose(page, "save money", "Prompt Cache Chain")
        page.wait_for_timeout(3000)
        page.screenshot(path="/tmp/shot2.png")
