"""The Prompt Cache Model in a real n8n, under every kind of AI node."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stack.web import HttpClient

from ..conftest import TOKEN, Rig
from ..flows import Published
from .flows import Chat, ModelFlow, runs, statuses

BOTH_APIS = pytest.mark.parametrize("responses", [False, True], ids=["chat-completions", "responses"])
KINDS: dict[str, Callable[[ModelFlow], ModelFlow]] = {
    "chain": lambda flow: flow.basic_chain(),
    "agent": lambda flow: flow.ai_agent(),
    "agent-with-parser": lambda flow: flow.ai_agent(parser=True),
    "extractor": lambda flow: flow.extractor(),
}


def publish(rig: Rig, ai: Callable[[ModelFlow], ModelFlow], **cached: Any) -> Published:
    flow = ModelFlow().webhook()
    ai(flow).wire("Question", "AI")
    assert isinstance(flow, ModelFlow)
    return rig.publish(flow.cached(**cached))


def ask(published: Published, *questions: str, **fields: str) -> list[dict[str, Any]]:
    return published.ask([{"question": question, **fields} for question in questions])


def fault(rig: Rig, **what: Any) -> None:
    HttpClient(rig.model.url).post("/fault", what)


@pytest.mark.smoke
@BOTH_APIS
@pytest.mark.parametrize("kind", KINDS)
def test_second_execution__asks_no_model(rig: Rig, kind: str, responses: bool) -> None:
    published = publish(rig, KINDS[kind], responses=responses)

    first = ask(published, "Which city is it, Bonn?")
    asked = rig.calls()
    second = ask(published, "Which city is it, Bonn?")

    assert asked >= 1
    assert rig.calls() == asked
    assert second == first
    assert set(statuses(published)) == {"hit"}
    assert ask(published, "Which city is it, Köln?") != first
    assert rig.calls() > asked


@BOTH_APIS
def test_agent_with_tool__repeats_the_tool_call_but_not_the_answer_after_it(rig: Rig, responses: bool) -> None:
    published = publish(rig, KINDS["agent"], responses=responses)

    first = ask(published, "Use the tool for 2+3")
    assert "5" in first[0]["output"]
    assert rig.calls() == 2
    assert runs(published)[0]["refused"] == "tool_calls"

    assert ask(published, "Use the tool for 2+3") == first
    assert rig.calls() == 3
    assert statuses(published) == ["miss", "hit"]


@pytest.mark.smoke
@BOTH_APIS
def test_agent_with_tool__asks_no_model_once_tool_calls_are_kept(rig: Rig, responses: bool) -> None:
    published = publish(rig, KINDS["agent"], responses=responses, toolCalls=True)

    first = ask(published, "Use the tool for 4+5")
    assert rig.calls() == 2
    assert ask(published, "Use the tool for 4+5") == first
    assert rig.calls() == 2
    assert statuses(published) == ["hit", "hit"]


@pytest.mark.smoke
@BOTH_APIS
def test_chat__streams_what_it_streamed_before(rig: Rig, responses: bool) -> None:
    flow = ModelFlow().ai_agent().chat()
    flow.nodes[0]["parameters"]["text"] = "={{ $json.chatInput }}"
    assert isinstance(flow, ModelFlow)
    published = rig.publish(flow.cached(responses=responses))
    chat = Chat(published)

    first = chat.say("What is a cache?")
    assert rig.calls() == 1
    assert len(first) > 1
    assert len(runs(published, "Model")) == 1

    assert "".join(chat.say("What is a cache?")) == "".join(first)
    assert rig.calls() == 1
    assert statuses(published) == ["hit"]
    assert runs(published, "Model") == []

    tool = "".join(chat.say("Use the tool for 6+7"))
    assert "13" in tool
    assert "".join(chat.say("Use the tool for 6+7")) == tool
    assert rig.calls() == 4


def test_identical_items_of_a_run__make_one_call(rig: Rig) -> None:
    published = publish(rig, lambda flow: flow.basic_chain(batchSize=10))
    answers = ask(published, *["the same"] * 3)
    assert rig.calls() == 1
    assert answers == [answers[0]] * 3
    assert sorted(statuses(published)) == ["hit", "hit", "miss"]


def test_identical_executions_at_once__make_one_call(rig: Rig) -> None:
    published = publish(rig, KINDS["chain"])
    HttpClient(rig.model.url).post("/delay", {"seconds": 1.0})
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: ask(published, "all at once"), range(4)))
    finally:
        HttpClient(rig.model.url).post("/delay", {"seconds": 0.0})
    assert rig.calls() == 1
    assert answers == [answers[0]] * 4


def test_log_tree__names_the_hit_and_leaves_the_model_out(rig: Rig) -> None:
    published = publish(rig, KINDS["agent"])
    ask(published, "logged")
    (miss,) = runs(published)
    assert (miss["status"], miss["stored"]) == ("miss", True)
    assert miss["result"] == "Asked the model, and kept its answer"
    assert runs(published, "Model")[0]["tokenUsage"]["totalTokens"] > 0

    ask(published, "logged")
    (hit,) = runs(published)
    assert next(iter(hit)) == "result"
    assert hit["result"] == f"Answered from the cache, saved {hit['saved']['tokens']} tokens, price unknown"
    tree = published.last_execution()["data"]["resultData"]["runData"]
    assert "Model" not in tree
    (logged,) = tree["Cached"][0]["inputOverride"]["ai_languageModel"][0]
    assert logged["json"] == {"prompt": "logged", "namespace": "default"}


def test_log_tree__puts_the_model_below_the_call_it_was_asked_for(rig: Rig) -> None:
    published = publish(rig, lambda flow: flow.basic_chain(batchSize=1))
    ask(published, "known")
    ask(published, "known", "new", "known", "newer")
    assert statuses(published) == ["hit", "miss", "hit", "miss"]
    tree = published.last_execution()["data"]["resultData"]["runData"]
    sources = [run["source"] for run in tree["Model"]]
    assert sources == [[{"previousNode": "Cached", "previousNodeRun": run}] for run in (1, 3)]
    assert tree["Cached"][0]["source"] == [{"previousNode": "AI", "previousNodeRun": 0}]


def test_runs_in_the_editor__share_with_production_what_the_user_says(rig: Rig) -> None:
    calls = []
    for rule in ("apart", "together", "never"):
        flow = ModelFlow().webhook().basic_chain().wire("Question", "AI")
        flow.node("Start", "n8n-nodes-base.manualTrigger").set("By Hand", {"question": "by hand?"})
        flow.wire("Start", "By Hand", "AI")
        assert isinstance(flow, ModelFlow)
        published = rig.publish(flow.cached(manualRuns=rule, keep={"namespace": rule}))
        before = rig.calls()
        for _ in range(2):
            rig.client.run(published.id, trigger="Start")
        published.last_execution()
        by_hand = rig.calls() - before
        ask(published, "by hand?")
        in_production = rig.calls() - before - by_hand
        rig.client.run(published.id, trigger="Start")
        calls.append((rule, by_hand, in_production, rig.calls() - before - by_hand - in_production))
    assert calls == [("apart", 1, 1, 0), ("together", 1, 0, 0), ("never", 2, 1, 0)]


def test_clock_in_the_prompt__is_told_and_can_be_left_out(rig: Rig) -> None:
    times = [f"It is 2026-11-25 10:0{minute}. Which city is it?" for minute in range(3)]
    published = publish(rig, KINDS["chain"])
    for prompt in times[:2]:
        ask(published, prompt)
    (miss,) = runs(published)
    assert miss["near"] == {"differs_by": "date_or_time", "mask": "clock"}
    hints = published.last_execution()["data"]["resultData"]["runData"]["Cached"][0]["hints"]
    assert "only by a date or time" in hints[0]["message"]

    published = publish(rig, KINDS["chain"], normalize="clock")
    before = rig.calls()
    for prompt in times:
        ask(published, prompt)
    assert rig.calls() == before + 1


def test_savings__are_known_by_workflow_and_node(rig: Rig) -> None:
    published = publish(rig, KINDS["chain"], keep={"namespace": "by-node"})
    ask(published, "saved")
    ask(published, "saved")
    (group,) = rig.statistics("?namespace=by-node&group_by=node")["groups"]
    assert (group["hits"], group["misses"], group["stored"]) == (1, 1, 1)
    assert "Cached" in str(group["group"])


def test_memory__belongs_to_the_question(rig: Rig) -> None:
    published = publish(rig, lambda flow: flow.ai_agent().memory())
    for session in ("one", "two"):
        ask(published, "My name is Ada", session=session)
        ask(published, "What is my name?", session=session)
    assert rig.calls() == 2

    ask(published, "My name is Bob", session="three")
    ask(published, "What is my name?", session="three")
    assert rig.calls() == 4


def test_fallback_model__has_answers_of_its_own(rig: Rig) -> None:
    flow = ModelFlow().webhook().ai_agent(fallback=True).wire("Question", "AI").cached()
    flow.openai("Second Model", model="gpt-4o-mini").cache_model("Second Cached")
    flow.wire("Second Model", "Second Cached", kind="ai_languageModel")
    flow.wire("Second Cached", "AI", into=1, kind="ai_languageModel")
    published = rig.publish(flow)

    rig.model_fails(times=1)
    fallen_back = ask(published, "who answers?")
    assert rig.calls() == 2
    assert runs(published)[0]["refused"] == "model_failed"
    assert statuses(published, "Second Cached") == ["miss"]

    assert ask(published, "who answers?") == fallen_back
    assert rig.calls() == 3
    assert statuses(published, "Cached") == ["miss"]

    rig.model_fails(times=1)
    ask(published, "who else?")
    assert statuses(published, "Second Cached") == ["miss"]
    rig.model_fails(times=1)
    ask(published, "who else?")
    assert statuses(published, "Second Cached") == ["hit"]


def test_model_selector__each_model_has_answers_of_its_own(rig: Rig) -> None:
    flow = ModelFlow().webhook().basic_chain().wire("Question", "AI")
    flow.openai("First", model="gpt-4o-mini").openai("Second", model="gpt-5-mini").cache_model()
    rules = [{"modelIndex": at, "conditions": _picks(at)} for at in (1, 2)]
    selector = "@n8n/n8n-nodes-langchain.modelSelector"
    flow.node("Selector", selector, 1, {"numberInputs": 2, "rules": {"rule": rules}})
    flow.wire("First", "Selector", into=0, kind="ai_languageModel")
    flow.wire("Second", "Selector", into=1, kind="ai_languageModel")
    flow.wire("Selector", "Cached", "AI", kind="ai_languageModel")
    published = rig.publish(flow)

    ask(published, "hello", pick="1")
    ask(published, "hello", pick="2")
    assert rig.calls() == 2
    ask(published, "hello", pick="1")
    ask(published, "hello", pick="2")
    assert rig.calls() == 2


def _picks(model: int) -> dict[str, Any]:
    condition = {
        "id": str(model),
        "leftValue": "={{ $json.pick }}",
        "rightValue": str(model),
        "operator": {"type": "string", "operation": "equals"},
    }
    options = {"caseSensitive": True, "leftValue": "", "typeValidation": "strict", "version": 2}
    return {"options": options, "conditions": [condition], "combinator": "and"}


@BOTH_APIS
@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_cut_short__is_not_kept(rig: Rig, responses: bool, reason: str) -> None:
    published = publish(rig, KINDS["chain"], responses=responses)
    fault(rig, finish_reason=reason, times=1)
    short = ask(published, "a long story")
    assert runs(published)[0]["refused"] == f"finish_reason_{reason}"
    assert ask(published, "a long story") != short
    assert rig.calls() == 2


def test_refresh__replaces_the_answer_and_bypass_leaves_it_alone(rig: Rig) -> None:
    normal = publish(rig, KINDS["chain"])
    refresh = publish(rig, KINDS["chain"], mode="refresh", keep={"keep": "limited", "ttlAmount": 2, "ttlUnit": "h"})
    bypass = publish(rig, KINDS["chain"], mode="bypass")

    ask(normal, "again")
    ask(refresh, "again")
    assert rig.calls() == 2
    assert runs(refresh)[0]["stored"] is True
    (entry,) = rig.api.get("/v1/entries")["items"]
    ask(bypass, "again")
    assert rig.calls() == 3
    assert statuses(bypass) == ["bypass"]
    assert rig.api.get("/v1/entries")["items"] == [entry]
    ask(normal, "again")
    assert rig.calls() == 3


def test_tags_and_versions__end_an_answer(rig: Rig) -> None:
    published = publish(rig, KINDS["chain"], tags="manual, prices", dependsOn="kb")
    ask(published, "what does it cost?")
    assert rig.api.post("/v1/invalidate", {"tags": ["prices"], "dry_run": True})["deleted"] == 1
    rig.api.post("/v1/bump", {"names": ["kb"]})
    ask(published, "what does it cost?")
    assert rig.calls() == 2
    assert runs(published)[0]["reason"] == "version_changed"


def test_stale_answer__is_served_only_when_the_model_fails(rig: Rig) -> None:
    keep = {"keep": "limited", "ttlAmount": 1, "ttlUnit": "s"}
    stale = {"time": {"amount": 1, "unit": "h"}}
    published = publish(rig, KINDS["chain"], keep=keep, maxStale=stale)
    fresh = ask(published, "still there?")
    rig.wait_until_expired(runs(published)[0]["key"])

    rig.model_fails(times=1)
    assert ask(published, "still there?") == fresh
    assert rig.calls() == 2
    assert statuses(published) == ["stale"]

    ask(published, "still there?")
    assert rig.calls() == 3
    assert statuses(published) == ["miss"]


def test_chained_twice__says_that_one_is_enough(rig: Rig) -> None:
    flow = ModelFlow().webhook().basic_chain().wire("Question", "AI")
    flow.openai("Model").cache_model().cache_model("Cached Too")
    flow.wire("Model", "Cached", "Cached Too", "AI", kind="ai_languageModel")
    refused = rig.publish(flow).refused([{"question": "?"}])
    assert "cached already" in str(refused)


def _with_cache_at(rig: Rig, url: str, token: str = TOKEN, **options: Any) -> Published:
    """A chain whose cache has a credential of its own."""
    name = "Prompt Cache (elsewhere)"
    credential = rig.client.create_credential(name, "promptCacheApi", {"baseUrl": url, "token": token})
    flow = ModelFlow().webhook().basic_chain().wire("Question", "AI").cached(credential=name, **options)
    return rig.publish(flow, {name: credential})


@pytest.mark.smoke
def test_sidecar_is_down__the_model_answers(rig: Rig) -> None:
    published = _with_cache_at(rig, rig.sidecar.url)
    rig.sidecar.kill()
    try:
        first = ask(published, "anybody there?")
        assert statuses(published) == ["unreachable"]
        assert ask(published, "anybody there?") == first
        assert rig.calls() == 2
    finally:
        rig.sidecar.start()
    _wait_for(lambda: bool(ask(published, "back again?")) and statuses(published) == ["hit"])


def test_sidecar_hangs__costs_one_short_timeout_in_all(rig: Rig) -> None:
    published = _with_cache_at(rig, rig.sidecar.url, timeout=1)
    ask(published, "warm")
    rig.sidecar.pause()
    try:
        started = time.monotonic()
        answers = ask(published, "one", "two", "three", "four")
        took = time.monotonic() - started
    finally:
        rig.sidecar.resume()
    for word, answer in zip(("one", "two", "three", "four"), answers, strict=True):
        assert f'You asked: "{word}"' in answer["text"]
    assert 1.0 <= took < 2.0
    assert statuses(published) == ["unreachable"] * 4


def test_wrong_token__the_model_answers_and_the_log_says_why(rig: Rig) -> None:
    published = _with_cache_at(rig, rig.sidecar.url, token="wrong")
    assert ask(published, "let me in")[0]["text"]
    assert "token" in runs(published)[0]["reason"]
    hints = published.last_execution()["data"]["resultData"]["runData"]["Cached"][0]["hints"]
    assert "token" in hints[0]["message"]


def _wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.5)
