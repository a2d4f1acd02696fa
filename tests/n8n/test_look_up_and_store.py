"""The main job, in a real n8n: a repeated prompt does not reach the model."""

import json
from typing import Any

import pytest

from stack import output_items

from .conftest import Rig
from .flows import Flow, Published
from .questions import assert_answers, questions, statuses


def cached_chain(name: str = "Cached chain", look_up: dict[str, Any] | None = None) -> Flow:
    """Look Up, a chain and Store, which takes the hits as well."""
    flow = Flow(name).webhook().look_up(**(look_up or {})).chain().store()
    flow.set("Answer", {"id": "={{ $('Question').item.json.id }}"})
    flow.wire("Question", "Look Up", "AI", "Store", "Answer")
    return flow.wire("Look Up", "Store", output=1, into=1)


def api_calls(rig: Rig) -> list[dict[str, Any]]:
    """The sidecar's own log of the calls to its API."""
    lines = [json.loads(line) for line in rig.sidecar.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if str(line.get("path", "")).startswith("/v1/")]


@pytest.mark.smoke
def test_the_second_run__does_not_call_the_model(rig: Rig) -> None:
    workflow = rig.publish(cached_chain())
    asked = questions(1)

    first, second = workflow.ask(asked), workflow.ask(asked)

    assert rig.calls() == 1
    assert_answers(first, asked)
    assert_answers(second, asked)
    assert (statuses(first), statuses(second)) == (["miss"], ["hit"])
    assert second[0]["text"] == first[0]["text"]
    saved = second[0]["_cache"]["saved"]
    assert saved["tokens"] > 0
    assert saved["milliseconds"] > 0


def test_code_nodes__pass_items_on_as_n8n_writes_it_for_them(rig: Rig) -> None:
    same = "for (const item of $input.all()) { item.json.seen = true; }\nreturn $input.all();"
    flow = Flow().webhook().look_up().code("Before", same).chain().store().code("After", same)
    flow.wire("Question", "Look Up", "Before", "AI", "Store", "After")
    workflow = rig.publish(flow.wire("Look Up", "Store", output=1, into=1))

    first, second = workflow.ask(questions(2)), workflow.ask(questions(3))

    assert (statuses(first), statuses(second)) == (["miss"] * 2, ["hit", "hit", "miss"])
    assert_answers(second, questions(3))
    assert rig.calls() == 3


@pytest.mark.smoke
def test_fifty_items_with_ten_prompts__make_ten_calls_and_fifty_answers_in_order(rig: Rig) -> None:
    workflow = rig.publish(cached_chain())
    asked = questions(50, distinct=10)

    first = workflow.ask(asked)
    assert rig.calls() == 10
    assert_answers(first, asked)
    # Each repeat stays linked to the item it came from.
    assert [item["id"] for item in first] == [str(question["id"]) for question in asked]
    assert statuses(first) == ["miss"] * 10 + ["repeat"] * 40

    second = workflow.ask(asked)
    assert rig.calls() == 10
    assert_answers(second, asked)
    assert [item["id"] for item in second] == [str(question["id"]) for question in asked]
    assert statuses(second) == ["hit"] * 50


def test_one_run__takes_one_call_to_the_cache_for_all_items(rig: Rig) -> None:
    workflow = rig.publish(cached_chain())
    before = len(api_calls(rig))
    workflow.ask(questions(40, distinct=20))
    paths = [call["path"] for call in api_calls(rig)[before:]]
    assert paths == ["/v1/lookup/batch", "/v1/store/batch"]


def test_a_hit__is_the_item_as_the_ai_node_put_it_out(rig: Rig) -> None:
    flow = Flow().webhook().look_up(receipt=False).chain().store(receipt=False)
    flow.node("Answer", "n8n-nodes-base.noOp").wire("Question", "Look Up", "AI", "Store", "Answer")
    workflow = rig.publish(flow.wire("Look Up", "Answer", output=1))

    first = workflow.ask(questions(1))
    [produced] = output_items(workflow.last_execution(), "AI")
    second = workflow.ask(questions(1))

    assert first == second == [produced]


def test_a_missed_item__reaches_the_ai_unchanged(rig: Rig) -> None:
    script = """
        const data = Buffer.from('the manual');
        return [{ json: { question: 'what is attached?', nested: { a: [1, 2] } },
                  binary: { manual: await this.helpers.prepareBinaryData(data, 'manual.txt', 'text/plain') } }];
    """
    flow = Flow().webhook().code("Attach", script).look_up().chain().store()
    workflow = rig.publish(flow.wire("Question", "Attach", "Look Up", "AI", "Store"))
    workflow.ask(questions(1))

    runs = workflow.last_execution()["data"]["resultData"]["runData"]
    [before] = runs["Attach"][0]["data"]["main"][0]
    [missed] = runs["Look Up"][0]["data"]["main"][0]
    assert missed["json"] == before["json"]
    assert missed["binary"] == before["binary"]


