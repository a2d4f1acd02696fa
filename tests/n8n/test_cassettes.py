"""Recorded once, replayed without a model: the nodes before `prompt-cache record` and `prompt-cache replay`."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stack import Sidecar, output_items

from .chain.flows import ChainFlow
from .conftest import TOKEN, Rig
from .flows import CACHE, Flow, Published
from .model.flows import ModelFlow
from .model.flows import runs as model_runs
from .questions import assert_answers, questions

TITLE = "This question is not in the cassette"
ASKED = questions(4, distinct=3)
NEW = [{"id": 9, "question": "question 10"}]


def started_either_way(flow: Flow, first: str) -> Flow:
    """Have a flow begin with items from its webhook, or with the questions when it is run by hand."""
    flow.node("Go", "n8n-nodes-base.manualTrigger")
    flow.code("Rows", f"return {json.dumps(ASKED)}.map((json) => ({{ json }}))").wire("Go", "Rows", first)
    return flow.wire("Question", first)


def look_up(**model: Any) -> Flow:
    flow = started_either_way(Flow().webhook().look_up(), "Look Up")
    flow.chain().store().node("Answer", "n8n-nodes-base.noOp")
    _node(flow, "AI Model")["parameters"]["options"] |= model
    return flow.wire("Look Up", "AI", "Store", "Answer").wire("Look Up", "Store", output=1, into=1)


def chain(**model: Any) -> Flow:
    flow = ChainFlow().webhook().cache_chain("Answer").asks("Answer", **model)
    return started_either_way(flow, "Answer")


def model(**model: Any) -> Flow:
    flow = ModelFlow().webhook().basic_chain().cached(model=model)
    return started_either_way(flow, "AI").node("Answer", "n8n-nodes-base.noOp").wire("AI", "Answer")


WAYS: list[Callable[..., Flow]] = [look_up, chain, model]
in_each_way = pytest.mark.parametrize("made", WAYS)


def _node(flow: Flow, name: str) -> dict[str, Any]:
    return next(node for node in flow.nodes if node["name"] == name)


class Served:
    """The rig's n8n with a cache server that records or replays."""

    def __init__(self, rig: Rig, url: str) -> None:
        self.rig = rig
        data = {"baseUrl": url, "token": TOKEN}
        self._credential = rig.client.create_credential("Cassette", "promptCacheApi", data)

    def publish(self, flow: Flow) -> Published:
        return self.rig.publish(flow, {CACHE: self._credential})

    def by_hand(self, flow: Flow) -> list[str]:
        execution = self.rig.client.run(self.publish(flow).id, "Go")
        assert execution["status"] == "success", execution["data"]["resultData"]["error"]
        return texts(output_items(execution, "Answer"))

    def in_production(self, flow: Flow) -> list[str]:
        return texts(self.publish(flow).ask(ASKED))


@contextmanager
def serving(rig: Rig, mode: str, file: Path) -> Iterator[Served]:
    with Sidecar(file.parent, mode, str(file), token=TOKEN) as sidecar:
        yield Served(rig, sidecar.url)


def texts(items: Sequence[dict[str, Any]]) -> list[str]:
    return [str(item["text"]) for item in items]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cassettes") / "support.jsonl"


@pytest.fixture(scope="module")
def answered(_running: Rig, file: Path) -> list[str]:
    """What was answered while each of the flows was recorded in the editor."""
    with serving(_running, "record", file) as served:
        said = [served.by_hand(made()) for made in WAYS]
    assert_answers([{"text": text} for text in said[0]], ASKED)
    assert said[1:] == said[:1] * 2
    return said[0]


@pytest.fixture(scope="module")
def _replaying(_running: Rig, file: Path, answered: list[str]) -> Iterator[Served]:
    assert answered
    with serving(_running, "replay", file) as served:
        yield served


@pytest.fixture
def replaying(rig: Rig, _replaying: Served) -> Iterator[Served]:
    """n8n before a server that replays; no test asks the model."""
    yield _replaying
    assert rig.calls() == 0


@in_each_way
def test_what_the_editor_recorded__is_replayed_in_production(
    replaying: Served, made: Callable[..., Flow], answered: list[str]
) -> None:
    assert replaying.in_production(made()) == answered


