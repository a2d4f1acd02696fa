"""What nodes answer from data that changes: outdated at once, and old data is never taken for fresh."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypedDict, cast

import pytest
from langgraph.cache.base import FullKey, Namespace
from langgraph.cache.memory import InMemoryCache
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import CachePolicy, Send

from prompt_cache_client import PromptCache
from prompt_cache_client.langgraph import PromptCacheNodeCache

from .runs import Graph

CACHED: Any = CachePolicy(ttl=60)


class State(TypedDict, total=False):
    question: str
    docs: str
    answer: str


@pytest.fixture
def client() -> Iterator[PromptCache]:
    with PromptCache("memory://", namespace="rag") as client:
        yield client


@pytest.fixture
def cache(client: PromptCache) -> PromptCacheNodeCache:
    return PromptCacheNodeCache(client, depends_on={"retrieve": ["kb"]})


class Data:
    """What a node reads; while it reads, `meanwhile` happens."""

    def __init__(self) -> None:
        self.version = 1
        self.reads = 0
        self.meanwhile: Callable[[int], None] = lambda _: None

    def retrieve(self, _: State) -> State:
        self.reads += 1
        read, found = self.reads, f"version {self.version}"
        self.meanwhile(read)
        return {"docs": found}


def graph_of(data: Data) -> Graph:
    graph, retrieve = StateGraph(State), cast(Any, data.retrieve)
    graph.add_node("retrieve", retrieve, cache_policy=CACHED)
    graph.add_edge(START, "retrieve")
    return graph


def test_a_bump_outdates_the_nodes_that_depend_on_the_name(client: PromptCache) -> None:
    data, answered = Data(), []

    def answer(state: State) -> State:
        answered.append(state["docs"])
        return {"answer": state["docs"]}

    graph = graph_of(data)
    graph.add_node("answer", answer, cache_policy=CACHED)
    graph.add_edge("retrieve", "answer")
    app = graph.compile(cache=PromptCacheNodeCache(client, depends_on={"retrieve": "kb"}))
    for _ in range(2):
        assert app.invoke({"question": "q"})["answer"] == "version 1"
    assert (data.reads, len(answered)) == (1, 1)
    client.bump("another")
    app.invoke({"question": "q"})
    assert data.reads == 1
    client.bump("kb")
    app.invoke({"question": "q"})
    assert (data.reads, len(answered)) == (2, 1)  # the documents were the same
    data.version = 2
    client.bump("kb")
    for _ in range(2):
        assert app.invoke({"question": "q"})["answer"] == "version 2"
    assert (data.reads, len(answered)) == (3, 2)


def test_an_answer_made_while_its_data_changed_is_not_kept(client: PromptCache, cache: PromptCacheNodeCache) -> None:
    data = Data()
    app = graph_of(data).compile(cache=cache)

    def change(read: int) -> None:
        if read == 1:
            data.version = 2
            client.bump("kb")

    data.meanwhile = change
    assert [app.invoke({"question": "q"})["docs"] for _ in range(3)] == ["version 1", "version 2", "version 2"]
    assert data.reads == 2


def test_the_same_on_an_event_loop(client: PromptCache, cache: PromptCacheNodeCache) -> None:
    data = Data()
    app = graph_of(data).compile(cache=cache)

    async def run() -> list[str]:
        found = [(await app.ainvoke({"question": "q"}))["docs"]]
        data.version = 2
        await client.as_async().bump("kb")
        return [*found, *[(await app.ainvoke({"question": "q"}))["docs"] for _ in range(2)]]

    assert asyncio.run(run()) == ["version 1", "version 2", "version 2"]
    assert data.reads == 2


@pytest.mark.parametrize("last", ["old", "new"])
def test_two_runs_of_one_question_with_a_change_between_them(
    client: PromptCache, cache: PromptCacheNodeCache, last: str
) -> None:
    """Whichever of them ends last."""
    data = Data()
    app = graph_of(data).compile(cache=cache)
    reached, go_on = threading.Event(), threading.Event()
    new_reached, new_go_on = threading.Event(), threading.Event()

    def wait(read: int) -> None:
        if read == 1:
            reached.set()
            assert go_on.wait(10)
        elif last == "new":
            new_reached.set()
            assert new_go_on.wait(10)

    def run() -> None:
        app.invoke({"question": "q"})

    data.meanwhile = wait
    old = threading.Thread(target=run)
    old.start()
    assert reached.wait(10)
    data.version = 2
    client.bump("kb")
    new = threading.Thread(target=run)
    new.start()
    if last == "new":
        assert new_reached.wait(10)
        go_on.set()
        old.join(10)
        new_go_on.set()
        new.join(10)
    else:
        new.join(10)
        go_on.set()
        old.join(10)
    data.meanwhile = lambda _: None
    assert app.invoke({"question": "q"})["docs"] == "version 2"
    assert data.reads == 2, "the newer answer was kept, whatever the older did"


def test_a_fan_out_of_equal_items_with_a_change_in_the_middle(client: PromptCache) -> None:
    """LangGraph looks up one of them, and stores them all: the others' answers are of nobody knows when."""
    version, both, changed = [1], threading.Barrier(2), threading.Event()

    class Found(TypedDict, total=False):
        docs: Annotated[list[str], lambda old, new: old + new]

    def work(_: Found) -> Found:
        found = f"version {version[0]}"
        if not changed.is_set() and both.wait(10) == 0:
            version[0] = 2
            client.bump("kb")
            changed.set()
        assert changed.wait(10)
        return {"docs": [found]}

    graph = StateGraph(Found)
    graph.add_node("work", cast(Any, work), cache_policy=CACHED)
    graph.add_conditional_edges(START, lambda _: [Send("work", 1), Send("work", 1)], ["work"])
    app = graph.compile(cache=PromptCacheNodeCache(client, depends_on={"work": ["kb"]}))
    assert app.invoke({"docs": []})["docs"] == ["version 1"] * 2
    assert app.invoke({"docs": []})["docs"] == ["version 2"] * 2