def test_another_file__is_another_question(rig: Rig) -> None:
    script = """
        const data = Buffer.from($json.content);
        return { json: { question: 'what is attached?' },
                 binary: { file: await this.helpers.prepareBinaryData(data, 'a.txt', 'text/plain') } };
    """
    flow = cached_chain()
    flow.code("Attach", script)
    next(node for node in flow.nodes if node["name"] == "Attach")["parameters"]["mode"] = "runOnceForEachItem"
    flow.connections["Question"]["main"] = []
    workflow = rig.publish(flow.wire("Question", "Attach", "Look Up"))

    workflow.ask([{"content": "cats"}])
    workflow.ask([{"content": "dogs"}])
    assert rig.calls() == 2
    workflow.ask([{"content": "cats"}])
    assert rig.calls() == 2


@pytest.mark.smoke
@pytest.mark.parametrize("question", ["Give me 1 + 2", "use the tool for 1 + 2"])
def test_an_agent__is_cached_with_all_it_does(rig: Rig, question: str) -> None:
    flow = Flow().webhook().look_up().agent().store()
    flow.node("Answer", "n8n-nodes-base.noOp").wire("Question", "Look Up", "AI", "Store", "Answer")
    workflow = rig.publish(flow.wire("Look Up", "Answer", output=1))
    asked = [{"question": f"{question} + {at % 3}"} for at in range(6)]

    first = workflow.ask(asked)
    calls = rig.calls()
    second = workflow.ask(asked)

    assert calls == (6 if "tool" in question else 3)
    assert rig.calls() == calls
    assert_answers(first, asked)
    assert_answers(second, asked)


def test_hits_and_new_answers__meet_in_a_merge_and_keep_their_links(rig: Rig) -> None:
    flow = Flow().webhook().look_up().chain().store().node("Merge", "n8n-nodes-base.merge", 3.2)
    flow.set("Answer", {"asked": "={{ $('Question').item.json.question }}"})
    flow.wire("Question", "Look Up", "AI", "Store", "Merge", "Answer")
    workflow = rig.publish(flow.wire("Look Up", "Merge", output=1, into=1))
    workflow.ask(questions(4, distinct=2))

    mixed = workflow.ask(questions(8, distinct=4))

    assert rig.calls() == 4
    assert len(mixed) == 8
    assert sorted(statuses(mixed)) == ["hit"] * 4 + ["miss"] * 2 + ["repeat"] * 2
    assert_answers(mixed, [{"question": item["asked"]} for item in mixed])


class TestLoops:
    """Loop Over Items, with the cache inside, around and after it."""

    def loop(self, size: int) -> Flow:
        options = {"batchSize": size, "options": {}}
        return Flow().webhook().node("Loop", "n8n-nodes-base.splitInBatches", 3, options)

    def test_in_a_loop__later_rounds_find_what_earlier_ones_stored(self, rig: Rig) -> None:
        flow = self.loop(2).look_up().agent().store().set("Keep", {"id": "={{ $('Loop').item.json.id }}"})
        flow.wire("Question", "Loop").wire("Loop", "Look Up", output=1)
        flow.wire("Look Up", "AI", "Store", "Keep", "Loop").wire("Look Up", "Keep", output=1)
        workflow = rig.publish(flow.node("Done", "n8n-nodes-base.noOp").wire("Loop", "Done"))
        asked = [
            {"id": at, "question": f"use the tool for {at % 4}" if at % 2 else f"question {at % 4}"} for at in range(10)
        ]

        answers = workflow.ask(asked)

        assert_answers(answers, asked)
        assert [item["id"] for item in answers] == [str(question["id"]) for question in asked]
        assert statuses(answers) == ["miss"] * 4 + ["hit"] * 6

    @pytest.mark.parametrize("store_in_loop", [True, False])
    def test_around_a_loop__each_answer_is_stored_for_its_own_question(self, rig: Rig, store_in_loop: bool) -> None:
        flow = self.loop(1).look_up().chain().store().node("Done", "n8n-nodes-base.noOp")
        flow.wire("Question", "Look Up", "Loop").wire("Loop", "AI", output=1)
        if store_in_loop:
            flow.wire("AI", "Store", "Loop").wire("Loop", "Done")
        else:
            flow.wire("AI", "Loop").wire("Loop", "Store", "Done")
        workflow = rig.publish(flow.wire("Look Up", "Done", output=1))
        asked = questions(5)
        assert_answers(workflow.ask(asked), asked)

        again = workflow.ask(asked[::-1])

        assert statuses(again) == ["hit"] * 5
        assert_answers(again, asked[::-1])


