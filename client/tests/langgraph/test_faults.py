"""A cache never fails a node, whatever happens to it."""

import asyncio
import logging
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from langgraph.cache.base import FullKey
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import CachePolicy

from prompt_cache_client import AsyncPromptCache, CacheUnavailable, NotRecorded, PromptCache
from prompt_cache_client.langgraph import PromptCacheNodeCache

from .caches import Calls
from .runs import Runs
from .test_graphs import Called, line

KEY: FullKey = (("writes", "app.node", "node"), "key")
SECRET = "what a node said"


@pytest.fixture
def client() -> Iterator[PromptCache]:
    with PromptCache("memory://") as client:
        yield client


@pytest.mark.parametrize("on_a_loop", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("make", [PromptCache, AsyncPromptCache])
def test_a_cache_that_is_away(make: Callable[..., Any], on_a_loop: bool, caplog: pytest.LogCaptureFixture) -> None:
    called = Called()
    runs = Runs(PromptCacheNodeCache(make("http://127.0.0.1:9", timeout=0.5)), None, on_a_loop=on_a_loop)
    for _ in range(3):
        assert runs.updates(line(called), {"question": "a"})[-1] == {"last": {"steps": [2]}}
    assert called.take() == {"first": 3, "free": 3, "last": 3}
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "nodes are not looked up",
        "the answer of a node is not stored",
    ]