def test_tasks_of_a_flow_that_grows_while_data_changes(client: PromptCache) -> None:
    """LangGraph looks a running task up again whenever another begins; its data is of before all the same."""
    version = [1]
    started, go_on = threading.Event(), threading.Event()

    @task(cache_policy=CACHED)
    def read(name: str) -> str:
        found = f"{name} {version[0]}"
        if name == "slow" and not go_on.is_set():
            started.set()
            assert go_on.wait(10)
        return found

    @entrypoint(cache=PromptCacheNodeCache(client, depends_on={"read": ["kb"]}))
    def flow(_: str) -> list[str]:
        slow = read("slow")
        assert started.wait(10)
        version[0] = 2
        client.bump("kb")
        quick = read("quick")  # looks both up
        quick.result()
        go_on.set()
        return [slow.result(), quick.result()]

    assert flow.invoke("") == ["slow 1", "quick 2"]
    started.set()
    assert flow.invoke("") == ["slow 2", "quick 2"]


def test_names_may_come_from_a_function(client: PromptCache) -> None:
    asked: list[Namespace] = []

    def names(namespace: Namespace) -> list[str] | None:
        asked.append(namespace)
        return ["kb", "prompts"] if "retrieve" in namespace else None

    data = Data()
    graph = graph_of(data)
    graph.add_node("answer", lambda state: {"answer": state["docs"]}, cache_policy=CACHED)
    graph.add_edge("retrieve", "answer")
    app = graph.compile(cache=PromptCacheNodeCache(client, depends_on=names))
    for name in ("prompts", "kb"):
        app.invoke({"question": "q"})
        client.bump(name)
    app.invoke({"question": "q"})
    assert data.reads == 3
    assert {namespace[-1] for namespace in asked} == {"retrieve", "answer"}
    assert client.stats(group_by="node")["groups"][0]["hits"] == 2


def test_what_was_stored_before_its_node_depended_on_a_name_is_not_served(client: PromptCache) -> None:
    """No bump would outdate it."""
    data = Data()
    graph = graph_of(data)
    for depends_on in ({}, {"retrieve": ["kb"]}, {"retrieve": ["prompts", "kb"]}, {"retrieve": ["kb", "prompts"]}, {}):
        graph.compile(cache=PromptCacheNodeCache(client, depends_on=depends_on)).invoke({"question": "q"})
    assert data.reads == 3


def test_what_was_never_looked_up_is_kept_only_where_nothing_outdates_it(cache: PromptCacheNodeCache) -> None:
    known: FullKey = (("writes", "app.plain", "plain"), "key")
    unknown: FullKey = (("writes", "app.retrieve", "retrieve"), "key")
    cache.set({known: (1, 60), unknown: (2, 60)})
    assert cache.get([known, unknown]) == {known: 1}


class Watching(InMemoryCache[Any]):
    """Keeps the string objects of the keys that it is asked for and given."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.given: list[str] = []

    def get(self, keys: Any) -> Any:
        self.asked += [key[1] for key in keys]
        return super().get(keys)

    def set(self, keys: Any) -> None:
        self.given += [key[1] for key in keys]
        super().set(keys)


@pytest.mark.parametrize("on_a_loop", [False, True], ids=["sync", "async"])
def test_langgraph_gives_a_tasks_own_key_object_back(on_a_loop: bool) -> None:
    """That which Tickets rests on: with another LangGraph, nodes that depend on names might never be kept."""
    watching = Watching()
    graph = graph_of(Data())
    graph.add_node("work", lambda item: {"answer": str(item)}, cache_policy=CACHED)
    graph.add_conditional_edges("retrieve", lambda _: [Send("work", at) for at in range(1)], ["work"])
    app = graph.compile(cache=watching)
    asyncio.run(app.ainvoke({"question": "q"})) if on_a_loop else app.invoke({"question": "q"})
    assert len(watching.given) == 2
    assert all(any(given is asked for asked in watching.asked) for given in watching.given)