def test_what_production_recorded__is_replayed_in_the_editor(rig: Rig, tmp_path: Path) -> None:
    file = tmp_path / "cassettes" / "production.jsonl"
    file.parent.mkdir()
    with serving(rig, "record", file) as served:
        answered = served.in_production(look_up())
        assert rig.calls() == 3
        assert served.by_hand(look_up()) == answered
        assert rig.calls() == 3  # it was recorded already
    with serving(rig, "replay", file) as served:
        assert served.by_hand(look_up()) == answered
    assert rig.calls() == 3
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1 + 3


def test_a_cassette__has_a_line_for_each_question_and_nothing_of_the_run(file: Path, answered: list[str]) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) == 1 + 3 + 3  # the chain and the model node ask alike
    assert "n8n.runs" not in text
    assert TOKEN not in text
    assert all(json.dumps(each)[1:-1] in text for each in answered)


@in_each_way
def test_a_question_that_is_not_recorded__fails_and_is_compared_with_the_nearest(
    replaying: Served, made: Callable[..., Flow], file: Path
) -> None:
    refused = replaying.publish(made()).refused([*ASKED[:1], *NEW])
    assert TITLE in refused["message"]
    assert 'differs in question (recorded "question ' in refused["description"]
    assert 'asked "question 10")' in refused["description"]
    assert f"prompt-cache record {file}" in refused["description"]
    assert refused["node"] == {look_up: "Look Up", chain: "Answer", model: "AI"}[made]
    if made is not model:
        assert refused["message"] == f"Item 1: {TITLE}"
        assert refused["context"]["itemIndex"] == 1


@in_each_way
def test_a_setting_that_is_not_as_recorded__is_named(replaying: Served, made: Callable[..., Flow]) -> None:
    told = replaying.publish(made(temperature=0.5)).refused(ASKED[:1])["description"]
    if made is look_up:
        assert "attributes.n8n.aiNodes (recorded " in told
        assert "one of them is not as it was recorded" in told
    else:
        assert "temperature (recorded nothing, asked 0.5)" in told


def test_an_agent__is_replayed_with_each_call_of_its_tools(rig: Rig, tmp_path: Path) -> None:
    file = tmp_path / "agent.jsonl"
    asked = [{"question": "Use the calculator: 2+2"}]

    def agent() -> ModelFlow:
        return ModelFlow().webhook().ai_agent().cached().wire("Question", "AI")

    with serving(rig, "record", file) as served:
        answered = served.publish(agent()).ask(asked)
        assert "4" in answered[0]["output"]
        assert rig.calls() == 2
    with serving(rig, "replay", file) as served:
        published = served.publish(agent())
        assert published.ask(asked) == answered
        assert "Calculator" in published.last_execution()["data"]["resultData"]["runData"]
    assert rig.calls() == 2
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1 + 2


@pytest.mark.parametrize("on_error", ["continueRegularOutput", "continueErrorOutput"])
def test_who_continues_on_fail__asks_no_model_either(replaying: Served, answered: list[str], on_error: str) -> None:
    flow = look_up()
    _node(flow, "Look Up")["onError"] = on_error
    published = replaying.publish(flow)
    answers = published.ask([*NEW, *ASKED])
    if on_error == "continueRegularOutput":
        assert answers.pop(0)["error"] == f"Item 0: {TITLE}"
    else:
        [run] = published.last_execution()["data"]["resultData"]["runData"]["Look Up"]
        assert [item["json"]["error"] for item in run["data"]["main"][2]] == [f"Item 0: {TITLE}"]
    assert texts(answers) == answered


def test_the_model_node__fails_at_each_try_and_says_so_in_its_log(replaying: Served) -> None:
    flow = model()
    _node(flow, "AI").update(retryOnFail=True, maxTries=2, waitBetweenTries=100)
    published = replaying.publish(flow)
    published.refused(NEW)
    logged = model_runs(published)
    assert [run["status"] for run in logged] == ["not_recorded"] * 2
    assert logged[0]["result"].startswith("Not in the cassette, and no model was asked. ")
