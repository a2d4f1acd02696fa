"""What somebody tries out in the editor stays out of production."""

from collections.abc import Sequence
from typing import Any

from stack import output_items

from .conftest import Rig
from .flows import Flow, Published
from .questions import questions, statuses

PINNED = [{"json": {"text": f"mock {at}"}} for at in range(2)]


def workbench(manual_runs: str | None = None) -> Flow:
    """Look Up, a chain and Store, to be started by a webhook or by the button of the editor."""
    options = {"manualRuns": manual_runs} if manual_runs else {}
    flow = Flow().webhook().node("Go", "n8n-nodes-base.manualTrigger")
    flow.code("Rows", f"return {questions(2)}.map((json) => ({{ json }}))").wire("Go", "Rows", "Look Up")
    flow.look_up(**options).chain().store().node("Answer", "n8n-nodes-base.noOp")
    return flow.wire("Question", "Look Up", "AI", "Store", "Answer").wire("Look Up", "Answer", output=1)


class Tried(Published):
    """A published flow that is run by hand too."""

    def __init__(self, rig: Rig, flow: Flow) -> None:
        super().__init__(rig.client, flow, rig.credentials)

    def pin(self, node: str, items: Sequence[dict[str, Any]]) -> None:
        self.client.update_workflow(self.id, {"pinData": {node: list(items)}})

    def by_hand(self) -> list[dict[str, Any]]:
        execution = self.client.run(self.id, "Go")
        assert execution["mode"] == "manual"
        assert execution["status"] == "success", execution["data"]["resultData"]["error"]
        return output_items(execution, "Answer")

    def in_production(self) -> list[dict[str, Any]]:
        return self.ask(questions(2))


def test_by_default__runs_by_hand_and_production_have_answers_of_their_own(rig: Rig) -> None:
    tried = Tried(rig, workbench())

    assert statuses(tried.by_hand()) == ["miss"] * 2
    assert statuses(tried.by_hand()) == ["hit"] * 2
    assert statuses(tried.in_production()) == ["miss"] * 2
    assert statuses(tried.in_production()) == ["hit"] * 2
    assert rig.calls() == 4


def test_together__they_share_them(rig: Rig) -> None:
    tried = Tried(rig, workbench("together"))
    assert statuses(tried.by_hand()) == ["miss"] * 2
    assert statuses(tried.in_production()) == ["hit"] * 2


def test_never__runs_by_hand_read_and_do_not_store(rig: Rig) -> None:
    tried = Tried(rig, workbench("never"))

    receipts = [item["_cache"] for item in tried.by_hand()]
    assert [(receipt["stored"], receipt["refused"]) for receipt in receipts] == [(False, "manual_run")] * 2
    assert statuses(tried.in_production()) == ["miss"] * 2
    assert statuses(tried.by_hand()) == ["hit"] * 2


def test_pinned_data__goes_on_and_is_not_kept(rig: Rig) -> None:
    tried = Tried(rig, workbench("together"))
    tried.pin("AI", PINNED)

    mocked = tried.by_hand()

    assert [item["text"] for item in mocked] == ["mock 0", "mock 1"]
    assert [(item["_cache"]["stored"], item["_cache"]["refused"]) for item in mocked] == [(False, "pinned_data")] * 2
    assert rig.calls() == 0
    assert statuses(tried.in_production()) == ["miss"] * 2  # the pin counts by hand alone
    assert rig.calls() == 2

    tried.pin("Look Up", [{"json": question} for question in questions(2)])
    rig.api.post("/v1/flush", {"all": True})
    asked = tried.by_hand()
    assert [item["_cache"]["refused"] for item in asked] == ["pinned_data"] * 2
    assert all("You asked" in item["text"] for item in asked)
    assert statuses(tried.in_production()) == ["miss"] * 2


def test_a_sub_workflow_of_a_run_by_hand__is_one_too(rig: Rig) -> None:
    child = Flow("Answer")
    passthrough = {"inputSource": "passthrough"}
    child.node("Start", "n8n-nodes-base.executeWorkflowTrigger", 1.1, passthrough).look_up().chain().store()
    child.node("Answer", "n8n-nodes-base.noOp").wire("Start", "Look Up", "AI", "Store", "Answer")
    created = rig.client.create_workflow(child.wire("Look Up", "Answer", output=1).exported(), rig.credentials)
    rig.client.activate(created["id"])
    reference = {"workflowId": {"__rl": True, "mode": "id", "value": created["id"]}, "options": {}}
    flow = Flow().webhook().node("Go", "n8n-nodes-base.manualTrigger")
    flow.code("Rows", f"return {questions(2)}.map((json) => ({{ json }}))").wire("Go", "Rows", "Answer")
    flow.node("Answer", "n8n-nodes-base.executeWorkflow", 1.2, reference).wire("Question", "Answer")
    tried = Tried(rig, flow)

    assert statuses(tried.by_hand()) == ["miss"] * 2
    assert statuses(tried.in_production()) == ["miss"] * 2
    assert (statuses(tried.by_hand()), statuses(tried.in_production())) == (["hit"] * 2, ["hit"] * 2)
