"""The Prompt Cache Chain in a real n8n."""

from typing import Any

import pytest

from ..conftest import Rig
from ..questions import assert_answers, questions, statuses
from .flows import ChainFlow, published


@pytest.mark.smoke
def test_table_with_repeats__asks_each_question_once_and_the_next_run_none(rig: Rig) -> None:
    flow = ChainFlow().webhook().cache_chain(batching={"batchSize": 10}).asks()
    fields = {"id": "={{ $('Question').item.json.id }}", "asked": "={{ $('Question').item.json.question }}"}
    chain = rig.publish(flow.set("Linked", fields).wire("Question", "Chain", "Linked"))
    rows = questions(1000, distinct=25)

    first = chain.ask(rows)

    assert rig.calls() == 25
    assert_answers(first, rows)
    assert [(item["id"], item["asked"]) for item in first] == [(str(row["id"]), row["question"]) for row in rows]
    assert statuses(first) == ["miss"] * 25 + ["repeat"] * 975
    assert all(item["_cache"]["stored"] for item in first)
    assert all(item["_cache"]["saved"]["tokens"] > 0 for item in first[25:])

    second = chain.ask(rows)

    assert rig.calls() == 25
    assert statuses(second) == ["hit"] * 1000
    assert [item["text"] for item in second] == [item["text"] for item in first]
    assert all(item["_cache"]["saved"]["tokens"] > 0 for item in second)
    run = chain.last_execution()["data"]["resultData"]["runData"]
    assert "Chain Model" not in run, "a hit shows no model call"