@pytest.mark.parametrize("on_a_loop", [False, True], ids=["sync", "async"])
def test_a_client_with_a_fault_of_its_own(
    client: PromptCache, on_a_loop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError(SECRET)

    for kind in (PromptCache, AsyncPromptCache):
        for name in ("lookup_many", "store_many"):
            monkeypatch.setattr(kind, name, broken)
    runs = Runs(PromptCacheNodeCache(client), None, on_a_loop=on_a_loop)
    assert runs.updates(line(Called()), {"question": "a"})[-1] == {"last": {"steps": [2]}}


def test_to_clear_what_cannot_be_cleared_is_said() -> None:
    """What stays would be served as soon as the cache is back."""
    cache: PromptCacheNodeCache = PromptCacheNodeCache("http://127.0.0.1:9")
    with pytest.raises(CacheUnavailable):
        cache.clear()
    with pytest.raises(CacheUnavailable):
        asyncio.run(cache.aclear([KEY[0]]))


@pytest.mark.parametrize("on_a_loop", [False, True], ids=["sync", "async"])
def test_what_a_cassette_does_not_hold_is_said(tmp_path: Path, on_a_loop: bool) -> None:
    """And what it holds is replayed: nodes run once, while recording."""
    file, called = tmp_path / "graph.jsonl", Called()
    graph = line(called)
    for mode, ran in (("record", {"first": 1, "free": 1, "last": 1}), ("replay", {"free": 1})):
        with PromptCache(f"{mode}:{file}") as client:
            runs = Runs(PromptCacheNodeCache(client, depends_on={"first": "kb"}), None, on_a_loop=on_a_loop)
            assert runs.updates(graph, {"question": "a"})[-1]["last"] == {"steps": [2]}
            assert called.take() == ran
    assert '"writes":[["steps",["1a"]],' in file.read_text()
    with PromptCache(f"replay:{file}") as client:
        runs = Runs(PromptCacheNodeCache(client), None, on_a_loop=on_a_loop)
        with pytest.raises(NotRecorded, match="The nearest is line"):
            runs.updates(graph, {"question": "b"})
    assert called.take() == {}


@dataclass
class Own:
    text: str


class Unserializable:
    def __repr__(self) -> str:
        return SECRET


@pytest.mark.parametrize("value", [Own(SECRET), Unserializable(), 2**70], ids=lambda each: type(each).__name__)
def test_what_cannot_be_kept_is_said_without_saying_it(
    client: PromptCache, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cache: PromptCacheNodeCache = PromptCacheNodeCache(client)
    other: FullKey = (KEY[0], "other")
    cache.set({KEY: (value, 60), other: (1, 60)})
    assert cache.get([KEY, other]) == {other: 1}
    assert "is not stored" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "response",
    [
        "text",
        {"of": "langgraph", "serde": "msgpack", "base64": "wQ=="},
        {"of": "langgraph", "serde": "pickle", "base64": "gASVBQAAAAAAAACMAWGULg=="},
        {"of": "langgraph", "serde": "msgpack", "base64": "not base64"},
        {"of": "langgraph", "serde": ["msgpack"], "base64": ""},
    ],
)
def test_what_somebody_else_stored_is_a_miss(client: PromptCache, response: Any) -> None:
    cache: PromptCacheNodeCache = PromptCacheNodeCache(client)
    request = cache._request(KEY)
    assert client.store(response, request=request).stored
    assert cache.get([KEY]) == {}
    cache.set({KEY: ("ours", 60)})
    assert cache.get([KEY]) == {KEY: "ours"}


def test_serializers_do_not_read_each_other(client: PromptCache) -> None:
    class Other(JsonPlusSerializer):
        def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
            return "other", repr(obj).encode()

        def loads_typed(self, data: tuple[str, bytes]) -> Any:
            return data

    ours: PromptCacheNodeCache = PromptCacheNodeCache(client)
    other: PromptCacheNodeCache = PromptCacheNodeCache(client, serde=Other())
    other.set({KEY: (1, 60)})
    assert other.get([KEY]) == {KEY: ("other", b"1")}
    assert ours.get([KEY]) == {}
    with pytest.raises(ValueError, match="allow"):
        PromptCacheNodeCache(client, serde=Other(), allow=[Own])


def test_a_function_of_names_that_fails_keeps_nothing(client: PromptCache) -> None:
    def names(namespace: tuple[str, ...]) -> list[str]:
        raise KeyError(namespace)

    runs = Runs(PromptCacheNodeCache(client, depends_on=names), None, on_a_loop=False)
    for _ in range(2):
        assert runs.from_cache(line(Called()), {"question": "a"}) == []


@pytest.mark.parametrize("writes", [[], [("steps", ["half"]), ("__error__", "quota")], [("__interrupt__", "sure?")]])
def test_what_did_not_come_to_its_end_is_not_kept(client: PromptCache, writes: list[tuple[str, Any]]) -> None:
    """Older LangGraphs give this to their cache, and a hit skips the node without a word."""
    cache = PromptCacheNodeCache(client)
    cache.set({KEY: (deque(writes), 60)})
    assert cache.get([KEY]) == {}
    cache.set({KEY: (deque([("steps", ["whole"]), ("branch:to:next", None)]), 60)})
    assert cache.get([KEY]) == {KEY: [["steps", ["whole"]], ["branch:to:next", None]]}


@pytest.mark.parametrize("on_a_loop", [False, True], ids=["sync", "async"])
def test_one_that_is_refused_takes_no_others_along(client: PromptCache, on_a_loop: bool) -> None:
    cache = Calls(PromptCacheNodeCache(client), on_a_loop=on_a_loop)
    refused: FullKey = (tuple(f"level {at}" for at in range(120)), "has more tags than the cache takes")
    keys: list[FullKey] = [(KEY[0], str(at)) for at in range(5)]
    cache.set(dict.fromkeys([*keys[:2], refused, *keys[2:]], ("answer", 60)))
    assert cache.get([refused, *keys]) == dict.fromkeys(keys, "answer")


def test_what_ends_at_once_on_an_event_loop_is_stored_together(
    client: PromptCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call each would be more than a server answers in time."""
    sizes: list[int] = []
    store_many = AsyncPromptCache.store_many

    async def counted(self: AsyncPromptCache, items: Any) -> Any:
        sizes.append(len(items))
        await asyncio.sleep(0.01)
        return await store_many(self, items)

    monkeypatch.setattr(AsyncPromptCache, "store_many", counted)
    cache = PromptCacheNodeCache(client)
    keys: list[FullKey] = [(KEY[0], str(at)) for at in range(300)]

    async def run() -> dict[FullKey, Any]:
        first = asyncio.create_task(cache.aset({keys[0]: (0, 60)}))
        await asyncio.sleep(0.005)
        await asyncio.gather(*(cache.aset({key: (at, 60)}) for at, key in enumerate(keys[1:], 1)))
        assert first.done()
        return await cache.aget(keys)

    assert asyncio.run(run()) == {key: at for at, key in enumerate(keys)}
    assert sum(sizes) == 300
    assert len(sizes) <= 3
    assert asyncio.run(cache.aget(keys[:1])) == {keys[0]: 0}


def test_a_life_of_nothing(client: PromptCache) -> None:
    runs = Runs(PromptCacheNodeCache(client), None, on_a_loop=False)
    graph = line(Called(), CachePolicy(ttl=0))
    for _ in range(2):
        assert runs.from_cache(graph, {"question": "a"}) == []


def test_without_langgraph_it_says_what_to_install() -> None:
    program = "import sys; sys.modules['langgraph'] = None; import prompt_cache_client.langgraph"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "needs LangGraph: pip install 'prompt-cache-client[langgraph]'" in finished.stderr
