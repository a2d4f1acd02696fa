"""Compiled graphs with a checkpointer run the same with LangGraph's own cache and with ours."""

import operator
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph, add_messages
from langgraph.types import CachePolicy, Command, RetryPolicy, Send, interrupt

from .caches import MakeCache, ours, reference
from .runs import Graph, Runs, new_thread


class State(TypedDict, total=False):
    question: str
    user: str
    items: list[Any]
    steps: Annotated[list[Any], operator.add]
    messages: Annotated[list[AnyMessage], add_messages]


@pytest.fixture(params=[reference, ours], ids=lambda make: make.__name__)
def make(request: pytest.FixtureRequest) -> MakeCache:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=[("memory", False), ("memory", True), ("sqlite", False), ("sqlite", True)], ids=str)
def runs(make: MakeCache, request: pytest.FixtureRequest, tmp_path: Path) -> Runs:
    saver, on_a_loop = request.param
    return Runs(make(), tmp_path / "checkpoints.db" if saver == "sqlite" else None, on_a_loop=on_a_loop)


_CALL: Any = {"name": "search", "args": {"q": 1}, "id": "c1", "type": "tool_call"}


class Called:
    """Counts how often each node ran."""

    def __init__(self) -> None:
        self.nodes: Counter[str] = Counter()

    def node(self, name: str, put: Callable[[State], Any]) -> Any:
        def run(state: State) -> Any:
            self.nodes[name] += 1
            return put(state)

        return run

    def take(self) -> dict[str, int]:
        """The counts since the last time."""
        counts, self.nodes = self.nodes, Counter()
        return dict(counts)


def line(called: Called, policy: CachePolicy[Any] | None = None) -> Graph:
    """A cached node, one that is not, and another cached one."""
    graph = StateGraph(State)
    cached = policy or CachePolicy(ttl=60)
    graph.add_node(
        "first", called.node("first", lambda state: {"steps": ["1" + state["question"]]}), cache_policy=cached
    )
    graph.add_node("free", called.node("free", lambda _: {"steps": ["-"]}))
    graph.add_node("last", called.node("last", lambda state: {"steps": [len(state["steps"])]}), cache_policy=cached)
    graph.add_edge(START, "first")
    graph.add_edge("first", "free")
    graph.add_edge("free", "last")
    return graph


def test_the_second_run_asks_only_nodes_without_a_policy(runs: Runs) -> None:
    called = Called()
    graph = line(called)
    first = runs.updates(graph, {"question": "a"})
    assert called.take() == {"first": 1, "free": 1, "last": 1}
    second = runs.updates(graph, {"question": "a"})
    assert called.take() == {"free": 1}
    hit = {"__metadata__": {"cached": True}}
    assert first == [{"first": {"steps": ["1a"]}}, {"free": {"steps": ["-"]}}, {"last": {"steps": [2]}}]
    assert second == [first[0] | hit, first[1], first[2] | hit]
    assert runs.from_cache(graph, {"question": "b"}) == []


def test_one_conversation_goes_on(runs: Runs) -> None:
    """The input of a later turn is another one, because the state has grown."""
    called, thread = Called(), new_thread()
    graph = line(called)
    for _ in range(2):
        runs.updates(graph, {"question": "a"}, thread)
    assert called.take() == {"first": 2, "free": 2, "last": 2}
    runs.updates(graph, {"question": "a"})
    assert called.take() == {"free": 1}


def test_a_life_ends(make: MakeCache) -> None:
    called = Called()
    runs, graph = Runs(make(), None, on_a_loop=False), line(called, CachePolicy(ttl=1))
    runs.updates(graph, {"question": "a"})
    assert runs.from_cache(graph, {"question": "a"}) == ["first", "last"]
    time.sleep(1.1)
    assert runs.from_cache(graph, {"question": "a"}) == []
    assert called.take()["first"] == 2


def test_a_policy_without_a_life_is_cached(runs: Runs) -> None:
    graph = line(Called(), CachePolicy())
    runs.updates(graph, {"question": "a"})
    assert runs.from_cache(graph, {"question": "a"}) == ["first", "last"]


