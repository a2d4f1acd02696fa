"""The node in n8n's own panels: how it is found, and how its fields are filled in, by mouse."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from stack.paths import NODE_PACKAGE

from .conftest import TOKEN, Rig
from .editor import KEEP_PICTURES, Editor, editor
from .flows import CACHE, Flow
from .questions import statuses

_WORDS = ("semantic cache", "save cost", "save money", "redis", "ttl", "token")
_CREATOR_ITEM = '[data-test-id="node-creator-item-name"]'
_NOWHERE = "http://127.0.0.1:9"


def _asking() -> Flow:
    """A look up as it comes from the list of nodes, in front of a chain that asks the same."""
    flow = Flow("Asking").node("Start", "n8n-nodes-base.manualTrigger").set("Question", {"question": "What is it?"})
    flow.cache_node("Look Up", {}).chain().store()
    return flow.wire("Start", "Question", "Look Up", "AI", "Store")


def _parameter(page: Page, name: str) -> Locator:
    return page.locator(f'[data-test-id="parameter-input-{name}"]')


def _listed(page: Page, name: str, text: str = "") -> Locator:
    """Open the list of a field, type into it, and return its lines."""
    field, lines = _parameter(page, name).locator("input").last, page.locator('[data-test-id="rlc-item"]:visible')
    field.click()
    with suppress(PlaywrightTimeout):  # n8n may draw the panel anew under the click, which is lost then
        lines.first.wait_for(timeout=10_000)
    if not lines.count():
        field.click()
    expect(lines.first).to_be_visible()
    page.keyboard.type(text)
    return lines


def _drop(window: Editor, field: str, name: str) -> None:
    """Drag a field of the input onto a parameter."""
    page = window.page
    page.locator('[data-test-id="ndv-input-panel"]').get_by_text(field, exact=True).first.hover()
    page.mouse.down()
    box = _parameter(page, name).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=12)
    page.mouse.up()


def test_nodes__are_found_by_what_they_are_for__and_offer_look_up_first(rig: Rig) -> None:
    flow = Flow("Empty").node("Start", "n8n-nodes-base.manualTrigger")
    workflow = rig.client.create_workflow(flow.exported(), rig.credentials)
    with editor(rig.n8n.url, rig.owner) as window:
        page = window.page
        window.open(workflow["id"])
        page.locator('[data-test-id="node-creator-plus-button"]').first.click()
        for word in _WORDS:
            page.locator(
                'input[data-test-id="node-creator-search-bar"], [data-test-id="node-creator-search-bar"] input'
            ).first.fill(word)
            for name in ("Prompt Cache", "Prompt Cache Model", "Prompt Cache Chain"):
                expect(page.locator(_CREATOR_ITEM).get_by_text(name, exact=True)).to_be_visible()
        page.locator(_CREATOR_ITEM).get_by_text("Prompt Cache", exact=True).click()
        expect(page.locator(_CREATOR_ITEM).first).to_have_text("Look up an earlier answer")
        expect(page.locator(_CREATOR_ITEM).nth(1)).to_have_text("Store a new answer")


def test_look_up__is_filled_in_by_mouse(rig: Rig) -> None:
    for number in range(3):
        stored = {"namespace": "support-bot", "prompt": f"question {number}", "response": {"text": "A"}}
        rig.api.post("/v1/store", stored)
    workflow = rig.client.create_workflow(_asking().exported(), rig.credentials)
    with editor(rig.n8n.url, rig.owner) as window:
        page = window.page
        window.open(workflow["id"])
        window.execute_step("Question")
        window.close_panel()
        window.node("Look Up").dblclick()

        expect(_parameter(page, "prompt").locator("textarea")).to_have_value("")
        _drop(window, "question", "prompt")
        expect(_parameter(page, "prompt").locator(".cm-content")).to_have_text("{{ $json.question }}")

        expect(page.get_by_text("The model sets the price")).to_be_visible()
        models = _listed(page, "model", "gpt-5-mini")
        expect(models.filter(has_text="$").first).to_contain_text("per million tokens")
        page.keyboard.press("Escape")

        namespaces = _listed(page, "namespace")
        expect(namespaces.get_by_text("support-bot: 3 answers")).to_be_visible()
        page.keyboard.type("brand-new")
        namespaces.get_by_text("brand-new", exact=True).click()

        # This server finds nothing by meaning.
        page.locator('[data-test-id="collection-parameter-add"]').first.click()
        page.get_by_role("option", name="Match", exact=True).click()
        expect(_parameter(page, "match").locator("input")).to_have_value("As the Namespace Says")
        _parameter(page, "match").click()
        same = page.get_by_role("option", name="Same Question")
        expect(same).to_be_visible()
        expect(page.get_by_text("Similar Meaning")).to_have_count(0)
        same.click()
        # The list has the keyboard until something else is clicked.
        page.get_by_text("Parameters", exact=True).click()
        window.close_panel()

        window.execute()
        window.execute()
    assert rig.calls() == 1
    (entry,) = rig.api.get("/v1/entries?namespace=brand-new")["items"]
    # Nobody named the model: it is the one that is attached to the chain.
    assert entry["model"] == "demo-model"


def test_lists__say_that_the_cache_server_is_away__and_take_a_name(rig: Rig) -> None:
    nowhere = rig.client.create_credential("Nowhere", "promptCacheApi", {"baseUrl": _NOWHERE, "token": ""})
    workflow = rig.client.create_workflow(_asking().exported(), {**rig.credentials, CACHE: nowhere})
    with editor(rig.n8n.url, rig.owner) as window:
        window.open(workflow["id"])
        window.node("Look Up").dblclick()
        for name in ("model", "namespace"):
            lines = _listed(window.page, name)
            expect(lines.get_by_text("The cache server did not answer: type a name")).to_be_visible()
            window.page.keyboard.type("by-hand")
            lines.get_by_text("by-hand", exact=True).click()
            expect(_parameter(window.page, name).locator("input").last).to_have_value("by-hand")


def test_statistics__are_chosen_by_mouse__and_lead_to_the_dashboard(rig: Rig, tmp_path: Path) -> None:
    for workflow, questions in (("Support bot", 1), ("Enrich | rows", 3), ("Support bot", 1)):
        for number in range(questions):
            asked = {"namespace": "seen", "prompt": f"{workflow} {number}", "model": "gpt-4.1-mini"}
            rig.api.post("/v1/lookup", {**asked, "source": {"workflow": workflow, "node": "Look Up"}})
    # A node that is new takes the newest credential.
    rig.client.create_credential("Of the statistics", "promptCacheApi", {"baseUrl": rig.sidecar.url, "token": TOKEN})
    flow = Flow("Statistics").node("Start", "n8n-nodes-base.manualTrigger")
    created = rig.client.create_workflow(flow.exported(), rig.credentials)
    with editor(rig.n8n.url, rig.owner) as window:
        page = window.page
        window.open(created["id"])
        page.locator('[data-test-id="node-creator-plus-button"]').first.click()
        page.locator('[data-test-id="node-creator-search-bar"] input').or_(
            page.locator('input[data-test-id="node-creator-search-bar"]')
        ).first.fill("Prompt Cache")
        page.locator(_CREATOR_ITEM).get_by_text("Prompt Cache", exact=True).click()
        action = page.locator(_CREATOR_ITEM).get_by_text("Get statistics and savings", exact=True)
        action.scroll_into_view_if_needed()
        action.hover()
        page.mouse.down()
        page.mouse.move(700, 400, steps=15)
        page.mouse.up()

        _parameter(page, "groupBy").click()
        for name in ("Workflow", "Model"):
            page.get_by_role("option", name=name).click()
        page.keyboard.press("Escape")
        page.get_by_text("Parameters", exact=True).click()
        _parameter(page, "output").click()
        page.get_by_role("option").filter(has_text="Totals and groups").click()
        page.locator('[data-test-id="collection-parameter-add"]').first.click()
        page.get_by_role("option", name="Workflow", exact=True).last.click()
        seen = _listed(page, "workflow")
        expect(seen.first).to_contain_text("Enrich | rows: 3 questions")
        seen.get_by_text("Support bot: 2 questions").click()
        page.get_by_text("Parameters", exact=True).click()

        page.get_by_text("Execute step").first.click()
        output = page.locator('[data-test-id="output-panel"]')
        link = output.get_by_role("link", name="See the same in the dashboard")
        expect(link).to_have_attribute("href", f"{rig.sidecar.url}/?period=7d&workflow=Support%20bot")
        expect(output.get_by_text("Prompt Cache, last 7 days: nothing saved yet").first).to_be_visible()
        expect(output.get_by_text("Support bot, gpt-4.1-mini: 0 of 2 from the cache").first).to_be_visible()
        expect(output.get_by_text("Enrich")).to_have_count(0)
        window.picture((NODE_PACKAGE / "docs" if KEEP_PICTURES else tmp_path) / "statistics.png")


@pytest.mark.smoke
def test_credential__is_tested_in_plain_words(rig: Rig) -> None:
    def tested(**data: str) -> dict[str, Any]:
        credential = {"id": "", "name": "Any", "type": "promptCacheApi", "data": data}
        return dict(rig.client.http.post("/rest/credentials/test", {"credentials": credential})["data"])

    assert tested(baseUrl=rig.sidecar.url, token=TOKEN)["status"] == "OK"
    wrong = tested(baseUrl=rig.sidecar.url, token="wrong")
    assert wrong["status"] == "Error"
    assert wrong["message"].startswith(
        "Prompt Cache did not accept the token. Enter a token that the cache server knows"
    )
    silent = tested(baseUrl=_NOWHERE, token="")
    assert silent["message"].startswith(f"Prompt Cache did not answer at {_NOWHERE}: nothing listens there. Check")

    nowhere = rig.client.create_credential("Silent", "promptCacheApi", {"baseUrl": _NOWHERE, "token": ""})
    with editor(rig.n8n.url, rig.owner) as window:
        window.page.goto(f"{rig.n8n.url}/home/credentials/{nowhere}")
        window.page.get_by_text("More details").click()
        expect(window.page.get_by_text("nothing listens there")).to_be_visible()
        dashboard = window.page.get_by_role("link", name="About the dashboard")
        expect(dashboard).to_have_attribute("href", re.compile(r"/docs/dashboard\.md$"))


def test_empty_prompt__is_what_the_item_asks(rig: Rig) -> None:
    flow = Flow().webhook().cache_node("Look Up", {})
    flow.chain(prompt="={{ $json.question ?? $json.message }}").store()
    flow.wire("Look Up", "Store", output=1, into=1)
    published = rig.publish(flow.wire("Question", "Look Up", "AI", "Store"))
    published.ask([{"question": "Who?"}, {"message": "When?"}])

    again = published.ask([{"chatInput": "Who?", "text": "other"}, {"message": "When?"}])
    assert rig.calls() == 2
    assert statuses(again) == ["hit", "hit"]
    refused = published.refused([{"subject": "Where?"}])
    assert refused["message"] == "The prompt is empty"
    assert "Left empty, one of the fields chatInput, prompt, question" in refused["description"]


def test_a_date_in_the_prompt__is_told_with_the_way_out(rig: Rig) -> None:
    def asked(day: int, **look_up: Any) -> tuple[list[str], list[str]]:
        """The receipts' words and the hints of Look Up for a question of that day."""
        flow = Flow().webhook().look_up(**look_up).chain().store()
        flow.wire("Look Up", "Store", output=1, into=1)
        published = rig.publish(flow.wire("Question", "Look Up", "AI", "Store"))
        found = statuses(published.ask([{"question": f"Today is 2026-01-0{day}. What is due?"}]))
        [run] = published.last_execution()["data"]["resultData"]["runData"]["Look Up"]
        return found, [hint["message"] for hint in run.get("hints", []) if "date or time" in hint["message"]]

    assert asked(1) == (["miss"], [])
    found, hints = asked(2)
    assert found == ["miss"]
    assert hints[0].startswith("1 of 1 question differs from an earlier one only by a date or time: choose Matching")

    assert asked(3, normalize="clock")[0] == ["miss"]
    assert asked(4, normalize="clock") == (["hit"], [])
