"""A budget that is used up: no node asks its model any more, known questions are answered, and people are told."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stack import Sidecar, output_items
from stack.processes import POLL_SECONDS

from .chain.flows import ChainFlow
from .conftest import TOKEN, Rig
from .flows import CACHE, Flow, Published
from .model.flows import ModelFlow
from .model.flows import statuses as logged
from .questions import questions, statuses
from .test_sample_11 import SECRET, imported, url

_NAMESPACE = "limited"


@contextmanager
def limited(rig: Rig, folder: Path) -> Iterator[Sidecar]:
    """A cache server whose only budget is used up by one answer, and which tells the sample workflow of it."""
    budget = {
        "name": "support",
        "namespace": _NAMESPACE,
        "usd": 0.02,
        "per": "month",
        "then": "cache_only",
        "webhook": {"url": url(rig), "secret": SECRET},
    }
    settings = {
        "prices": {"demo-model": {"input_per_million": 2000, "output_per_million": 2000}},
        "currency": {"code": "EUR", "rate": 0.5},
        "budgets": [budget],
    }
    config = folder / "config.json"  # YAML, too
    config.write_text(json.dumps(settings), "utf-8")
    with Sidecar(
        folder, "serve", "--config", str(config), env={"PROMPT_CACHE_STORE": "memory://"}, token=TOKEN
    ) as sidecar:
        yield sidecar


@pytest.fixture(scope="module")
def told(_running: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sidecar, dict[str, str]]]:
    """That cache server, and its credential under the name of the one that flows use."""
    imported(_running)
    with limited(_running, tmp_path_factory.mktemp("budgets")) as sidecar:
        data = {"baseUrl": sidecar.url, "token": TOKEN}
        yield sidecar, {CACHE: _running.client.create_credential("Limited", "promptCacheApi", data)}


def used_up(sidecar: Sidecar) -> str:
    """When the budget begins anew, once the cache server knows that it is used up."""
    deadline = time.monotonic() + 30
    while True:
        (budget,) = sidecar.client().get("/v1/budgets")["budgets"]
        if budget["state"] == "exhausted":
            return str(budget["period"]["until"])
        assert time.monotonic() < deadline, budget
        time.sleep(POLL_SECONDS)


def failure(error: Mapping[str, Any] | str) -> str:
    return str(error if isinstance(error, str) else error["message"])


def assert_over(message: str) -> None:
    assert re.search(
        r'The budget "support" is used up until \d+ [A-Z]\w+ 20\d\d at \d\d:00 \S+: the model was not asked$', message
    )


def test_a_used_up_budget__stops_models_and_no_hit__and_is_told(rig: Rig, told: tuple[Sidecar, dict[str, str]]) -> None:
    sidecar, credentials = told
    known, new = questions(2)

    def chain(**more: Any) -> Published:
        flow = ChainFlow().webhook().cache_chain(namespace=_NAMESPACE, more=more).asks().wire("Question", "Chain")
        return rig.publish(flow, credentials)

    asking = chain()
    (first,) = asking.ask([known])
    assert first["_cache"]["stored"] is True
    assert rig.calls() == 1
    used_up(sidecar)

    (again,) = asking.ask([known])
    saved = again["_cache"]["saved"]
    assert (again["_cache"]["status"], saved["currency"]) == ("hit", "EUR")
    assert saved["cost"] == pytest.approx(saved["usd"] / 2)

    assert_over(asking.refused([new])["message"])
    tolerant = chain(onError="continueRegularOutput").ask([new, known])
    assert_over(tolerant[0]["error"])
    assert tolerant[1]["text"] == first["text"]

    flow = ModelFlow().webhook().ai_agent().cached(keep={"namespace": _NAMESPACE}).wire("Question", "AI")
    agent = rig.publish(flow, credentials)
    assert_over(agent.refused([new])["message"])
    assert logged(agent) == ["over_budget"]

    flow = ModelFlow().webhook().basic_chain().cached(keep={"namespace": _NAMESPACE}).wire("Question", "AI")
    next(node for node in flow.nodes if node["name"] == "AI")["onError"] = "continueRegularOutput"
    (item,) = rig.publish(flow, credentials).ask([new])
    assert_over(failure(item["error"]))
    assert rig.calls() == 1

    execution = last_alert(rig, "budget_exhausted")
    (message,) = output_items(execution, "Send It")
    assert message["subject"] == "Budget “support” is used up"
    assert "of 0.01 EUR are spent" in message["text"]


def last_alert(rig: Rig, event: str) -> dict[str, Any]:
    """The execution of the sample that took this event; the cache server sends it beside everything else."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for each in rig.client.executions(imported(rig)["id"]):
            execution = rig.client.finished_execution(each["id"])
            if "The Alert" not in execution["data"]["resultData"]["runData"]:
                continue
            (alert,) = output_items(execution, "The Alert")
            if alert["event"] == event and alert["namespace"] == _NAMESPACE:
                return execution
        time.sleep(POLL_SECONDS)
    raise AssertionError("n8n was not told")


def test_look_up__lets_a_used_up_budget_choose_the_way(rig: Rig, told: tuple[Sidecar, dict[str, str]]) -> None:
    sidecar, credentials = told
    used_up(sidecar)
    flow = Flow().webhook().look_up(namespace=_NAMESPACE).chain().store()
    flow.wire("Look Up", "Store", output=1, into=1)
    published = rig.publish(flow.wire("Question", "Look Up", "AI", "Store"), credentials)

    (item,) = published.ask(questions(1))

    assert statuses([item]) == ["miss"]
    assert (item["_cache"]["over_budget"], item["_cache"]["stored"]) == ("support", True)
    execution = published.last_execution()
    (missed,) = output_items(execution, "Look Up")
    assert missed["_cache"]["over_budget"] == "support"
    (run,) = execution["data"]["resultData"]["runData"]["Look Up"]
    assert any('The budget "support" is used up until' in hint["message"] for hint in run["hints"])
