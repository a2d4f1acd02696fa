"""The first sample workflow, as it is in the repository, in both editions."""

from typing import Any

import pytest

from stack import output_items

from .conftest import Rig
from .sample_driver import EDITIONS, MANUAL, exported

PATHS = {"workflow.json": "cache-an-llm-call", "workflow.http.json": "cache-an-llm-call-http"}


@pytest.fixture(params=EDITIONS)
def edition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def imported(rig: Rig, edition: str) -> dict[str, Any]:
    """Import the workflow once per n8n, publish it, and return it."""
    workflow = exported("01", edition)
    workflow = {**workflow, "nodes": [rig.localised(node) for node in workflow["nodes"]]}
    if edition not in rig.samples:
        rig.samples[edition] = rig.client.create_workflow(workflow, rig.credentials)
        rig.client.activate(rig.samples[edition]["id"])
    return rig.samples[edition]


def ask(rig: Rig, edition: str, question: str) -> dict[str, Any]:
    imported(rig, edition)
    return dict(rig.client.webhook(PATHS[edition], {"question": question}))


@pytest.mark.smoke
def test_webhook__the_second_run_makes_no_model_call(rig: Rig, edition: str) -> None:
    first = ask(rig, edition, "What is a cache?")
    second = ask(rig, edition, "What is a cache?")

    assert rig.calls() == 1
    assert 'You asked: "What is a cache?"' in first["answer"]
    assert second["answer"] == first["answer"]
    assert (first["answeredBy"], second["answeredBy"]) == ("the model", "the cache")
    assert first["savedTokens"] == 0
    assert second["savedTokens"] > 0
    assert second["savedUsd"] > 0
    assert second["savedMilliseconds"] > 0


@pytest.mark.smoke
def test_button__needs_no_input(rig: Rig, edition: str) -> None:
    workflow = imported(rig, edition)
    for answered_by in ("the model", "the cache"):
        execution = rig.client.run(workflow["id"], MANUAL)
        assert execution["status"] == "success"
        [answer] = output_items(execution, "Answer")
        assert answer["answeredBy"] == answered_by
    assert rig.calls() == 1


def test_invalidation__makes_it_call_the_model_again(rig: Rig, edition: str) -> None:
    ask(rig, edition, "What is a cache?")
    assert rig.api.post("/v1/invalidate", {"model": "gpt-4.1-mini"})["deleted"] == 1
    assert ask(rig, edition, "What is a cache?")["answeredBy"] == "the model"
    assert rig.calls() == 2


def test_sidecar_killed__it_still_answers(rig: Rig, edition: str) -> None:
    imported(rig, edition)
    rig.sidecar.kill()
    for _ in range(2):
        answer = ask(rig, edition, "Is anybody there?")
        assert 'You asked: "Is anybody there?"' in answer["answer"]
        assert answer["answeredBy"] == "the model"
    assert rig.calls() == 2


def test_import__leaves_nothing_to_fix(rig: Rig, edition: str) -> None:
    workflow = exported("01", edition)
    text = str(workflow)
    assert "$env" not in text
    assert set(rig.credentials) >= {
        reference["name"] for node in workflow["nodes"] for reference in node.get("credentials", {}).values()
    }
    assert sum(node["type"].endswith("stickyNote") for node in workflow["nodes"]) >= 4
    assert workflow["pinData"]