def test_after_renaming_nodes__everything_still_belongs_together(rig: Rig) -> None:
    flow = cached_chain()
    workflow = rig.publish(flow)
    workflow.ask(questions(2))
    names = {"Look Up": "Ask the memory", "AI": "Clever model", "Store": "Remember", "AI Model": "GPT"}

    def renamed(connections: Any) -> Any:
        if isinstance(connections, dict):
            return {names.get(key, key): renamed(value) for key, value in connections.items()}
        if isinstance(connections, list):
            return [renamed(value) for value in connections]
        return names.get(connections, connections)

    nodes = [{**node, "name": names.get(node["name"], node["name"])} for node in flow.nodes]
    current = rig.client.workflow(workflow.id)
    credentials = {node["id"]: node.get("credentials") for node in current["nodes"]}
    nodes = [{**node, "credentials": credentials[node["id"]] or {}} for node in nodes]
    rig.client.update_workflow(workflow.id, {"nodes": nodes, "connections": renamed(flow.connections)})
    rig.client.activate(workflow.id)

    assert_answers(workflow.ask(questions(4)), questions(4))
    assert rig.calls() == 4
    assert statuses(workflow.ask(questions(4))) == ["hit"] * 4


def test_a_sub_workflow__may_hold_the_cache_or_the_model(rig: Rig) -> None:
    child = Flow("Answer the question")
    passthrough = {"inputSource": "passthrough"}
    child.node("Start", "n8n-nodes-base.executeWorkflowTrigger", 1.1, passthrough).chain().wire("Start", "AI")
    created = rig.client.create_workflow(child.exported(), rig.credentials)
    rig.client.activate(created["id"])
    reference = {"workflowId": {"__rl": True, "mode": "id", "value": created["id"]}, "options": {}}

    flow = Flow().webhook().look_up().store()
    flow.node("Call", "n8n-nodes-base.executeWorkflow", 1.2, reference)
    flow.node("Answer", "n8n-nodes-base.noOp").wire("Question", "Look Up", "Call", "Store", "Answer")
    workflow = rig.publish(flow.wire("Look Up", "Answer", output=1))
    asked = questions(6, distinct=3)

    assert_answers(workflow.ask(asked), asked)
    second = workflow.ask(asked)

    assert_answers(second, asked)
    assert statuses(second) == ["hit"] * 6
    assert rig.calls() == 3


class TestWhatIsAsked:
    """Prompt, messages or the whole item; and what tells two questions apart."""

    def ask_twice(self, workflow: Published, first: dict[str, Any], second: dict[str, Any]) -> list[str]:
        workflow.ask([first])
        return statuses(workflow.ask([second]))

    def test_whole_item__ignores_the_order_and_the_fields_named(self, rig: Rig) -> None:
        flow = cached_chain(look_up={"ignoredFields": "id, seen"})
        flow.nodes[2]["parameters"]["question"] = "item"
        workflow = rig.publish(flow)
        first = {"id": 1, "question": "q", "lang": "en", "seen": "today"}

        again = {"lang": "en", "question": "q", "id": 2, "seen": "tomorrow"}
        assert self.ask_twice(workflow, first, again) == ["hit"]
        assert statuses(workflow.ask([{**first, "lang": "de"}])) == ["miss"]

    def test_chat_messages__count_in_full(self, rig: Rig) -> None:
        flow = cached_chain()
        flow.nodes[2]["parameters"] |= {"question": "messages", "messages": "={{ $json.chat }}"}
        workflow = rig.publish(flow)
        turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
        chat = [*turns, {"role": "user", "content": "How are you?"}]

        item = {"question": "chat", "chat": chat}
        assert self.ask_twice(workflow, item, item) == ["hit"]
        assert statuses(workflow.ask([{**item, "chat": chat[2:]}])) == ["miss"]

    def test_model_system_and_attributes__tell_questions_apart(self, rig: Rig) -> None:
        flow = cached_chain()
        flow.nodes[2]["parameters"] |= {
            "model": "={{ $json.model }}",
            "system": "={{ $json.system }}",
            "attributes": {"pairs": [{"name": "customer", "value": "={{ $json.customer }}"}]},
        }
        workflow = rig.publish(flow)
        item = {"question": "q", "model": "gpt-5", "system": "be kind", "customer": "acme"}

        assert self.ask_twice(workflow, item, item) == ["hit"]
        for field in ("model", "system", "customer"):
            assert statuses(workflow.ask([{**item, field: "another"}])) == ["miss"]

    def test_namespace_and_age__limit_what_is_found(self, rig: Rig) -> None:
        workflow = rig.publish(cached_chain(look_up={"namespace": "={{ $json.app }}"}))
        assert self.ask_twice(workflow, {"question": "q", "app": "a"}, {"question": "q", "app": "a"}) == ["hit"]
        assert statuses(workflow.ask([{"question": "q", "app": "b"}])) == ["miss"]

    def test_always_ask_again__replaces_the_answer(self, rig: Rig) -> None:
        rig.publish(cached_chain()).ask(questions(1))
        workflow = rig.publish(cached_chain(look_up={"refresh": True}))
        assert statuses(workflow.ask(questions(1))) == ["miss"]
        assert rig.calls() == 2

    def test_notice_changed_ai_nodes__asks_again_after_a_change(self, rig: Rig) -> None:
        flow = cached_chain(look_up={"watch": True})
        rig.publish(flow).ask(questions(1))
        flow.path += "-same"
        flow.nodes[0]["parameters"]["path"] = flow.path
        assert statuses(rig.publish(flow).ask(questions(1))) == ["hit"]

        model = next(node for node in flow.nodes if node["name"] == "AI Model")
        model["parameters"]["options"]["temperature"] = 0.1
        flow.path += "-warmer"
        flow.nodes[0]["parameters"]["path"] = flow.path
        assert statuses(rig.publish(flow).ask(questions(1))) == ["miss"]

    def test_an_empty_prompt__is_told_in_plain_words(self, rig: Rig) -> None:
        refused = rig.publish(cached_chain()).refused([{"question": "fine"}, {"other": "field"}])
        assert (refused["node"], refused["message"]) == ("Look Up", "The prompt is empty")
        assert refused["context"]["itemIndex"] == 1
        assert "Drag the one that holds the question" in refused["description"]


