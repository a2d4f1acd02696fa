"""Store keeps an answer only where its question is beyond doubt, and says in plain words where it is not."""

from typing import Any

from stack import output_items

from .conftest import Rig
from .flows import Flow
from .questions import assert_answers, questions, statuses

# Another workflow's answers count as well, whatever AI node stands in it.
BY_PROMPT: dict[str, Any] = {"watch": False, "model": {"__rl": True, "mode": "list", "value": "demo-model"}}
BOOLEAN = {"type": "boolean", "operation": "true", "singleValue": True}


def even_ids(name: str, field: str = "$json.id") -> dict[str, Any]:
    """An If node that sends items with even ids to its first output."""
    condition = {"id": "even", "leftValue": f"={{{{ {field} % 2 == 0 }}}}", "rightValue": "", "operator": BOOLEAN}
    options = {"caseSensitive": True, "leftValue": "", "typeValidation": "loose", "version": 2}
    conditions = {"options": options, "conditions": [condition], "combinator": "and"}
    return {
        "name": name,
        "type_": "n8n-nodes-base.if",
        "version": 2.2,
        "parameters": {"conditions": conditions, "options": {}},
    }


def fill(rig: Rig, asked: list[dict[str, Any]]) -> None:
    flow = Flow("Fill").webhook().look_up(**BY_PROMPT).chain().store()
    rig.publish(flow.wire("Question", "Look Up", "AI", "Store")).ask(asked)


def test_without_a_look_up__store_says_what_it_needs(rig: Rig) -> None:
    workflow = rig.publish(Flow().webhook().chain().store().wire("Question", "AI", "Store"))
    refused = workflow.refused(questions(1))
    assert refused["message"] == "No question was found for this answer"
    assert "Store needs a Look Up before it" in refused["description"]


def test_what_came_from_hit__is_not_stored_again(rig: Rig) -> None:
    # An agent that called a tool is recorded by n8n as fed from output 0, which is Miss.
    asked = [{"question": f"question {at}"} for at in range(2)]
    fill(rig, asked)
    flow = Flow().webhook().look_up(**BY_PROMPT).agent(prompt="use the tool").store()
    flow.wire("Question", "Look Up").wire("Look Up", "AI", output=1).wire("AI", "Store")
    workflow = rig.publish(flow)
    stored = rig.statistics()["stored"]

    refused = workflow.refused([*asked, {"question": "new"}, {"question": "newer"}])

    assert refused["message"] == 'The item did not come from the Miss output of "Look Up"'
    assert rig.statistics()["stored"] == stored


def test_with_both_outputs_on_one_agent__no_answer_gets_another_s_place(rig: Rig) -> None:
    fill(rig, questions(1))
    flow = (
        Flow().webhook().look_up(**BY_PROMPT).agent(prompt="={{ $json.question ?? 'use the tool for a hit' }}").store()
    )
    flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "AI", output=1)
    stored = rig.statistics()["stored"]

    refused = rig.publish(flow).refused(questions(2))

    assert refused["message"] == 'The item did not come from the Miss output of "Look Up"'
    assert rig.statistics()["stored"] == stored


def test_with_both_outputs_on_one_chain__what_came_from_hit_is_refused(rig: Rig) -> None:
    fill(rig, questions(1))
    flow = Flow().webhook().look_up(**BY_PROMPT).chain(prompt="={{ $json.question ?? $json.text }}").store()
    flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "AI", output=1)
    refused = rig.publish(flow).refused(questions(2))
    assert refused["message"] == 'The item did not come from the Miss output of "Look Up"'


def test_a_merge_with_hits__is_refused_whatever_it_holds(rig: Rig) -> None:
    flow = Flow().webhook().look_up(**BY_PROMPT).chain().node("Merge", "n8n-nodes-base.merge", 3.2).store()
    flow.wire("Question", "Look Up", "AI", "Merge", "Store").wire("Look Up", "Merge", output=1, into=1)
    workflow = rig.publish(flow)

    assert "Miss output" in workflow.refused(questions(2))["message"]
    fill(rig, questions(2))
    assert "Miss output" in workflow.refused(questions(4))["message"]


