"""The savings of Look Up and Store rest on what the model really used, where n8n tells it."""

import pytest

from .conftest import Rig
from .flows import Flow, Published
from .model.flows import ModelFlow

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
