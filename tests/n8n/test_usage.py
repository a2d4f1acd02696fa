"""The savings of Look Up and Store rest on what the model really used, where n8n tells it."""

import pytest

from .conftest import Rig
from .flows import Flow, Published
from .model.flows import ModelFlow
from .questions import questions

DIFFERENT = [{"question": text} for text in ("short", "use the tool for 1 + 2", "a much longer question " * 9)]


def asked_of(node: str) -> Flow:
    """An AI node whose chat model tells its usage."""
    flow = ModelFlow().webhook().look_up()
    flow = flow.basic_chain() if node == "chain" else flow.ai_agent()
    flow = flow.openai("Model").wire("Model", "AI", kind="ai_languageModel")
    flow.store().node("Answer", "n8n-nodes-base.noOp")
    return flow.wire("Question", "Look Up", "AI", "Store", "Answer").wire("Look Up", "Answer", output=1)


def used(workflow: Published) -> tuple[int, int]:
    """Tokens that the model's provider counted in the last execution."""
    runs = workflow.last_execution()["data"]["resultData"]["runData"]["Model"]
    usages = [run["data"]["ai_languageModel"][0][0]["json"]["tokenUsage"] for run in runs]
    return sum(usage["promptTokens"] for usage in usages), sum(usage["completionTokens"] for usage in usages)


def saved(rig: Rig) -> tuple[int, int]:
    saved = rig.statistics()["saved"]
    return saved["input_tokens"], saved["output_tokens"]


@pytest.mark.parametrize(("node", "calls"), [("chain", 3), ("agent", 6)])
def test_each_question__saves_what_its_own_calls_used(rig: Rig, node: str, calls: int) -> None:
    workflow = rig.publish(asked_of(node))
    workflow.ask(DIFFERENT)
    assert rig.calls() == calls
    total = used(workflow)

    receipts = [item["_cache"] for item in workflow.ask(DIFFERENT)]

    assert [receipt["status"] for receipt in receipts] == ["hit"] * 3
    assert saved(rig) == total
    assert [receipt["saved"]["estimated"] for receipt in receipts] == [False] * 3
    tokens = [receipt["saved"]["tokens"] for receipt in receipts]
    assert sum(tokens) == sum(total)
    assert tokens[2] > tokens[0]
    assert node == "chain" or tokens[1] > tokens[0]  # the tool took a second call


def test_where_nothing_tells_whose_call_it_was__the_questions_share_the_sum(rig: Rig) -> None:
    flow = ModelFlow().webhook().look_up().extractor().openai("Model").wire("Model", "AI", kind="ai_languageModel")
    flow.store().node("Answer", "n8n-nodes-base.noOp")
    flow.wire("Question", "Look Up", "AI", "Store", "Answer").wire("Look Up", "Answer", output=1)
    workflow = rig.publish(flow)
    asked = [{"question": "Bonn"}, {"question": "Rome " * 40}]
    workflow.ask(asked)
    total = used(workflow)

    receipts = [item["_cache"] for item in workflow.ask(asked)]

    assert [receipt["saved"]["estimated"] for receipt in receipts] == [True, True]
    assert saved(rig) == total
    [alone] = [{"question": "Oslo"}]
    workflow.ask([alone])
    own = used(workflow)
    [receipt] = [item["_cache"] for item in workflow.ask([alone])]
    assert (receipt["saved"]["tokens"], receipt["saved"]["estimated"]) == (sum(own), False)


def test_in_a_loop__each_round_counts_its_own_calls(rig: Rig) -> None:
    options = {"batchSize": 1, "options": {}}
    flow = ModelFlow().webhook().node("Loop", "n8n-nodes-base.splitInBatches", 3, options).look_up().ai_agent()
    flow.openai("Model").wire("Model", "AI", kind="ai_languageModel").store().node("Done", "n8n-nodes-base.noOp")
    flow.wire("Question", "Loop", "Done").wire("Loop", "Look Up", output=1)
    flow.wire("Look Up", "AI", "Store", "Loop").wire("Look Up", "Loop", output=1)
    workflow = rig.publish(flow)
    workflow.ask(DIFFERENT)
    total = used(workflow)

    receipts = [item["_cache"] for item in workflow.ask(DIFFERENT)]

    assert [(receipt["status"], receipt["saved"]["estimated"]) for receipt in receipts] == [("hit", False)] * 3
    assert saved(rig) == total


def test_a_cached_model__is_counted_once_when_it_was_asked_and_not_at_all_when_it_was_not(rig: Rig) -> None:
    flow = ModelFlow().webhook().look_up(namespace="outer").basic_chain().cached().store()
    flow.node("Answer", "n8n-nodes-base.noOp").wire("Question", "Look Up", "AI", "Store", "Answer")
    workflow = rig.publish(flow.wire("Look Up", "Answer", output=1))
    asked = questions(1)

    workflow.ask(asked)
    total = used(workflow)
    [hit] = workflow.ask(asked)
    assert (hit["_cache"]["saved"]["tokens"], hit["_cache"]["saved"]["estimated"]) == (sum(total), False)

    rig.api.post("/v1/flush", {"namespace": "outer"})
    workflow.ask(asked)
    assert rig.calls() == 1
    [hit] = workflow.ask(asked)
    assert (hit["_cache"]["status"], hit["_cache"]["saved"]["estimated"]) == ("hit", True)
