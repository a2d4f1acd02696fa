"""Each row keeps its own fields, whoever asked first: what is kept of an answer is what the AI made of it."""

from typing import Any

import pytest

from stack import output_items

from .conftest import Rig
from .flows import MODEL, Flow
from .questions import assert_answers, statuses

ANN = {"who": "Ann", "mail": "ann@example.com", "question": "refund"}
BOB = {"who": "Bob", "mail": "bob@example.com", "question": "refund"}
CID = {"who": "Cid", "mail": "cid@example.com", "question": "refund", "vip": True}
DAN = {"who": "Dan", "mail": "dan@example.com", "question": "hello"}

# An AI node that passes its input on, as those do that grade or classify.
GRADE = """
    return $input.all().map((item, at) => ({
        json: { ...item.json, grade: item.json.question.length, who: item.json.who }, pairedItem: at }));
"""


def people(items: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(item["who"], item["mail"], item.get("vip"), item["grade"]) for item in items]


def stored(rig: Rig) -> list[Any]:
    """The responses in the cache."""
    keys = [entry["key"] for entry in rig.api.get("/v1/entries?limit=100")["items"]]
    return [rig.api.get(f"/v1/entries/{key}")["response"] for key in keys]


def test_an_ai_node_that_passes_its_input_on__leaves_each_row_its_own(rig: Rig) -> None:
    flow = Flow().webhook().look_up().code("AI", GRADE).store()
    flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "Store", output=1, into=1)
    workflow = rig.publish(flow)

    first = workflow.ask([ANN, BOB, DAN])
    second = workflow.ask([CID, DAN, BOB])

    assert people(first) == [
        ("Ann", ANN["mail"], None, 6),
        ("Bob", BOB["mail"], None, 6),
        ("Dan", DAN["mail"], None, 5),
    ]
    assert people(second) == [
        ("Cid", CID["mail"], True, 6),
        ("Dan", DAN["mail"], None, 5),
        ("Bob", BOB["mail"], None, 6),
    ]
    assert statuses(first) == ["miss", "repeat", "miss"]
    assert statuses(second) == ["hit"] * 3
    kept = {"n8n.items": [{"json": {"grade": 6}, "own": True}]}
    assert kept in stored(rig)
    assert "ann@example.com" not in str(stored(rig))


def test_fields_joined_before_store__stay_those_of_their_rows(rig: Rig) -> None:
    by_position = {"mode": "combine", "combineBy": "combineByPosition", "options": {}}
    flow = Flow().webhook().look_up().chain().store().node("Join", "n8n-nodes-base.merge", 3.2, by_position)
    flow.set("Note", {"note": "for {{ $json.who }}", "who": "={{ $('Question').item.json.who }}"})
    flow.wire("Question", "Look Up", "AI", "Join", "Note", "Store").wire("Look Up", "Join", into=1)
    workflow = rig.publish(flow.wire("Look Up", "Store", output=1, into=1))

    first = workflow.ask([ANN, DAN])
    second = workflow.ask([DAN, BOB])

    assert [(item["who"], item["mail"]) for item in first] == [("Ann", ANN["mail"]), ("Dan", DAN["mail"])]
    assert [(item["who"], item["mail"]) for item in second] == [("Dan", DAN["mail"]), ("Bob", BOB["mail"])]
    assert_answers(second, [DAN, BOB])
    assert statuses(second) == ["hit"] * 2


def test_an_answer_that_equals_a_field_of_its_row__is_the_answer(rig: Rig) -> None:
    # The model repeats what it is asked: the row already holds what it will say, under the name of its output.
    flow = Flow().webhook().look_up().chain().store()
    flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "Store", output=1, into=1)
    workflow = rig.publish(flow)
    [answer] = workflow.ask([ANN])
    said = answer["text"]
    rig.api.post("/v1/flush", {"all": True})

    workflow.ask([{**ANN, "text": said}])
    [again] = workflow.ask([{**BOB, "text": "something else"}])

    assert statuses([again]) == ["hit"]
    assert again["text"] == said


def test_a_row_s_value_under_another_name__is_told(rig: Rig) -> None:
    flow = Flow().webhook().look_up().chain().store()
    flow.set("Note", {"customer": "={{ $('Question').item.json.who }}"})
    flow.wire("Question", "Look Up", "AI", "Note", "Store").wire("Look Up", "Store", output=1, into=1)
    workflow = rig.publish(flow)

    workflow.ask([ANN])

    [run] = workflow.last_execution()["data"]["resultData"]["runData"]["Store"]
    [hint] = run["hints"]
    assert '"customer" is the row\'s own' in hint["message"]
    assert 'Put Store right after "AI"' in hint["message"]