def test_several_ways_through_an_agent__are_told_apart(rig: Rig) -> None:
    flow = Flow().webhook().look_up(**BY_PROMPT).node(**even_ids("If")).chain("A").agent("B").store()
    flow.wire("Question", "Look Up", "If", "A", "Store").wire("If", "B", output=1).wire("B", "Store")
    asked = [{"id": at, "question": f"use the tool for {at}"} for at in range(4)]
    rig.publish(flow).ask(asked)

    check = Flow().webhook().look_up(**BY_PROMPT).node("Answer", "n8n-nodes-base.noOp")
    assert_answers(rig.publish(check.wire("Question", "Look Up").wire("Look Up", "Answer", output=1)).ask(asked), asked)


def test_an_agent_on_a_second_output__is_stored_for_its_own_question(rig: Rig) -> None:
    flow = Flow().webhook().look_up(**BY_PROMPT).node(**even_ids("If")).agent().store()
    flow.wire("Question", "Look Up", "If").wire("If", "AI", output=1).wire("AI", "Store")
    workflow = rig.publish(flow)
    asked = [{"id": at, "question": f"use the tool for {at}"} for at in range(6)]

    assert_answers(workflow.ask(asked), asked[1::2])

    check = Flow().webhook().look_up(**BY_PROMPT).node("Answer", "n8n-nodes-base.noOp")
    check.wire("Question", "Look Up").wire("Look Up", "Answer", output=1)
    assert_answers(rig.publish(check).ask(asked), asked[1::2])


def test_several_ways_without_an_agent__are_told_apart(rig: Rig) -> None:
    flow = Flow().webhook().look_up(**BY_PROMPT).chain().node(**even_ids("If", "$('Question').item.json.id"))
    flow.set("Polish", {"polished": "yes"}).store().wire("Question", "Look Up", "AI", "If", "Store")
    workflow = rig.publish(flow.wire("If", "Polish", output=1).wire("Polish", "Store"))
    asked = questions(4)
    workflow.ask(asked)

    check = Flow().webhook().look_up(**BY_PROMPT).node("Answer", "n8n-nodes-base.noOp")
    found = rig.publish(check.wire("Question", "Look Up").wire("Look Up", "Answer", output=1)).ask(asked)
    assert_answers(found, asked)
    assert [item.get("polished") for item in found] == [None, "yes", None, "yes"]


def twice() -> Flow:
    """Two AI nodes that answer the same questions, and one Store."""
    flow = Flow().webhook().look_up(**BY_PROMPT).chain("A").chain("B").store()
    return flow.wire("Question", "Look Up", "A", "Store").wire("Look Up", "B", "Store")


def test_two_answers_to_one_question__are_refused(rig: Rig) -> None:
    refused = rig.publish(twice()).refused(questions(2))
    assert refused["message"] == "There is an answer to this question already"
    assert refused["context"]["itemIndex"] == 0
    assert "connect the Miss output of Look Up only once" in refused["description"]


def test_continue_on_fail__keeps_the_first_answers(rig: Rig) -> None:
    flow = twice()
    next(node for node in flow.nodes if node["name"] == "Store")["onError"] = "continueRegularOutput"
    workflow = rig.publish(flow)

    workflow.ask(questions(2))

    first, second = (output_items(workflow.last_execution(), "Store", run=run) for run in (0, 1))
    assert_answers(first, questions(2))
    assert statuses(first) == ["miss"] * 2
    assert [item["error"] for item in second] == ["There is an answer to this question already"] * 2


def test_hits_for_two_stores__are_refused_before_they_come_out_twice(rig: Rig) -> None:
    flow = Flow().webhook().look_up().node(**even_ids("If")).chain("A").chain("B").store("Store A").store("Store B")
    flow.wire("Question", "Look Up", "If", "A", "Store A").wire("If", "B", output=1).wire("B", "Store B")
    for store in ("Store A", "Store B"):
        flow.wire("Look Up", store, output=1, into=1)

    refused = rig.publish(flow).refused(questions(2))

    assert (refused["node"], refused["message"]) == ("Look Up", "The Hit output goes to more than one Store")
    assert rig.calls() == 0


def test_what_came_from_miss__is_no_hit(rig: Rig) -> None:
    flow = Flow().webhook().look_up().store().wire("Question", "Look Up").wire("Look Up", "Store", into=1)
    refused = rig.publish(flow).refused(questions(1))
    assert refused["message"] == 'The item did not come from the Hit output of "Look Up"'
