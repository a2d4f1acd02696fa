"""Graphs whose nodes are cached by a real sidecar, through its outages too."""

import logging
import operator
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypedDict, cast

import pytest
from langchain_core.messages import AIMessage, AnyMessage
from langgraph.graph import START, StateGraph
from langgraph.types import CachePolicy, Send

from client.tests.langgraph.runs import Graph, Runs
from prompt_cache_client import AsyncPromptCache, PromptCache
from prompt_cache_client.langgraph import PromptCacheNodeCache
from stack import Sidecar
from stack.processes import free_port

from .conftest import SETTINGS

CACHED: Any = CachePolicy(ttl=600)


class State(TypedDict, total=False):
    items: list[int]
    found: Annotated[list[AnyMessage], operator.add]


def fan_out(work: Callable[[int], AIMessage]) -> Graph:
    """Each item becomes a message."""

    def each(item: int) -> State:
        return {"found": [work(item)]}

    graph = StateGraph(State)
    graph.add_node("work", cast(Any, each), cache_policy=CACHED)
    graph.add_conditional_edges(START, lambda state: [Send("work", item) for item in state["items"]], ["work"])
    return graph


def message(item: int) -> AIMessage:
    return AIMessage(f"answer {item}", id=str(item))


def found(runs: Runs, graph: Graph, items: list[int]) -> list[AnyMessage]:
    updates = runs.updates(graph, {"items": items})
    messages = [each for update in updates for each in update["work"]["found"]]
    return sorted(messages, key=lambda each: int(each.id or 0))


class Counted:
    """Work that is counted, and `meanwhile` happens something."""

    def __init__(self, meanwhile: Callable[[int], None] = lambda _: None) -> None:
        self.calls: Counter[int] = Counter()
        self._meanwhile = meanwhile
        self._lock = threading.Lock()

    def __call__(self, item: int) -> AIMessage:
        with self._lock:
            self.calls[item] += 1
            self._meanwhile(self.calls.total())
        return message(item)


@pytest.mark.parametrize(
    ("kind", "on_a_loop", "saver"),
    [
        (PromptCache, False, "sqlite"),
        (PromptCache, True, "memory"),
        (AsyncPromptCache, False, "memory"),
        (AsyncPromptCache, True, "sqlite"),
    ],
)
def test_a_fan_out_of_200(server: Sidecar, tmp_path: Path, kind: Any, on_a_loop: bool, saver: str) -> None:
    """Two programs, as it were: each with a client of its own, whose nodes the other's answers spare."""
    work, items = Counted(), list(range(200))
    graph, namespace = fan_out(work), f"fan-out-{kind.__name__}-{on_a_loop}-{saver}"
    for _ in range(2):
        client = kind(server.url, token="admin-token", namespace=namespace)
        file = tmp_path / "checkpoints.db" if saver == "sqlite" else None
        runs = Runs(PromptCacheNodeCache(client), file, on_a_loop=on_a_loop)
        assert found(runs, graph, items) == [message(item) for item in items]
    assert work.calls == Counter(items)


def test_200_equal_items(server: Sidecar) -> None:
    """LangGraph looks one of them up, and runs the others."""
    work = Counted()
    runs = Runs(PromptCacheNodeCache(_client(server), namespace="equal"), None, on_a_loop=False)
    for ran in (200, 399):
        assert found(runs, fan_out(work), [1] * 200) == [message(1)] * 200
        assert work.calls.total() == ran


@pytest.mark.parametrize("on_a_loop", [False, True], ids=["sync", "async"])
def test_a_sidecar_that_dies_in_the_middle(tmp_path: Path, on_a_loop: bool) -> None:
    """The graph ends with the right answers, and so it does when the cache is back."""
    port, items = free_port(), list(range(60))
    env = {**SETTINGS, "PROMPT_CACHE_STORE": f"sqlite:///{tmp_path / 'cache.db'}"}
    with Sidecar(tmp_path, port=port, env=env, token="admin-token") as sidecar:
        work = Counted(lambda calls: sidecar.kill() if calls == 30 else None)
        cache: PromptCacheNodeCache = PromptCacheNodeCache(_client(sidecar))
        runs = Runs(cache, None, on_a_loop=on_a_loop)
        assert found(runs, fan_out(work), items) == [message(item) for item in items]
        assert work.calls == Counter(items)
        assert found(runs, fan_out(work), items) == [message(item) for item in items]
    with Sidecar(tmp_path, port=port, env=env, token="admin-token") as sidecar:
        runs, again = Runs(PromptCacheNodeCache(_client(sidecar)), None, on_a_loop=on_a_loop), Counted()
        for _ in range(2):
            assert found(runs, fan_out(again), items) == [message(item) for item in items]
        assert set(again.calls.values()) == {1}, "the second time all of them come from the cache"


def test_an_answer_larger_than_the_server_takes(server: Sidecar, caplog: pytest.LogCaptureFixture) -> None:
    work = Counted()

    def large(item: int) -> AIMessage:
        return AIMessage(work(item).text * (200_000 if item == 7 else 1), id=str(item))

    runs = Runs(PromptCacheNodeCache(_client(server), namespace="large"), None, on_a_loop=False)
    for _ in range(2):
        assert found(runs, fan_out(large), [7, 8]) == [large(7), large(8)]
        work.calls.subtract([7, 8])
    assert work.calls == Counter({7: 2, 8: 1})
    assert "the answer of a node is not stored: " in caplog.text


def test_a_token_that_may_only_read(server: Sidecar, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    work = Counted()
    reading = PromptCacheNodeCache(PromptCache(server.url, token="reader-token"), namespace="read")
    writing = PromptCacheNodeCache(_client(server), namespace="read")
    for cache, ran in ((reading, 1), (reading, 2), (writing, 3), (reading, 3)):
        assert found(Runs(cache, None, on_a_loop=False), fan_out(work), [1]) == [message(1)]
        assert work.calls.total() == ran
    assert [record.message.partition(":")[0] for record in caplog.records] == ["the answer of a node is not stored"]


def _client(server: Sidecar) -> PromptCache:
    return PromptCache(server.url, token="admin-token")