def test_files_of_the_row__stay_with_it(rig: Rig) -> None:
    attach = """
        return Promise.all($input.all().map(async ({ json }, at) => ({ json, pairedItem: at, binary: {
            photo: await this.helpers.prepareBinaryData(Buffer.from(json.who), json.who + '.txt', 'text/plain') } })));
    """
    grade = "return $input.all().map(({ json, binary }, at) => ({ json: { grade: 1 }, binary, pairedItem: at }));"
    name = "={{ $binary.photo.fileName }}"
    flow = Flow().webhook().code("Attach", attach).look_up(includeFiles=False).code("AI", grade).store()
    flow.set("Seen", {"photo": name})
    flow.wire("Question", "Attach", "Look Up", "AI", "Store", "Seen").wire("Look Up", "Store", output=1, into=1)
    workflow = rig.publish(flow)

    assert [item["photo"] for item in workflow.ask([ANN, BOB])] == ["Ann.txt", "Bob.txt"]
    again = workflow.ask([BOB, DAN, ANN])
    assert [item["photo"] for item in again] == ["Bob.txt", "Dan.txt", "Ann.txt"]
    assert statuses(again) == ["hit", "miss", "hit"]


@pytest.mark.parametrize("split", [False, True])
def test_several_answers_to_one_question__are_kept_and_given_as_a_list(rig: Rig, split: bool) -> None:
    flow = Flow().webhook().look_up().store().set("Link", {"asked": "={{ $('Question').item.json.id }}"})
    if split:
        flow.code("AI", "return $input.all().map((_, at) => ({ json: { parts: ['a', 'b', 'c'] }, pairedItem: at }));")
        flow.node("Apart", "n8n-nodes-base.splitOut", 1, {"fieldToSplitOut": "parts", "options": {}})
        flow.wire("Question", "Look Up", "AI", "Apart", "Store")
    else:
        script = """
            return $input.all().flatMap((item, at) =>
                ['a', 'b', 'c'].map((parts) => ({ json: { parts }, pairedItem: at })));
        """
        flow.code("AI", script).wire("Question", "Look Up", "AI", "Store")
    flow.wire("Look Up", "Store", "Link", output=1, into=0)
    flow.connections["Look Up"]["main"][1] = [{"node": "Store", "type": "main", "index": 1}]
    workflow = rig.publish(flow)
    asked = [{"id": at, "question": f"question {number}"} for at, number in enumerate([1, 2, 1])]

    first = workflow.ask(asked)
    second = workflow.ask([*asked, {"id": 3, "question": "question 3"}])

    assert [(item["asked"], item["parts"]) for item in first] == [(str(at), part) for at in range(3) for part in "abc"]
    assert [(item["asked"], item["parts"]) for item in second] == [(str(at), part) for at in range(4) for part in "abc"]
    assert statuses(first) == ["miss"] * 6 + ["repeat"] * 3
    assert statuses(second) == ["hit"] * 9 + ["miss"] * 3
    assert len(output_items(workflow.last_execution(), "Look Up", output=1)) == 9


def test_three_choices_of_one_call__are_three_items_again(rig: Rig) -> None:
    parameters = {
        "resource": "chat",
        "model": "gpt-4",
        "prompt": {"messages": [{"content": "={{ $json.question }}"}]},
        "options": {"n": 3},
    }
    flow = Flow().webhook().look_up()
    flow.node("AI", "n8n-nodes-base.openAi", 1, parameters, credentials={"openAiApi": {"name": MODEL}}).store()
    flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "Store", output=1, into=1)
    workflow = rig.publish(flow)

    first, second = (workflow.ask([{"question": "name a colour"}]) for _ in range(2))

    assert rig.calls() == 1
    assert (statuses(first), statuses(second)) == (["miss"] * 3, ["hit"] * 3)
    assert [item["message"] for item in second] == [item["message"] for item in first]


class TestWithoutAStore:
    """Nothing is held back, and the user is told."""

    def test_all_items_reach_the_ai(self, rig: Rig) -> None:
        flow = Flow().webhook().look_up().chain().wire("Question", "Look Up", "AI")
        workflow = rig.publish(flow)
        asked = [{"question": f"question {number}"} for number in (1, 2, 1)]

        assert_answers(workflow.ask(asked), asked)

        [run] = workflow.last_execution()["data"]["resultData"]["runData"]["Look Up"]
        [hint] = run["hints"]
        assert hint["type"] == "warning"
        assert "No Store follows, so no answer is kept" in hint["message"]

    def test_nodes_that_are_switched_off__cost_answers_and_lose_none(self, rig: Rig) -> None:
        flow = Flow().webhook().look_up().chain().store()
        flow.wire("Question", "Look Up", "AI", "Store").wire("Look Up", "Store", output=1, into=1)
        next(node for node in flow.nodes if node["name"] == "Look Up")["disabled"] = True
        asked = [{"question": f"question {number}"} for number in (1, 2, 1)]

        assert_answers(rig.publish(flow).ask(asked), asked)

        assert rig.calls() == 3
        assert stored(rig) == []