class TestAnswers:
    """What the AI nodes of n8n put out, recognised without an expression."""

    def test_an_http_request_node__counts_the_provider_s_own_tokens(self, rig: Rig) -> None:
        flow = cached_chain()
        flow.nodes = [node for node in flow.nodes if not node["name"].startswith("AI")]
        flow.node(
            "AI",
            "n8n-nodes-base.httpRequest",
            4.2,
            {
                "method": "POST",
                "url": f"{rig.model.url}/v1/chat/completions",
                "sendBody": True,
                "specifyBody": "json",
                "jsonBody": "={{ { model: 'gpt-4o-mini', messages: [{ role: 'user', content: $json.question }] } }}",
                "options": {},
            },
        )
        del flow.connections["AI Model"]
        workflow = rig.publish(flow)

        [first] = workflow.ask(questions(1))
        [second] = workflow.ask(questions(1))

        assert second["choices"] == first["choices"]
        saved = second["_cache"]["saved"]
        assert saved["tokens"] == first["usage"]["total_tokens"]
        assert saved["estimated"] is False
        assert saved["usd"] > 0

    def test_an_answer_cut_short__is_passed_on_and_not_kept(self, rig: Rig) -> None:
        flow = cached_chain()
        flow.code(
            "AI",
            "return $input.all().map((item, i) => ({ json: {"
            " choices: [{ finish_reason: 'length', message: { content: 'half an ans' } }] }, pairedItem: i }))",
        )
        flow.nodes = [node for node in flow.nodes if "chainLlm" not in node["type"]]
        flow.nodes = [node for node in flow.nodes if node["name"] != "AI Model"]
        del flow.connections["AI Model"]
        workflow = rig.publish(flow)

        [first] = workflow.ask(questions(1))

        assert first["choices"][0]["message"]["content"] == "half an ans"
        assert first["_cache"]["stored"] is False
        assert first["_cache"]["refused"] == "finish_reason_length"
        assert statuses(workflow.ask(questions(1))) == ["miss"]

    def test_a_failed_answer__is_passed_on_and_not_kept(self, rig: Rig) -> None:
        flow = cached_chain()
        next(node for node in flow.nodes if node["name"] == "AI")["onError"] = "continueRegularOutput"
        workflow = rig.publish(flow)
        rig.model_fails(times=1)

        [failed] = workflow.ask(questions(1))
        assert "error" in failed
        [answered] = workflow.ask(questions(1))

        assert_answers([answered], questions(1))
        assert statuses([answered]) == ["miss"]

    def test_an_expired_answer__stands_in_when_the_model_fails(self, rig: Rig) -> None:
        flow = cached_chain(look_up={"maxStale": {"time": {"amount": 7, "unit": "d"}}})
        ai = next(node for node in flow.nodes if node["name"] == "AI")
        ai["onError"] = "continueRegularOutput"
        store = next(node for node in flow.nodes if node["name"] == "Store")
        store["parameters"] |= {"keep": "limited", "ttlAmount": 1, "ttlUnit": "s"}
        workflow = rig.publish(flow)
        [first] = workflow.ask(questions(1))
        rig.wait_until_expired(first["_cache"]["key"])
        rig.model_fails(times=1)

        [stale] = workflow.ask(questions(1))

        assert stale["text"] == first["text"]
        assert stale["_cache"]["status"] == "stale"
