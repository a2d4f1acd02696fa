"""What is remembered of calls through the proxy that were not answered from the cache."""

import time
from typing import Any
from uuid import uuid4

import pytest

from .calls import Caller, question
from .upstream import Upstream

_SECONDS = 15.0


@pytest.fixture
def namespace() -> str:
    return f"missed-{uuid4().hex[:12]}"


def missed(caller: Caller, namespace: str, **wanted: Any) -> dict[str, Any]:
    """The one question that was missed in a namespace, once it is as wanted."""
    end = time.monotonic() + _SECONDS
    while True:
        items = caller.send("GET", f"/v1/misses?namespace={namespace}").json()["items"]
        if len(items) == 1 and all(items[0][name] == value for name, value in wanted.items()):
            return dict(items[0])
        assert time.monotonic() < end, items
        time.sleep(0.1)


def test_an_answer_that_calls_a_tool_is_paid_for_each_time(caller: Caller, namespace: str, upstream: Upstream) -> None:
    upstream.tool_calls = True
    asked = question()
    for _ in range(2):
        caller.ask(asked, X_Prompt_Cache_Namespace=namespace)
    missed(caller, namespace, times=2, answers=0, refused={"tool_calls": 2})
    found = caller.send("GET", f"/v1/opportunities?namespace={namespace}").json()
    (unanswered,) = found["unanswered"]
    assert (unanswered["why"], unanswered["times"]) == ("tool_calls", 2)
    assert "cache_tool_calls: true" in unanswered["yaml"]


def test_who_asks_past_the_cache_is_told_so_and_who_wants_nothing_stored_is_not_known(
    caller: Caller, namespace: str
) -> None:
    caller.ask(question(), X_Prompt_Cache_Namespace=namespace, Cache_Control="no-store")
    asked = question()
    for _ in range(3):
        caller.ask(asked, X_Prompt_Cache_Namespace=namespace, Cache_Control="no-cache")
    found = missed(caller, namespace, times=3, answers=3)
    assert found["reasons"]["too_old"] == 2
