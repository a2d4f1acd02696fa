"""Answers that an AI node can make nothing of, in a real n8n: they are asked for again, and not given again."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stack.web import HttpClient

from ..conftest import Rig
from ..flows import Published
from .flows import ModelFlow, statuses

_SCHEMA = {"type": "object", "properties": {"city": {"type": "string", "enum": ["Bonn"]}}, "required": ["city"]}
_PARSED = {"promptType": "define", "text": "={{ $json.question }}", "hasOutputParser": True}
_LANGCHAIN = "@n8n/n8n-nodes-langchain"


def _parser(flow: ModelFlow, of: str = "AI", version: float = 1.2, **more: Any) -> ModelFlow:
    parameters = {"schemaType": "manual", "inputSchema": json.dumps(_SCHEMA), **more}
    flow.node("Parser", f"{_LANGCHAIN}.outputParserStructured", version, parameters)
    return flow.wire("Parser", of, kind="ai_outputParser")


def _chain(flow: ModelFlow, version: float = 1.5, **more: Any) -> ModelFlow:
    return _parser(flow.node("AI", f"{_LANGCHAIN}.chainLlm", version, _PARSED, **more))


def _agent(flow: ModelFlow, version: float = 3, **more: Any) -> ModelFlow:
    return _parser(flow.node("AI", f"{_LANGCHAIN}.agent", version, _PARSED, **more))


def _auto_fixing(flow: ModelFlow, **more: Any) -> ModelFlow:
    flow.node("AI", f"{_LANGCHAIN}.chainLlm", 1.7, _PARSED, **more)
    flow.node("Fixing", f"{_LANGCHAIN}.outputParserAutofixing").wire("Fixing", "AI", kind="ai_outputParser")
    flow.wire("Cached", "Fixing", kind="ai_languageModel")
    return _parser(flow, of="Fixing")


def _self_fixing(flow: ModelFlow, **more: Any) -> ModelFlow:
    flow.node("AI", f"{_LANGCHAIN}.chainLlm", 1.9, _PARSED, **more)
    flow.wire("Cached", "Parser", kind="ai_languageModel")
    return _parser(flow, version=1.3, autoFix=True)


def _extractor(flow: ModelFlow, **more: Any) -> ModelFlow:
    parameters = {"text": "={{ $json.question }}", "schemaType": "manual", "inputSchema": json.dumps(_SCHEMA)}
    return flow.node("AI", f"{_LANGCHAIN}.informationExtractor", 1.2, parameters, **more)


def _list(flow: ModelFlow, version: float = 1.5, **more: Any) -> ModelFlow:
    flow.node("AI", f"{_LANGCHAIN}.chainLlm", version, _PARSED, **more)
    flow.node("Parser", f"{_LANGCHAIN}.outputParserItemList", 1, {"options": {"numberOfItems": 2}})
    return flow.wire("Parser", "AI", kind="ai_outputParser")


Kind = Callable[..., ModelFlow]
# What one try asks the model when its answers are refused: those that mend an answer ask twice.
KINDS: dict[str, tuple[Kind, int]] = {
    "chain-1.5": (_chain, 1),
    "chain-1.9": (lambda flow, **more: _chain(flow, 1.9, **more), 1),
    "agent-2.2": (lambda flow, **more: _agent(flow, 2.2, **more), 1),
    "agent-3": (_agent, 1),
    "auto-fixing": (_auto_fixing, 2),
    "self-fixing": (_self_fixing, 2),
    "extractor": (_extractor, 2),
}
ALL_KINDS = pytest.mark.parametrize("kind", KINDS)
RETRY = {"retryOnFail": True, "maxTries": 3, "waitBetweenTries": 0}
CONTINUE = {"onError": "continueRegularOutput"}


def _publish(rig: Rig, kind: str, **more: Any) -> tuple[Published, int]:
    make, calls = KINDS[kind]
    flow = make(ModelFlow().webhook(), **more).wire("Question", "AI")
    assert isinstance(flow, ModelFlow)
    return rig.publish(flow.cached()), calls


def _say(rig: Rig, kind: str, *cities: str) -> None:
    """What the model answers next, in the form the AI node wants it."""
    answers = [{"city": city} if kind == "extractor" else {"output": {"city": city}} for city in cities]
    _say_texts(rig, *map(json.dumps, answers))


def _say_texts(rig: Rig, *answers: str) -> None:
    HttpClient(rig.model.url).post("/script", {"answers": list(answers)})


def _city(answer: dict[str, Any]) -> Any:
    return answer["output"]["city"]


@ALL_KINDS
def test_refused__the_next_run_asks_the_model_and_keeps_what_it_can_use(rig: Rig, kind: str) -> None:
    published, calls = _publish(rig, kind)
    _say(rig, kind, *["Paris"] * calls, "Bonn")
    published.refused([{"question": "Which city?"}])
    assert rig.calls() == calls
    first = published.ask([{"question": "Which city?"}])
    assert _city(first[0]) == "Bonn"
    assert rig.calls() == calls + 1
    assert published.ask([{"question": "Which city?"}]) == first
    assert rig.calls() == calls + 1
    assert set(statuses(published)) == {"hit"}


@ALL_KINDS
def test_refused__a_retry_asks_the_model(rig: Rig, kind: str) -> None:
    published, calls = _publish(rig, kind, **RETRY)
    _say(rig, kind, *["Paris"] * (2 * calls), "Bonn")
    first = published.ask([{"question": "Which city?"}])
    assert _city(first[0]) == "Bonn"
    assert rig.calls() == 2 * calls + 1
    assert published.ask([{"question": "Which city?"}]) == first
    assert rig.calls() == 2 * calls + 1


@pytest.mark.parametrize("kind", ["chain-1.9", "agent-3", "auto-fixing", "extractor"])
def test_refused__with_on_error_continue_the_other_items_keep_their_answers(rig: Rig, kind: str) -> None:
    published, calls = _publish(rig, kind, **CONTINUE)
    questions = [{"question": "one"}, {"question": "two"}, {"question": "three"}]
    published.ask(questions[:1])
    published.ask(questions[2:])
    _say(rig, kind, *["Paris"] * calls)
    assert [("error" in item) for item in published.ask(questions)] == [False, True, False]
    asked = rig.calls()
    assert [_city(item) for item in published.ask(questions)] == ["Bonn"] * 3
    assert rig.calls() == asked + 1
    assert [_city(item) for item in published.ask(questions)] == ["Bonn"] * 3
    assert rig.calls() == asked + 1


@pytest.mark.parametrize("kind", ["chain-1.5", "agent-3", "self-fixing", "extractor"])
def test_refused_always__asks_each_time_and_keeps_nothing(rig: Rig, kind: str) -> None:
    published, calls = _publish(rig, kind, **RETRY)
    _say(rig, kind, *["Paris"] * 12)
    for run in (1, 2):
        published.refused([{"question": "Which city?"}])
        assert rig.calls() == run * 3 * calls
    assert rig.api.get("/v1/entries")["items"] == []


def test_refused_without_a_word_of_it__is_asked_for_again(rig: Rig) -> None:
    """A parser that logs nothing, of a form that no schema states."""
    questions = [{"question": "first two?"}, {"question": "last two?"}]
    flow = _list(ModelFlow().webhook()).wire("Question", "AI")
    assert isinstance(flow, ModelFlow)
    once = rig.publish(flow.cached())
    _say_texts(rig, "one\ntwo", "three")
    once.refused(questions)
    _say_texts(rig, "three\nfour")
    once.ask(questions)
    assert rig.calls() == 2 + 1
    once.ask(questions)
    assert rig.calls() == 2 + 1

    flow = _list(ModelFlow().webhook(), **RETRY).wire("Question", "AI")
    assert isinstance(flow, ModelFlow)
    retried = rig.publish(flow.cached(keep={"namespace": "retried"}))
    _say_texts(rig, "one", "one", "one\ntwo")
    retried.ask(questions[:1])
    assert rig.calls() == 3 + 3
    retried.ask(questions[:1])
    assert rig.calls() == 3 + 3


def test_equal_items_at_once__are_asked_for_again_by_one_call(rig: Rig) -> None:
    flow = _list(ModelFlow().webhook(), 1.7, **RETRY).wire("Question", "AI")
    assert isinstance(flow, ModelFlow)
    published = rig.publish(flow.cached())
    _say_texts(rig, "one", "one\ntwo")
    answers = published.ask([{"question": "two?"}] * 4)
    assert rig.calls() == 2
    assert len(answers) == 8


def test_agent_as_a_tool__is_cached_in_its_own_right(rig: Rig) -> None:
    flow = ModelFlow().webhook().node("AI", f"{_LANGCHAIN}.agent", 3, {**_PARSED, "hasOutputParser": False})
    flow.wire("Question", "AI")
    inner = {"toolDescription": "Answers questions", "text": "What is it?", "options": {}}
    flow.node("Inner", f"{_LANGCHAIN}.agentTool", 3, inner).wire("Inner", "AI", kind="ai_tool")
    assert isinstance(flow, ModelFlow)
    flow.cached(toolCalls=True).cache_model("Inner Cached", toolCalls=True)
    flow.wire("Model", "Inner Cached", "Inner", kind="ai_languageModel")
    published = rig.publish(flow)
    first = published.ask([{"question": "Use the tool"}])
    asked = rig.calls()
    assert asked == 3
    assert published.ask([{"question": "Use the tool"}]) == first
    assert rig.calls() == asked
    assert (statuses(published), statuses(published, "Inner Cached")) == (["hit", "hit"], ["hit"])