def test_a_key_function_says_what_counts(runs: Runs) -> None:
    called = Called()
    graph = line(called, CachePolicy(key_func=lambda state: state["question"]))
    runs.updates(graph, {"question": "a", "user": "one"})
    assert runs.from_cache(graph, {"question": "a", "user": "two"}) == ["first", "last"]
    assert runs.from_cache(graph, {"question": "b", "user": "one"}) == []


def test_messages_come_back_as_messages(runs: Runs) -> None:
    called = Called()
    graph = StateGraph(State)
    graph.add_node(
        "answer",
        called.node("answer", lambda _: {"messages": [_MESSAGE]}),
        cache_policy=CachePolicy(key_func=lambda state: state["messages"][-1].content),
    )
    graph.add_edge(START, "answer")
    first, second = (runs.updates(graph, {"messages": [HumanMessage("hello")]}) for _ in range(2))
    assert called.take() == {"answer": 1}
    assert first[0]["answer"] == second[0]["answer"] == {"messages": [_MESSAGE]}


_MESSAGE = AIMessage(
    "Hi!", id="1", usage_metadata={"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}, tool_calls=[_CALL]
)


def test_what_is_interrupted_is_not_cached_and_what_is_resumed_is(runs: Runs) -> None:
    called, thread = Called(), new_thread()
    graph = StateGraph(State)
    graph.add_node("prepare", called.node("prepare", lambda _: {"steps": ["p"]}), cache_policy=CachePolicy(ttl=60))
    graph.add_node(
        "ask", called.node("ask", lambda _: {"steps": [interrupt("sure?")]}), cache_policy=CachePolicy(ttl=60)
    )
    graph.add_edge(START, "prepare")
    graph.add_edge("prepare", "ask")
    assert "__interrupt__" in runs.updates(graph, {"question": "a"}, thread)[-1]
    again = runs.updates(graph, {"question": "a"})
    assert again[0]["__metadata__"] == {"cached": True}
    assert "__interrupt__" in again[-1]
    assert called.take() == {"prepare": 1, "ask": 2}
    assert runs.updates(graph, Command(resume="yes"), thread) == [{"ask": {"steps": ["yes"]}}]
    assert called.take() == {"ask": 1}
    assert runs.from_cache(graph, {"question": "a"}) == ["prepare", "ask"]


def test_a_node_that_fails_is_not_cached(runs: Runs) -> None:
    called = Called()

    def answer(_: State) -> State:
        if called.nodes["node"] < 3:
            raise ConnectionError("away")
        return {"steps": ["at last"]}

    graph = StateGraph(State)
    graph.add_node(
        "node",
        called.node("node", answer),
        cache_policy=CachePolicy(ttl=60),
        retry_policy=RetryPolicy(max_attempts=2, initial_interval=0.001, jitter=False),
    )
    graph.add_edge(START, "node")
    with pytest.raises(ConnectionError):
        runs.updates(graph, {"question": "a"})
    assert runs.updates(graph, {"question": "a"}) == [{"node": {"steps": ["at last"]}}]
    assert runs.from_cache(graph, {"question": "a"}) == ["node"]
    assert called.take() == {"node": 3}


def test_where_to_go_next_is_cached_as_well(runs: Runs) -> None:
    called = Called()
    graph = StateGraph(State)
    route = called.node("route", lambda state: Command(goto=state["question"], update={"steps": ["->"]}))
    graph.add_node("route", route, cache_policy=CachePolicy(ttl=60), destinations=("left", "right"))
    graph.add_node("left", called.node("left", lambda _: {"steps": ["l"]}))
    graph.add_node("right", called.node("right", lambda _: {"steps": ["r"]}))
    graph.add_edge(START, "route")
    for _ in range(2):
        assert runs.updates(graph, {"question": "right"})[-1] == {"right": {"steps": ["r"]}}
    assert runs.updates(graph, {"question": "left"})[-1] == {"left": {"steps": ["l"]}}
    assert called.take() == {"route": 2, "right": 2, "left": 1}


def fan_out(called: Called) -> Graph:
    graph = StateGraph(State)
    graph.add_node("split", lambda _: {})
    work = called.node("work", lambda item: {"steps": [item]})
    graph.add_node("work", work, cache_policy=CachePolicy(ttl=60))
    graph.add_edge(START, "split")
    graph.add_conditional_edges("split", lambda state: [Send("work", item) for item in state["items"]], ["work"])
    return graph


def test_a_fan_out_of_different_items(runs: Runs) -> None:
    called, items = Called(), [{"item": at} for at in range(30)]
    graph = fan_out(called)
    first = runs.updates(graph, {"items": items})
    assert called.take() == {"work": 30}
    second = runs.updates(graph, {"items": [*items, {"item": "new"}]})
    assert called.take() == {"work": 1}
    assert _steps(first) == [item["item"] for item in items]
    assert _steps(second) == [*range(30), "new"]


def _steps(updates: list[dict[str, Any]]) -> list[Any]:
    found = [step["item"] for update in updates if "work" in update for step in update["work"]["steps"]]
    return sorted(found, key=lambda item: (isinstance(item, str), item))


def test_a_fan_out_of_equal_items(make: MakeCache) -> None:
    """LangGraph looks up one of the tasks with an equal key, and runs the others, whichever the cache."""
    called, graph_input = Called(), {"items": [{"item": 1}] * 200}
    runs, graph = Runs(make(), None, on_a_loop=False), fan_out(called)
    assert len(_steps(runs.updates(graph, graph_input))) == 200
    assert called.take() == {"work": 200}
    assert len(_steps(runs.updates(graph, graph_input))) == 200
    assert called.take() == {"work": 199}


def test_a_graph_in_a_graph(runs: Runs) -> None:
    """The inner graph has the cache that it was compiled with; as a node it can be cached whole."""
    called = Called()
    inner = line(called).compile(cache=runs.cache)
    outer = StateGraph(State)
    outer.add_node("inner", inner)
    outer.add_edge(START, "inner")
    for _ in range(2):
        runs.updates(outer, {"question": "a"})
    assert called.take() == {"first": 1, "free": 2, "last": 1}

    whole = StateGraph(State)
    whole.add_node("inner", inner, cache_policy=CachePolicy(ttl=60))
    whole.add_edge(START, "inner")
    runs.updates(whole, {"question": "b"})
    called.take()
    assert runs.from_cache(whole, {"question": "b"}) == ["inner"]
    assert called.take() == {}


def test_tasks(runs: Runs) -> None:
    called: Counter[Any] = Counter()

    policy: Any = CachePolicy(ttl=60)

    @task(cache_policy=policy)
    def summarize(text: str, length: int = 3) -> str:
        called[text] += 1
        return text[:length]

    def flow(texts: list[str]) -> list[str]:
        return [future.result() for future in [summarize(text, length=2) for text in texts]]

    async def flow_on_a_loop(texts: list[str]) -> list[str]:
        return [await future for future in [summarize(text, length=2) for text in texts]]

    graph = entrypoint()(flow_on_a_loop if runs.on_a_loop else flow)
    texts = [f"{at}-text" for at in range(20)]
    for _ in range(2):
        assert list(runs.updates(graph, texts)[-1].values()) == [[text[:2] for text in texts]]
    assert set(called.values()) == {1}
    runs.updates(graph, ["another"])
    assert called["another"] == 1
    summarize.clear_cache(runs.cache)
    runs.updates(graph, texts[:1])
    assert called[texts[0]] == 2


def test_clearing_the_cache_of_nodes(runs: Runs) -> None:
    graph = line(Called())
    runs.updates(graph, {"question": "a"})
    graph.compile(cache=runs.cache).clear_cache(["first"])
    assert runs.from_cache(graph, {"question": "a"}) == ["last"]
    graph.compile(cache=runs.cache).clear_cache()
    assert runs.from_cache(graph, {"question": "a"}) == []
