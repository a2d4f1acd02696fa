"""Matching by meaning in the nodes: what is given, why something is not, and what people say of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from stack import Sidecar
from stack.web import HttpClient

from ..embedding import Embedding
from .chain.flows import ChainFlow
from .conftest import TOKEN, Rig
from .editor import editor
from .flows import CACHE, Flow, Published
from .matching import wait_until_it_compares
from .model.flows import ModelFlow, runs

RESET, RESET_TOO = "How do I reset my password?", "How can I reset my password?"
ENABLE, DISABLE = "How do I enable two-factor login?", "How do I disable two-factor login?"
SEMANTIC: dict[str, Any] = {"match": "semantic", "explain": True}

_RATE = "={{ $('Question').item.json.rate ?? '' }}"


@pytest.fixture(scope="module")
def embedding() -> Iterator[Embedding]:
    with Embedding() as embedding:
        yield embedding


@pytest.fixture(scope="module")
def similar(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Sidecar]:
    """A cache server with an embedder."""
    settings = {"PROMPT_CACHE_STORE": "memory://", "PROMPT_CACHE_EMBEDDER": embedding.settings}
    with Sidecar(tmp_path_factory.mktemp("similar"), env=settings, token=TOKEN) as sidecar:
        wait_until_it_compares(sidecar.client())
        yield sidecar


@pytest.fixture
def credentials(rig: Rig, similar: Sidecar, embedding: Embedding) -> Iterator[dict[str, str]]:
    """Those of a cache server with an embedder that is there, and with nothing in it."""
    HttpClient(similar.url, {"Authorization": f"Bearer {TOKEN}"}).post("/v1/flush", {"all": True})
    data = {"baseUrl": similar.url, "token": TOKEN}
    yield {**rig.credentials, CACHE: rig.client.create_credential("Similar", "promptCacheApi", data)}
    embedding.away = False


@pytest.fixture
def publish(rig: Rig, credentials: dict[str, str]) -> Callable[[Flow], Published]:
    return lambda flow: rig.publish(flow, credentials)


def ask(published: Published, question: str, **more: Any) -> dict[str, Any]:
    """What comes out for one question, its receipt among it."""
    [answer] = published.ask([{"question": question, **more}])
    return answer


def hints(published: Published, node: str) -> list[str]:
    [run] = published.last_execution()["data"]["resultData"]["runData"][node]
    return [hint["message"] for hint in run.get("hints", [])]


def rated(flow: Flow, behind: str, operation: str = "reject") -> Flow:
    """Rate the answers to questions that say `rate`, behind a page that puts out its own items; all else is put out."""
    rate = {"operator": {"type": "string", "operation": "notEmpty"}, "leftValue": _RATE, "rightValue": "", "id": "1"}
    options = {"caseSensitive": True, "leftValue": "", "typeValidation": "loose", "version": 2}
    conditions = {"options": options, "conditions": [rate], "combinator": "and"}
    flow.set("Page", {"text": "={{ $json.text }}", "receipt": "={{ JSON.stringify($json._cache) }}"}, keep=False)
    flow.node("Rate?", "n8n-nodes-base.if", 2.2, {"conditions": conditions, "options": {}})
    flow.cache_node("Rate", {"operation": operation}).node("Answer", "n8n-nodes-base.noOp")
    return flow.wire(behind, "Page", "Rate?", "Rate").wire("Rate?", "Answer", output=1)


def looked_up(operation: str = "reject") -> Flow:
    # What was said of two questions outlives their answers.
    flow = Flow().webhook().look_up(namespace=uuid4().hex, **SEMANTIC).chain().store()
    flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "Store", output=1, into=1)
    return rated(flow, "Store", operation)


def receipt(answer: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(answer["receipt"]))


@pytest.mark.smoke
def test_look_up__answers_other_words_and_not_another_question__until_it_is_rejected(
    rig: Rig, publish: Callable[[Flow], Published]
) -> None:
    published = publish(looked_up())
    first = ask(published, RESET)
    again = ask(published, RESET_TOO)
    assert again["text"] == first["text"]
    assert receipt(again)["matched"]["question"] == RESET
    [told] = [hint for hint in hints(published, "Look Up") if "meaning" in hint]
    assert told == f"Answered by meaning, {int(receipt(again)['similarity'] * 100)}% like: {RESET}"

    ask(published, ENABLE)
    other = ask(published, DISABLE)
    assert DISABLE in other["text"]
    assert receipt(other)["reason"].startswith("guard:")
    assert receipt(other)["explanation"]["nearest"][0]["question"] == ENABLE
    assert any(f"% like: {ENABLE} (" in hint for hint in hints(published, "Look Up"))
    assert rig.calls() == 3

    # This question never gets that answer again; the one that it was made for still does.
    assert ask(published, RESET_TOO, rate="wrong")["rejected"] is True
    assert RESET_TOO in ask(published, RESET_TOO)["text"]
    assert ask(published, RESET)["text"] == first["text"]
    assert rig.calls() == 4
    # Its own answer is taken out.
    assert ask(published, RESET, rate="wrong")["rejected"] is True
    ask(published, RESET)
    assert rig.calls() == 5


def test_accept__makes_it_the_answer_to_the_very_question(
    rig: Rig, publish: Callable[[Flow], Published], embedding: Embedding
) -> None:
    published = publish(looked_up("accept"))
    assert ask(published, RESET, rate="right")["reason"] == "same_question"
    assert ask(published, RESET_TOO, rate="right")["accepted"] is True
    asked = len(embedding.calls)
    found = ask(published, RESET_TOO)
    assert RESET in found["text"]
    assert receipt(found)["match"] == "exact"
    assert (rig.calls(), len(embedding.calls)) == (1, asked)


def test_reject__finds_the_answer_of_each_item__in_a_loop_and_behind_an_agent_and_code(rig: Rig) -> None:
    same = "for (const item of $input.all()) { item.json.seen = true; }\nreturn $input.all();"
    flow = Flow().webhook().node("Loop", "n8n-nodes-base.splitInBatches", 3, {"batchSize": 2, "options": {}})
    flow.look_up().agent().store().code("Code", same).cache_node("Rate", {"operation": "reject"})
    flow.set(
        "Out", {"given": "={{ $('Store').item.json._cache.key }}", "of": "={{ $('Store').item.json._cache.status }}"}
    )
    flow.wire("Question", "Loop").wire("Loop", "Look Up", output=1)
    flow.wire("Look Up", "AI", "Store", "Code", "Rate", "Out", "Loop").wire("Look Up", "Store", output=1, into=1)
    flow.node("Done", "n8n-nodes-base.noOp").wire("Loop", "Done")
    asked = ("use the tool: a", "b", "b", "b", "use the tool: c", "d")
    rated_ones = rig.publish(flow).ask([{"question": each} for each in asked])
    assert [each["key"] for each in rated_ones] == [each["given"] for each in rated_ones]
    assert [each["of"] for each in rated_ones] == ["miss", "miss", "miss", "repeat", "miss", "miss"]
    assert [each["rejected"] for each in rated_ones] == [True, True, True, False, True, True]
    assert len({each["key"] for each in rated_ones}) == 4


def test_look_up__goes_on_exactly_while_the_embedder_is_away(
    rig: Rig, publish: Callable[[Flow], Published], embedding: Embedding
) -> None:
    published = publish(looked_up())
    ask(published, RESET)
    embedding.away = True
    assert receipt(ask(published, RESET))["match"] == "exact"
    # What it embedded before is remembered.
    missed = receipt(ask(published, "How might I reset my password?"))
    assert (missed["status"], missed["reason"]) == ("miss", "embedder_unavailable")
    assert any(hint.startswith("The embedder of the cache server did not") for hint in hints(published, "Look Up"))
    assert rig.calls() == 2


def test_look_up__says_what_is_wrong_where_it_cannot_match_so(rig: Rig, publish: Callable[[Flow], Published]) -> None:
    def asking(**options: Any) -> Flow:
        return Flow().webhook().look_up(**options).wire("Question", "Look Up")

    refused = rig.publish(asking(match="semantic")).refused([{"question": RESET}])
    assert refused["message"] == "Item 0: This cache server does not match by similar meaning here"
    assert 'Choose "Same Question"' in refused["description"]
    refused = publish(asking(match="semantic", threshold=0.1)).refused([{"question": RESET}])
    assert refused["message"] == "Item 0: The similarity threshold cannot be used here"
    assert "0.6" in refused["description"]


def test_chain__answers_other_words_within_its_threshold__until_it_is_rejected(
    rig: Rig, publish: Callable[[Flow], Published]
) -> None:
    def chained(**matching: Any) -> Published:
        flow = (
            ChainFlow()
            .webhook()
            .cache_chain(namespace=uuid4().hex, matching={**SEMANTIC, **matching})
            .asks()
            .wire("Question", "Chain")
        )
        return publish(rated(flow, "Chain"))

    published = chained()
    first = ask(published, RESET)
    found = ask(published, RESET_TOO)
    assert found["text"] == first["text"]
    assert receipt(found)["matched"]["question"] == RESET

    assert ask(published, RESET_TOO, rate="wrong")["rejected"] is True
    assert RESET_TOO in ask(published, RESET_TOO)["text"]
    assert ask(published, RESET)["text"] == first["text"]
    assert rig.calls() == 2

    strict = chained(threshold=0.99)
    ask(strict, RESET)
    missed = receipt(ask(strict, RESET_TOO))
    assert (missed["status"], missed["explanation"]["threshold"]) == ("miss", 0.99)


def test_model__answers_other_words__and_tells_which_in_its_log(publish: Callable[[Flow], Published]) -> None:
    published = publish(ModelFlow().webhook().basic_chain().cached(**SEMANTIC).wire("Question", "AI"))
    first = ask(published, RESET)
    assert ask(published, RESET_TOO) == first
    [found] = runs(published)
    assert found["result"].startswith(f"Answered from the cache ({int(found['similarity'] * 100)}% like: {RESET})")
    ask(published, ENABLE)
    ask(published, DISABLE)
    [missed] = runs(published)
    assert missed["reason"].startswith("guard:")
    assert missed["explanation"]["nearest"][0]["question"] == ENABLE


def test_editor__offers_what_the_cache_server_can_do__and_rejects_step_by_step(
    rig: Rig, credentials: dict[str, str], similar: Sidecar, tmp_path: Path
) -> None:
    api = HttpClient(similar.url, {"Authorization": f"Bearer {TOKEN}"})
    namespace = uuid4().hex
    asked = {"namespace": namespace, "model": "demo-model", "match": "semantic"}
    missed = api.post("/v1/lookup", {"prompt": RESET, **asked})
    api.post("/v1/store", {"key": missed["key"], "ticket": missed["ticket"], "response": {"text": "Under Settings."}})

    flow = Flow("Rating").node("Start", "n8n-nodes-base.manualTrigger").set("Question", {"question": RESET_TOO})
    flow.look_up(namespace=namespace, model="demo-model", watch=False, manualRuns="together", **SEMANTIC).chain()
    flow.set("Page", {"text": "={{ $json.text }}"}, keep=False).cache_node("Rate", {"operation": "reject"})
    flow.wire("Start", "Question", "Look Up", "AI").wire("Look Up", "Page", "Rate", output=1)
    workflow = rig.client.create_workflow(flow.exported(), credentials)
    with editor(rig.n8n.url, rig.owner) as window:
        page = window.page
        window.open(workflow["id"])
        output = window.execute_step("Look Up")
        expect(output.get_by_text("Answered by meaning").first).to_be_visible()
        expect(page.locator('[data-test-id="parameter-input-match"] input')).to_have_value("Similar Meaning")
        page.locator('[data-test-id="collection-parameter-add"]').first.click()
        page.get_by_role("option", name="Similarity Threshold", exact=True).click()
        expect(page.locator('[data-test-id="parameter-input-threshold"] input')).to_have_value("0.80")
        page.get_by_text("Parameters", exact=True).click()
        window.picture(tmp_path / "look-up.png")
        window.close_panel()

        output = window.execute_step("Rate")
        expect(output.get_by_text("true", exact=True)).to_be_visible()
        expect(page.locator('[data-test-id="parameter-input-which"] input')).to_have_value("The One This Item Got")
        window.picture(tmp_path / "reject.png")
    # What Look Up noted in the run before was still there: the pair is rejected, and the entry was spared.
    assert api.post("/v1/lookup", {"prompt": RESET_TOO, **asked})["reason"] == "rejected"
    assert api.post("/v1/lookup", {"prompt": RESET, **asked})["status"] == "hit"
