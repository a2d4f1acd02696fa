"""The Prompt Cache Chain in a real n8n: what it asks, what it keeps, and what comes out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from stack.web import HttpClient

from ..conftest import TOKEN, Rig
from ..flows import Published
from ..model.flows import ModelFlow
from ..model.flows import statuses as logged
from ..questions import assert_answers, questions, statuses
from .flows import ChainFlow, published


def _prompts(rig: Rig) -> list[str]:
    return list(HttpClient(rig.model.url).get("/calls")["prompts"])


def _run_data(flow: Published) -> dict[str, Any]:
    return dict(flow.last_execution()["data"]["resultData"]["runData"])


@pytest.mark.smoke
def test_table_with_repeats__asks_each_question_once_and_the_next_run_none(rig: Rig) -> None:
    flow = ChainFlow().webhook().cache_chain(batching={"batchSize": 10}).asks()
    fields = {"id": "={{ $('Question').item.json.id }}", "asked": "={{ $('Question').item.json.question }}"}
    chain = rig.publish(flow.set("Linked", fields).wire("Question", "Chain", "Linked"))
    rows = questions(1000, distinct=25)

    first = chain.ask(rows)

    assert rig.calls() == 25
    assert_answers(first, rows)
    assert [(item["id"], item["asked"]) for item in first] == [(str(row["id"]), row["question"]) for row in rows]
    assert statuses(first) == ["miss"] * 25 + ["repeat"] * 975
    assert all(item["_cache"]["stored"] for item in first)
    assert all(item["_cache"]["saved"]["tokens"] > 0 for item in first[25:])

    second = chain.ask(rows)

    assert rig.calls() == 25
    assert statuses(second) == ["hit"] * 1000
    assert [item["text"] for item in second] == [item["text"] for item in first]
    assert all(item["_cache"]["saved"]["tokens"] > 0 for item in second)
    assert "Chain Model" not in _run_data(chain), "a hit shows no model call"

    mixed = [{"id": at, "question": f"question {at}"} for at in range(20, 30)]
    third = chain.ask(mixed)

    assert rig.calls() == 30
    assert_answers(third, mixed)
    assert statuses(third) == ["hit"] * 5 + ["miss"] * 5
    assert [item["id"] for item in third] == [str(row["id"]) for row in mixed]


def test_same_question__is_shared_with_the_model_sub_node_and_with_another_chain(rig: Rig) -> None:
    chain = published(rig, system="Be {brief}.")
    flow = ModelFlow().webhook().basic_chain().wire("Question", "AI")
    system = {"type": "SystemMessagePromptTemplate", "message": "Be {brief}."}
    flow.nodes[-1]["parameters"]["messages"] = {"messageValues": [system]}
    sub_node = rig.publish(flow.cached())
    braces = 'What is {"a": {{ x }} } and {query}?'

    [asked_below] = sub_node.ask([{"question": braces}])
    [hit] = chain.ask([{"question": braces}])
    assert rig.calls() == 1
    assert _prompts(rig) == [braces]
    assert (hit["_cache"]["status"], hit["text"]) == ("hit", asked_below["text"])

    [asked_here] = chain.ask([{"question": "The other way round"}])
    assert rig.calls() == 2
    assert sub_node.ask([{"question": "The other way round"}]) == [{"text": asked_here["text"]}]
    assert rig.calls() == 2
    assert logged(sub_node) == ["hit"]

    two = ChainFlow().webhook().cache_chain("One").asks("One")
    two.cache_chain("Two", prompt="={{ $('Question').item.json.question }}").asks("Two")
    both = rig.publish(two.wire("Question", "One", "Two"))
    assert statuses(both.ask([{"question": "asked by two nodes"}])) == ["hit"]
    assert rig.calls() == 3


def test_model_fails_on_one_item__the_others_are_kept_and_the_next_run_asks_that_one(rig: Rig) -> None:
    rows = questions(6)
    lenient = published(rig, more={"onError": "continueRegularOutput"}, batching={"batchSize": 1})
    HttpClient(rig.model.url).post("/fault", {"status": 400, "times": 1})

    items = lenient.ask(rows)

    assert rig.calls() == 6
    assert items[0]["id"] == 0
    assert items[0]["question"] == "question 0"
    assert items[0]["error"].startswith("Bad request")
    assert_answers(items[1:], rows[1:])
    assert statuses(lenient.ask(rows)) == ["miss"] + ["hit"] * 5
    assert rig.calls() == 7

    flow = ChainFlow().webhook().cache_chain(more={"onError": "continueErrorOutput"}, batching={"batchSize": 1}).asks()
    flow.set("Failed", {"kept": "={{ $json.question }}"}).wire("Question", "Chain").wire("Chain", "Failed", output=1)
    branch = rig.publish(flow)
    rig.model_fails(times=1)
    [failed] = branch.ask([{"id": 9, "question": "fails"}, {"id": 1, "question": "question 1"}])
    assert (failed["id"], failed["kept"]) == (9, "fails")


def test_cached_model_below__says_that_one_is_enough(rig: Rig) -> None:
    flow = ChainFlow().webhook().cache_chain().wire("Question", "Chain").openai("Model").cache_model()
    refused = rig.publish(flow.wire("Model", "Cached", "Chain", kind="ai_languageModel")).refused([{"question": "?"}])
    assert refused["message"] == "The connected model is cached already"
    assert "one is enough" in refused["description"]


def test_namespace_and_attributes__hold_for_each_item(rig: Rig) -> None:
    namespace = {"__rl": True, "mode": "name", "value": "={{ $json.customer }}"}
    attributes = {"pairs": [{"name": "language", "value": "={{ $json.language }}"}]}
    chain = published(rig, namespace=namespace, attributes=attributes)
    rows = [
        {"question": "Same?", "customer": customer, "language": language}
        for customer in ("ann", "bob")
        for language in ("de", "en")
    ]
    assert statuses(chain.ask(rows)) == ["miss"] * 4
    assert rig.calls() == 4
    assert statuses(chain.ask(rows)) == ["hit"] * 4
    for customer in ("ann", "bob"):
        entries = rig.api.get(f"/v1/entries?namespace={customer}")["items"]
        assert sorted(entry["request"]["attributes"]["language"] for entry in entries) == ["de", "en"]


def test_model_by_expression__is_each_items_own(rig: Rig) -> None:
    flow = ChainFlow().webhook().cache_chain().asks(model="={{ $json.model }}").wire("Question", "Chain")
    chain = rig.publish(flow)
    rows = [{"question": "Who?", "model": model} for model in ("gpt-4o-mini", "gpt-5-mini")]
    assert statuses(chain.ask(rows)) == ["miss", "miss"]
    assert sorted(entry["model"] for entry in rig.api.get("/v1/entries")["items"]) == ["gpt-4o-mini", "gpt-5-mini"]


def test_ask_again__replaces_and_manual_life_and_versions_hold(rig: Rig) -> None:
    options = {"tags": "manual, prices", "dependsOn": "kb"}
    chain = published(rig, keep="limited", ttlAmount=2, ttlUnit="h", options=options)
    again = published(rig, refresh=True, options=options)
    [first] = chain.ask([{"question": "what does it cost?"}])
    [entry] = rig.api.get("/v1/entries")["items"]
    life = datetime.fromisoformat(entry["expires"]) - datetime.fromisoformat(entry["created"])
    assert (sorted(entry["tags"]), life) == (["manual", "prices"], timedelta(hours=2))
    HttpClient(rig.model.url).post("/script", {"answers": ["another answer"]})
    [second] = again.ask([{"question": "what does it cost?"}])
    assert second["_cache"]["status"] == "miss"
    assert rig.calls() == 2
    assert chain.ask([{"question": "what does it cost?"}])[0]["text"] == second["text"] != first["text"]
    rig.api.post("/v1/bump", {"names": ["kb"]})
    [third] = chain.ask([{"question": "what does it cost?"}])
    assert third["_cache"]["reason"] == "version_changed"


def _with_cache_at(rig: Rig, url: str, **parameters: Any) -> Published:
    name = "Prompt Cache (elsewhere)"
    credential = rig.client.create_credential(name, "promptCacheApi", {"baseUrl": url, "token": TOKEN})
    flow = ChainFlow().webhook().cache_chain(credential=name, **parameters).asks().wire("Question", "Chain")
    return rig.publish(flow, {name: credential})


@pytest.mark.smoke
def test_cache_away__the_model_answers_each_question_once_or_the_node_stops(rig: Rig) -> None:
    rows = questions(12, distinct=4)
    dead = "http://127.0.0.1:9"
    away = _with_cache_at(rig, dead)
    items = away.ask(rows)
    assert_answers(items, rows)
    assert rig.calls() == 4
    assert {item["_cache"]["reason"] for item in items} == {"cache_unreachable"}
    [run] = _run_data(away)["Chain"]
    [hint] = run["hints"]
    assert "did not answer" in hint["message"]

    refused = _with_cache_at(rig, dead, freshness={"unreachable": "stop"}).refused(rows)
    assert "did not answer" in refused["message"]
    assert rig.calls() == 4


def test_loop_of_one__has_each_item_in_its_turn(rig: Rig) -> None:
    flow = ChainFlow().webhook().node("Loop", "n8n-nodes-base.splitInBatches", 3, {"batchSize": 1, "options": {}})
    flow.cache_chain().asks().set("Done", {"from": "={{ $json._cache.status }}"})
    flow.wire("Question", "Loop").wire("Loop", "Chain", output=1).wire("Chain", "Loop").wire("Loop", "Done")
    loop = rig.publish(flow)
    rows = questions(6, distinct=3)
    items = loop.ask(rows)
    assert_answers(items, rows)
    assert [item["from"] for item in items] == ["miss"] * 3 + ["hit"] * 3
    assert rig.calls() == 3
