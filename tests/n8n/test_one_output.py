"""Store takes the hits beside the new answers, and puts everything out once, in Look Up's order, linked."""

from typing import Any

import pytest

from .conftest import Rig
from .flows import Flow, Published
from .questions import assert_answers, statuses


def ask(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": at, "question": f"question {number}"} for at, number in enumerate(numbers)]


def runs_of(workflow: Published, node: str) -> int:
    """How often a node ran in the newest execution."""
    return len(workflow.last_execution()["data"]["resultData"]["runData"][node])


def test_a_merge_by_position__gives_each_row_its_own_answer(rig: Rig) -> None:
    by_position = {"mode": "combine", "combineBy": "combineByPosition", "options": {}}
    flow = Flow().webhook().look_up().chain().store().set("Link", {"linked": "={{ $('Question').item.json.id }}"})
    flow.node("Join", "n8n-nodes-base.merge", 3.2, by_position)
    flow.wire("Question", "Look Up", "AI", "Store", "Link").wire("Question", "Join")
    flow.wire("Look Up", "Store", output=1, into=1).wire("Link", "Join", into=1)
    workflow = rig.publish(flow)

    for asked, expected in (
        (ask(1, 2), ["miss", "miss"]),
        (ask(3, 1, 3, 2, 4, 1), ["miss", "hit", "repeat", "hit", "miss", "hit"]),
        (ask(4, 3, 2), ["hit", "hit", "hit"]),
    ):
        answers = workflow.ask(asked)
        assert_answers(answers, asked)
        assert statuses(answers) == expected
        assert [item["linked"] for item in answers] == [str(at) for at in range(len(asked))]
        assert runs_of(workflow, "Join") == 1


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("ai", ["chain", "agent", "inner loop"])
def test_a_loop__is_done_once_with_everything(rig: Rig, size: int, ai: str) -> None:
    flow = Flow().webhook().look_up().store().node("Done", "n8n-nodes-base.noOp")
    flow.node("Loop", "n8n-nodes-base.splitInBatches", 3, {"batchSize": size, "options": {}})
    flow.set("Keep", {"id": "={{ $('Loop').item.json.id }}"})
    flow.wire("Question", "Loop", "Done").wire("Loop", "Look Up", output=1)
    flow.wire("Look Up", "Store", output=1, into=1).wire("Store", "Keep", "Loop")
    if ai == "inner loop":
        reset = {"reset": "={{ $prevNode.name === 'Look Up' }}"}
        flow.node("Inner", "n8n-nodes-base.splitInBatches", 3, {"batchSize": 1, "options": reset}).chain()
        flow.wire("Look Up", "Inner", "Store").wire("Inner", "AI", "Inner", output=1)
    else:
        (flow.agent() if ai == "agent" else flow.chain()).wire("Look Up", "AI", "Store")
    workflow = rig.publish(flow)
    workflow.ask(ask(2, 5))

    asked = ask(1, 2, 3, 1, 4, 5, 2)
    answers = workflow.ask(asked)

    assert_answers(answers, asked)
    assert [item["id"] for item in answers] == [str(at) for at in range(len(asked))]
    assert statuses(answers) == ["miss", "hit", "miss", "hit", "miss", "hit", "hit"]
    assert runs_of(workflow, "Done") == 1


def test_a_sub_workflow__hands_back_everything_in_order(rig: Rig) -> None:
    child = Flow("Answer from the cache")
    child.node("Start", "n8n-nodes-base.executeWorkflowTrigger", 1.1, {"inputSource": "passthrough"})
    child.look_up().chain().store().wire("Start", "Look Up", "AI", "Store").wire("Look Up", "Store", output=1, into=1)
    created = rig.client.create_workflow(child.exported(), rig.credentials)
    rig.client.activate(created["id"])
    reference = {"workflowId": {"__rl": True, "mode": "id", "value": created["id"]}, "options": {}}
    flow = Flow().webhook().node("Call", "n8n-nodes-base.executeWorkflow", 1.2, reference).wire("Question", "Call")
    workflow = rig.publish(flow)
    workflow.ask(ask(1, 2))

    asked = ask(3, 1, 4, 2, 3)
    answers = workflow.ask(asked)

    assert_answers(answers, asked)
    assert statuses(answers) == ["miss", "hit", "miss", "hit", "repeat"]


def test_a_node_between_hit_and_store__does_not_disturb_the_order(rig: Rig) -> None:
    flow = Flow().webhook().look_up().chain().store().set("Mark", {"known": "yes"})
    flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "Mark", output=1).wire("Mark", "Store", into=1)
    workflow = rig.publish(flow)
    workflow.ask(ask(1, 2))

    asked = ask(3, 1, 4, 2)
    answers = workflow.ask(asked)

    assert_answers(answers, asked)
    assert [item.get("known") for item in answers] == [None, "yes", None, "yes"]


class TestFailures:
    """What stands in an item's place when something goes wrong with it."""

    def test_a_failed_call__has_the_place_of_its_question(self, rig: Rig) -> None:
        flow = Flow().webhook().look_up().chain(onError="continueRegularOutput").store()
        flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "Store", output=1, into=1)
        workflow = rig.publish(flow)
        workflow.ask(ask(1))
        rig.model_fails(times=1)

        failed, known = workflow.ask(ask(2, 1))

        assert "error" in failed
        assert_answers([known], ask(1))
