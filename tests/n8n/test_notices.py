"""What Look Up notices on the canvas before it costs money, and what it says."""

import json
from typing import Any

from stack import output_items

from .conftest import Rig
from .flows import Flow, Published
from .model.flows import ModelFlow
from .questions import assert_answers, questions, statuses

_LANGCHAIN = "@n8n/n8n-nodes-langchain"
NOTHING = "n8n-nodes-base.noOp"


def hints(workflow: Published, node: str = "Look Up") -> list[str]:
    """What the editor warns of at a node of the last execution."""
    [run] = workflow.last_execution()["data"]["resultData"]["runData"][node]
    return [str(hint["message"]) for hint in run["hints"] if hint["type"] == "warning"]


ROWS = [
    {"who": "Ann", "mail": "ann@example.com", "text": "refund"},
    {"who": "Bob", "mail": "bob@example.com", "text": "refund"},
    {"who": "Cem", "mail": "cem@example.com", "text": "hello"},
]


class TestBranches:
    """A node that sends each item one way or another."""

    def classified(self, flow: ModelFlow) -> ModelFlow:
        # The demonstration model follows the last schema that it reads.
        choice = """={{ $json.text + '\\n```json\\n' + JSON.stringify({ type: 'object', properties: {
            money: { const: $json.text === 'refund' }, other: { const: $json.text !== 'refund' } } }) + '\\n```' }}"""
        names = [{"category": name, "description": f"about {name}"} for name in ("money", "other")]
        parameters = {"inputText": choice, "categories": {"categories": names}, "options": {}}
        return flow.node("AI", f"{_LANGCHAIN}.textClassifier", 1.1, parameters)

    def test_between_look_up_and_store__it_is_refused_before_the_model_is_asked(self, rig: Rig) -> None:
        flow = self.classified(ModelFlow().webhook().look_up(prompt="={{ $json.text }}"))
        flow.openai("Model").wire("Model", "AI", kind="ai_languageModel")
        flow.store().store("Store 2").wire("Question", "Look Up", "AI", "Store").wire("AI", "Store 2", output=1)

        refused = rig.publish(flow).refused(ROWS)

        assert refused["node"] == "Look Up"
        assert refused["message"].startswith('"AI" decides which way an item goes')
        assert '"Prompt Cache Model"' in refused["description"]
        assert rig.calls() == 0

    def test_with_the_model_cached_instead__each_row_keeps_its_fields_and_its_branch(self, rig: Rig) -> None:
        flow = self.classified(ModelFlow().webhook()).cached().node("Money", NOTHING).node("Other", NOTHING)
        workflow = rig.publish(flow.wire("Question", "AI", "Money").wire("AI", "Other", output=1))

        def branches() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
            workflow.ask(ROWS)
            execution = workflow.last_execution()
            return output_items(execution, "Money"), output_items(execution, "Other")

        assert branches() == (ROWS[:2], ROWS[2:])
        calls = rig.calls()
        assert 0 < calls <= 3
        assert branches() == (ROWS[:2], ROWS[2:])
        assert rig.calls() == calls

    def test_one_branch_beside_the_one_for_errors__is_no_choice(self, rig: Rig) -> None:
        flow = Flow().webhook().look_up().agent().store().node("Failed", NOTHING)
        next(node for node in flow.nodes if node["name"] == "AI")["onError"] = "continueErrorOutput"
        workflow = rig.publish(flow.wire("Question", "Look Up", "AI", "Store").wire("AI", "Failed", output=1))
        assert statuses(workflow.ask(questions(2))) == ["miss"] * 2


def test_a_node_that_names_the_ai_node__is_named_in_a_hint(rig: Rig) -> None:
    name = 'Bob\'s "KI" für 🦊'
    quoted = name.replace("'", "\\'")
    flow = Flow().webhook().look_up().chain(name).store()
    flow.set("Reply", {"reply": f"={{{{ $('{quoted}').item.json.text }}}}"})
    flow.set("Log", {"log": f"={{{{ $node[{json.dumps(name, ensure_ascii=False)}].json.text }}}}"})
    flow.code("Count", f"return [{{ json: {{ n: $items({json.dumps(name, ensure_ascii=False)}).length }} }}]")
    flow.set("Fine", {"text": "={{ $json.text + $('Question').item.json.id }}"})
    flow.wire("Question", "Look Up", name, "Store", "Fine", "Reply", "Log", "Count")
    workflow = rig.publish(flow)

    workflow.ask(questions(1))

    [hint] = hints(workflow)
    for follower in ("Reply", "Log", "Count"):
        assert f'"{follower}" names "{name}"' in hint
    assert '"Fine"' not in hint
    assert "{{ $json.text }}" in hint
    assert output_items(workflow.last_execution(), "Count") == [{"n": 1}]


def test_an_ai_node_that_executes_once__is_asked_once_for_all_runs(rig: Rig) -> None:
    flow = Flow().webhook().look_up().chain(executeOnce=True).store().node("Answer", NOTHING)
    workflow = rig.publish(
        flow.wire("Question", "Look Up", "AI", "Store", "Answer").wire("Look Up", "Answer", output=1)
    )
    asked = questions(3)

    first, [hint] = workflow.ask(asked), hints(workflow)
    second, third = workflow.ask(asked), workflow.ask(asked)

    assert rig.calls() == 1
    assert '"AI" is set to "Execute Once", so only the first item was looked up' in hint
    assert (statuses(first), statuses(second), statuses(third)) == (["miss"], ["hit"], ["hit"])
    assert_answers(second, asked[:1])


def test_an_item_that_fails__keeps_its_fields_beside_the_error(rig: Rig) -> None:
    flow = Flow().webhook().look_up().chain(prompt="={{ $json.question || 'nothing' }}").store()
    next(node for node in flow.nodes if node["name"] == "Look Up")["onError"] = "continueRegularOutput"
    workflow = rig.publish(flow.wire("Question", "Look Up", "AI", "Store"))

    answers = workflow.ask([{"id": 1, "question": "fine"}, {"id": 2, "question": ""}])

    missed = output_items(workflow.last_execution(), "Look Up")
    assert missed == [{"id": 1, "question": "fine"}, {"id": 2, "question": "", "error": "The prompt is empty"}]
    assert [answer["_cache"]["stored"] for answer in answers] == [True, False]
    assert answers[1]["_cache"]["reason"] == "look_up_failed"

    look_up = next(node for node in flow.nodes if node["name"] == "Look Up")
    look_up["onError"] = "continueErrorOutput"
    flow.path += "-sorted"
    flow.nodes[0]["parameters"]["path"] = flow.path
    workflow = rig.publish(flow.node("Failed", NOTHING).wire("Look Up", "Failed", output=2))
    workflow.ask([{"id": 1, "question": "fine"}, {"id": 2, "question": ""}])
    assert output_items(workflow.last_execution(), "Failed") == missed[1:]


def test_a_question_that_passed_a_disabled_ai_node__is_not_kept_as_its_own_answer(rig: Rig) -> None:
    flow = Flow().webhook().look_up().chain(disabled=True).store()
    workflow = rig.publish(flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "Store", output=1, into=1))
    for item in [*workflow.ask(questions(1)), *workflow.ask(questions(1))]:
        assert (item["_cache"]["stored"], item["_cache"]["refused"]) == (False, "ai_node_disabled")
