"""The Prompt Cache Chain with output parsers: what they refuse is never what a later run gets."""

import json
from typing import Any

import pytest

from stack.web import HttpClient

from ..conftest import Rig
from ..flows import Published
from ..questions import questions, statuses
from .flows import ChainFlow

GOOD = json.dumps({"output": {"city": "Köln"}})
BAD = "It is Köln, I think."


def _says(rig: Rig, *answers: str) -> None:
    HttpClient(rig.model.url).post("/script", {"answers": list(answers)})


def _chain(rig: Rig, *, fixed_by: str | None = None, more: Any = None, **parameters: Any) -> Published:
    flow = ChainFlow().webhook().cache_chain(hasOutputParser=True, more=more, **parameters).asks()
    return rig.publish(flow.parser(fixed_by=fixed_by).wire("Question", "Chain"))


@pytest.mark.smoke
def test_parser__reads_hits_too(rig: Rig) -> None:
    chain = _chain(rig)
    _says(rig, GOOD)
    [first] = chain.ask(questions(1))
    [second] = chain.ask(questions(1))
    assert rig.calls() == 1
    assert first["output"] == second["output"] == {"city": "Köln"}
    assert [first["_cache"]["status"], second["_cache"]["status"]] == ["miss", "hit"]


def test_refused_answer__is_not_kept_and_the_good_ones_before_it_are(rig: Rig) -> None:
    chain = _chain(rig, batching={"batchSize": 1})
    _says(rig, GOOD, GOOD, BAD, GOOD)

    refused = chain.refused(questions(4))

    assert "fit required format" in refused["message"]
    assert rig.calls() == 3
    assert statuses(chain.ask(questions(4))) == ["hit", "hit", "miss", "miss"]
    assert rig.calls() == 5


def test_retry_on_fail__reaches_the_model(rig: Rig) -> None:
    chain = _chain(rig, more={"retryOnFail": True, "maxTries": 3, "waitBetweenTries": 0})
    _says(rig, BAD, BAD, GOOD)
    [item] = chain.ask(questions(1))
    assert rig.calls() == 3
    assert item["output"] == {"city": "Köln"}
    assert statuses(chain.ask(questions(1))) == ["hit"]


def test_parsed_question__is_shared_with_the_model_sub_node(rig: Rig) -> None:
    flow = ChainFlow().webhook().basic_chain().wire("Question", "AI")
    flow.nodes[-1]["parameters"]["hasOutputParser"] = True
    sub_node = rig.publish(flow.parser("AI").cached())
    _says(rig, GOOD)
    [below] = sub_node.ask(questions(1))
    [here] = _chain(rig).ask(questions(1))
    assert rig.calls() == 1
    assert here["output"] == below["output"]
    assert here["_cache"]["status"] == "hit"


def test_auto_fixing_parser__mends_once(rig: Rig) -> None:
    chain = _chain(rig, fixed_by="Fixer")
    _says(rig, BAD, GOOD)
    [first] = chain.ask(questions(1))
    assert rig.calls() == 2
    [second] = chain.ask(questions(1))
    assert rig.calls() == 2
    assert first["output"] == second["output"] == {"city": "Köln"}
    assert second["_cache"]["status"] == "hit"


def _lists(**chain: Any) -> ChainFlow:
    """Answers are lists of two."""
    flow = ChainFlow().webhook().cache_chain(hasOutputParser=True, **chain).asks()
    flow.node("Parser", "@n8n/n8n-nodes-langchain.outputParserItemList", 1, {"options": {"numberOfItems": 2}})
    return flow.wire("Parser", "Chain", kind="ai_outputParser")


def test_stored_answer_that_does_not_fit__is_asked_again_and_replaced(rig: Rig) -> None:
    chain = rig.publish(_lists().wire("Question", "Chain"))
    _says(rig, "one\ntwo")
    key = chain.ask(questions(1))[0]["_cache"]["key"]
    response = {"generations": [{"text": "one", "message": {"type": "ai", "data": {"content": "one"}}}]}
    assert rig.api.post("/v1/store", {"key": key, "response": response})["stored"]

    _says(rig, "three\nfour")
    items = chain.ask(questions(1))

    assert rig.calls() == 2
    assert [item["text"] for item in items] == ["three", "four"]
    assert (items[0]["_cache"]["status"], items[0]["_cache"]["reason"]) == ("miss", "unusable_output")
    assert statuses(chain.ask(questions(1))) == ["hit", "hit"]
    assert rig.calls() == 2


def test_list_parser__gives_the_items_of_each_question_linked(rig: Rig) -> None:
    flow = _lists(batching={"batchSize": 1})
    flow.set("Linked", {"id": "={{ $('Question').item.json.id }}"}).wire("Question", "Chain", "Linked")
    chain = rig.publish(flow)
    _says(rig, "one\ntwo", "three\nfour")
    first = chain.ask(questions(2))
    assert [(item["id"], item["text"]) for item in first] == [("0", "one"), ("0", "two"), ("1", "three"), ("1", "four")]
    second = chain.ask(questions(2))
    assert [item["text"] for item in second] == [item["text"] for item in first]
    assert statuses(second) == ["hit"] * 4
    assert rig.calls() == 2
