"""The cache is down, hangs, or refuses: what the workflow does, and what the user reads."""

import time
from threading import Timer
from typing import Any

import pytest

from .conftest import Rig
from .flows import CACHE, Flow
from .questions import assert_answers, questions


def cached(**look_up: Any) -> Flow:
    flow = Flow().webhook().look_up(**look_up).chain().store(**look_up)
    flow.node("Answer", "n8n-nodes-base.noOp").wire("Question", "Look Up", "AI", "Store", "Answer")
    return flow.wire("Look Up", "Answer", output=1)


@pytest.mark.smoke
def test_killed__the_workflow_still_answers_each_question_once(rig: Rig) -> None:
    workflow = rig.publish(cached())
    rig.sidecar.kill()
    asked = questions(12, distinct=4)

    answers = workflow.ask(asked)

    assert_answers(answers, asked)
    assert rig.calls() == 4
    assert {item["_cache"]["reason"] for item in answers} == {"cache_unreachable"}
    assert not any(item["_cache"]["stored"] for item in answers)
    [run] = workflow.last_execution()["data"]["resultData"]["runData"]["Look Up"]
    [hint] = [hint for hint in run["hints"] if hint["type"] == "warning"]
    assert f"did not answer at {rig.sidecar.url}" in hint["message"]


def test_killed_between_look_up_and_store__the_answer_comes_through(rig: Rig) -> None:
    workflow = rig.publish(cached())
    workflow.ask(questions(1))
    slow = Flow().webhook().look_up().store()
    slow.code(
        "AI", "await new Promise((go) => setTimeout(go, 1500)); return [{ json: { text: 'late' }, pairedItem: 0 }]"
    )
    workflow = rig.publish(slow.wire("Question", "Look Up", "AI", "Store"))
    Timer(0.7, rig.sidecar.kill).start()
    [answer] = workflow.ask([{"question": "slow"}])
    assert answer["text"] == "late"
    assert answer["_cache"]["refused"] == "cache_unreachable"


def test_hanging__costs_one_short_wait(rig: Rig) -> None:
    workflow = rig.publish(cached(timeout=0.5))
    rig.sidecar.pause()
    try:
        started = time.monotonic()
        assert_answers(workflow.ask(questions(3)), questions(3))
        assert time.monotonic() - started < 2
    finally:
        rig.sidecar.resume()


def test_stop__ends_with_what_to_do(rig: Rig) -> None:
    workflow = rig.publish(cached(unreachable="stop"))
    rig.sidecar.kill()
    refused = workflow.refused(questions(1))
    assert refused["node"] == "Look Up"
    assert refused["message"] == f"Prompt Cache did not answer at {rig.sidecar.url}: nothing listens there"
    assert "prompt-cache serve" in refused["description"]
    assert rig.calls() == 0


@pytest.mark.parametrize(
    ("data", "message", "advice"),
    [
        ({"token": "wrong"}, "Prompt Cache did not accept the token", "Enter a token"),
        ({"baseUrl": "model"}, "answered, but not like Prompt Cache", "Check the Base URL"),
    ],
)
def test_a_wrong_credential__is_not_taken_for_an_outage(
    rig: Rig, data: dict[str, str], message: str, advice: str
) -> None:
    data = {"baseUrl": rig.sidecar.url, "token": "test-token"} | data
    if data["baseUrl"] == "model":
        data["baseUrl"] = rig.model.url
    credential = rig.client.create_credential(f"Wrong {message}", "promptCacheApi", data)
    refused = rig.publish(cached(), {CACHE: credential}).refused(questions(1))
    assert message in refused["message"]
    assert advice in refused["description"]


def test_a_refused_field__names_the_item_and_the_field(rig: Rig) -> None:
    workflow = rig.publish(cached(namespace="={{ $json.namespace }}"))
    refused = workflow.refused([{"question": "a", "namespace": "good"}, {"question": "b", "namespace": "not good"}])
    assert refused["message"].startswith("Item 1: namespace: ")


def test_continue_on_fail__answers_the_items_that_are_all_right(rig: Rig) -> None:
    flow = cached(namespace="={{ $json.namespace }}")
    next(node for node in flow.nodes if node["name"] == "Look Up")["onError"] = "continueErrorOutput"
    workflow = rig.publish(flow)
    asked = [
        {"question": "a", "namespace": "good"},
        {"question": "b", "namespace": "not good"},
        {"question": "c", "namespace": "good"},
        {"question": "a", "namespace": "good"},
    ]

    answers = workflow.ask(asked)

    assert_answers(answers, [asked[0], asked[2], asked[3]])
    outputs = workflow.last_execution()["data"]["resultData"]["runData"]["Look Up"][0]["data"]["main"]
    assert "Item 1: namespace" in outputs[2][0]["json"]["error"]


@pytest.mark.smoke
def test_the_credential_test__tells_a_right_token_from_a_wrong_one(rig: Rig) -> None:
    def tested(token: str) -> str:
        data = {"baseUrl": f"{rig.sidecar.url}/", "token": token}
        created = rig.client.create_credential("Test", "promptCacheApi", data)
        credentials = {"id": created, "name": "Test", "type": "promptCacheApi", "data": data}
        return str(rig.client.http.post("/rest/credentials/test", {"credentials": credentials})["data"]["status"])

    assert (tested("test-token"), tested("wrong")) == ("OK", "Error")
