"""The first sample workflow in the editor: what a newcomer clicks and sees."""

from pathlib import Path

from playwright.sync_api import expect

from stack.paths import WORKFLOWS

from .conftest import Rig
from .editor import KEEP_PICTURES, editor
from .flows import Flow
from .test_sample_01 import imported


def test_executing_twice__asks_the_model_once_and_shows_what_was_saved(rig: Rig, tmp_path: Path) -> None:
    pictures = WORKFLOWS / "01-cache-an-llm-call" if KEEP_PICTURES else tmp_path
    workflow = imported(rig, "workflow.json")
    with editor(rig.n8n.url, rig.owner) as window, rig.model.takes(1.0):
        window.open(workflow["id"])
        expect(window.page.locator("div:text-is('Miss')")).to_be_visible()
        expect(window.page.locator("div:text-is('Hit')")).to_have_count(2)  # out of Look Up, into Store

        window.execute()
        assert rig.calls() == 1
        expect(window.node("Store").locator("[data-test-id=canvas-node-status-success]")).to_be_visible()

        window.execute()
        assert rig.calls() == 1
        expect(window.node("Answer").locator("[data-test-id=canvas-node-status-success]")).to_be_visible()
        # From Webhook, from Question, by Hit into Store, from Store, and out of Answer.
        expect(window.page.get_by_text("1 item", exact=True)).to_have_count(5)
        window.picture(pictures / "workflow.png")

        output = window.output_of("Answer")
        expect(output.get_by_text("the cache", exact=True)).to_be_visible()
        window.close_panel()

        output = window.output_of("Look Up")
        expect(output.get_by_text("Hit Branch (1 item)")).to_be_visible()
        expect(output.get_by_text("milliseconds")).to_be_visible()
        window.picture(pictures / "receipt.png")


def test_step_by_step__works_as_in_one_run(rig: Rig) -> None:
    make = "return Array.from({ length: 6 }, (_, id) => ({ json: { id, question: `question ${id % 3}` } }))"
    flow = Flow().node("Start", "n8n-nodes-base.manualTrigger").code("Make", make).look_up().chain().store()
    flow.wire("Start", "Make", "Look Up", "AI", "Store").wire("Look Up", "Store", output=1, into=1)
    workflow = rig.client.create_workflow(flow.exported(), rig.credentials)
    with editor(rig.n8n.url, rig.owner) as window:
        window.open(workflow["id"])
        for name, shown in [("Look Up", "Repeat Branch (3 items)"), ("AI", "3 items"), ("Store", "6 items")]:
            expect(window.execute_step(name).get_by_text(shown).first).to_be_visible()
            window.close_panel()
        # Now all are known, and n8n does not run Store by itself: it says what to do.
        expect(window.execute_step("Look Up").get_by_text("Hit Branch (6 items)").first).to_be_visible()
        window.close_panel()
        output = window.output_of("Store")
        with window.page.expect_response(lambda answer: "/run" in answer.url and answer.ok):
            window.page.get_by_text("Execute step").first.click()
        expect(output.get_by_text("Execute workflow instead")).to_be_visible()
    assert rig.calls() == 3
