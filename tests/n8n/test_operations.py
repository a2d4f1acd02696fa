"""The other operations of the node, each against the real sidecar."""

from collections.abc import Mapping
from typing import Any

import pytest

from .conftest import Rig
from .flows import Flow, Published
from .questions import assert_answers, questions, statuses


def cached_chain(rig: Rig, **store: Any) -> Published:
    flow = Flow().webhook().look_up().chain().store(**store)
    flow.node("Answer", "n8n-nodes-base.noOp").wire("Question", "Look Up", "AI", "Store", "Answer")
    return rig.publish(flow.wire("Look Up", "Answer", output=1))


def operate(rig: Rig, resource: str, operation: str, items: Any = None, **parameters: Any) -> list[dict[str, Any]]:
    """Run one operation on each of the items, {} alone unless given."""
    given: Mapping[str, Any] = {"resource": resource, "operation": operation, **parameters}
    flow = Flow().webhook().cache_node("Do it", given).wire("Question", "Do it")
    return rig.publish(flow).ask(items or [{}])


@pytest.mark.smoke
def test_invalidate__by_tag_after_a_preview__makes_the_model_answer_again(rig: Rig) -> None:
    cached_chain(rig, tags="other").ask([{"question": "kept"}])
    workflow = cached_chain(rig, tags="pricing, manual")
    workflow.ask(questions(3))
    assert rig.calls() == 4

    tagged = {"filters": {"tags": "manual, unheard-of"}}
    assert operate(rig, "answer", "invalidate", preview=True, **tagged) == [{"wouldDelete": 3}]
    assert statuses(workflow.ask(questions(3))) == ["hit"] * 3
    assert operate(rig, "answer", "invalidate", **tagged) == [{"deleted": 3}]

    assert_answers(workflow.ask(questions(3)), questions(3))
    assert rig.calls() == 7
    assert statuses(workflow.ask([{"question": "kept"}])) == ["hit"]


def test_invalidate__by_question_model_attributes_and_age(rig: Rig) -> None:
    flow = Flow().webhook().look_up().chain().store().wire("Question", "Look Up", "AI", "Store")
    pairs = [{"name": "customer", "value": "={{ $json.customer }}"}]
    flow.nodes[2]["parameters"] |= {"model": "={{ $json.model }}", "attributes": {"pairs": pairs}}
    asked = [
        {"question": "q", "model": model, "customer": customer}
        for model in ("gpt-5", "claude")
        for customer in ("acme", "zeta")
    ]
    rig.publish(flow).ask(asked)

    def deleted(**filters: Any) -> int:
        [result] = operate(rig, "answer", "invalidate", filters=filters)
        return int(result["deleted"])

    acme = {"pairs": [{"name": "customer", "value": "acme"}]}
    assert deleted(prompt="q", model="gpt-5", attributes=acme) == 1
    assert deleted(olderThan={"time": {"amount": 1, "unit": "h"}}) == 0
    assert deleted(attributes=acme) == 1
    assert deleted(model="gpt-5") == 1
    assert deleted(olderThan={"time": {"amount": 0, "unit": "s"}}) == 1


def test_invalidate__without_a_condition__is_refused(rig: Rig) -> None:
    flow = Flow().webhook().cache_node("Do it", {"operation": "invalidate"}).wire("Question", "Do it")
    refused = rig.publish(flow).refused([{}])
    assert refused["message"] == "No condition says which answers to invalidate"


def test_delete__removes_the_answer_of_a_receipt(rig: Rig) -> None:
    workflow = cached_chain(rig)
    [wrong, _] = workflow.ask(questions(2))

    assert operate(rig, "answer", "delete", [{"_cache": wrong["_cache"]}]) == [{"deleted": True}]

    assert statuses(workflow.ask(questions(1))) == ["miss"]
    flow = Flow().webhook().cache_node("Do it", {"operation": "delete", "key": "0" * 64}).wire("Question", "Do it")
    assert "expired or been deleted" in rig.publish(flow).refused([{}])["description"]


def test_get_many__pages_through_what_is_stored(rig: Rig) -> None:
    cached_chain(rig, tags="={{ $('Question').item.json.id < 5 ? 'low' : 'high' }}").ask(questions(120))

    assert len(operate(rig, "answer", "getAll", returnAll=True)) == 120
    assert len(operate(rig, "answer", "getAll", returnAll=False, limit=7)) == 7
    low = operate(rig, "answer", "getAll", returnAll=True, filters={"tag": "low"})
    assert len(low) == 5
    assert {"key", "created", "tags"} <= low[0].keys()


def test_flush__empties_one_namespace_or_all(rig: Rig) -> None:
    for name in ("one", "two", "three"):
        flow = Flow().webhook().look_up(namespace=name).chain().store().wire("Question", "Look Up", "AI", "Store")
        rig.publish(flow).ask(questions(2))

    assert operate(rig, "namespace", "flush", namespace="one") == [{"deleted": 2}]
    assert operate(rig, "namespace", "flush", scope="all") == [{"deleted": 4}]


def test_mark_as_changed__outdates_what_depends_on_it(rig: Rig) -> None:
    workflow = cached_chain(rig, dependsOn="manual")
    workflow.ask(questions(1))
    assert statuses(workflow.ask(questions(1))) == ["hit"]

    [bumped] = operate(rig, "namespace", "markAsChanged", names="manual, prices")

    assert bumped["versions"].keys() == {"manual", "prices"}
    [again] = workflow.ask(questions(1))
    assert (again["_cache"]["status"], again["_cache"]["reason"]) == ("miss", "version_changed")


def test_mark_as_changed_after_a_failed_run__keeps_nobody_from_storing(rig: Rig) -> None:
    workflow = cached_chain(rig, dependsOn="manual")
    rig.model_fails(times=1)
    workflow.refused(questions(1))
    operate(rig, "namespace", "markAsChanged", names="manual")

    first, second = workflow.ask(questions(1)), workflow.ask(questions(1))

    assert first[0]["_cache"]["stored"] is True
    assert statuses(second) == ["hit"]


def test_statistics__add_up_per_workflow_and_node(rig: Rig) -> None:
    workflow = cached_chain(rig)
    rig.client.update_workflow(workflow.id, {"name": "Weekly questions"})
    rig.client.activate(workflow.id)
    workflow.ask(questions(2))
    workflow.ask(questions(2))

    [total] = operate(rig, "statistics", "get", period="day")
    assert total["saved"]["output_tokens"] > 0
    groups = operate(rig, "statistics", "get", period="all", groupBy=["workflow"])
    [group] = [group for group in groups if group["group"] == "Weekly questions"]
    assert (group["hits"], group["misses"]) == (2, 2)


@pytest.mark.smoke
def test_as_a_tool__an_agent_reads_the_statistics(rig: Rig) -> None:
    flow = Flow().webhook().agent().wire("Question", "AI")
    flow.nodes = [node for node in flow.nodes if node["name"] != "AI Tool"]
    del flow.connections["AI Tool"]
    credentials = {"promptCacheApi": {"name": "Prompt Cache (local)"}}
    parameters = {"resource": "statistics", "operation": "get", "period": "all"}
    kind = "n8n-nodes-prompt-cache.promptCacheTool"
    flow.node("Savings", kind, 1, parameters, credentials=credentials).wire("Savings", "AI", kind="ai_tool")

    [answer] = rig.publish(flow).ask([{"question": "use the tool: what did we save?"}])

    assert "From the cache: 0 of 0 questions" in answer["output"]
