"""Runs of a graph: what each step put out, and whether it came from the cache."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from langgraph.cache.base import BaseCache
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

Graph = StateGraph[Any, Any, Any, Any]
Flow = Pregel[Any, Any, Any, Any]
Update = dict[str, Any]

_threads = itertools.count()


def new_thread() -> str:
    """Of a conversation; another than all before."""
    return f"thread-{next(_threads)}"


class Runs:
    """Compiles graphs with a cache and a checkpointer, and runs them."""

    def __init__(self, cache: BaseCache[Any], saver: Path | None, *, on_a_loop: bool) -> None:
        """`saver` is SQLite's file; None keeps checkpoints in memory."""
        self.cache = cache
        self.on_a_loop = on_a_loop
        self._file = saver
        self._memory = InMemorySaver()

    def updates(self, graph: Graph | Flow, asked: Any, thread: str | None = None) -> list[Update]:
        """What each step put out, with `__metadata__` where that came from the cache."""
        return (
            asyncio.run(self._on_a_loop(graph, asked, thread))
            if self.on_a_loop
            else self._blocking(graph, asked, thread)
        )

    def from_cache(self, graph: Graph | Flow, asked: Any, thread: str | None = None) -> list[str]:
        """The nodes whose answers came from the cache."""
        return [
            name
            for update in self.updates(graph, asked, thread)
            if update.get("__metadata__") == {"cached": True}
            for name in update
            if name != "__metadata__"
        ]

    def _blocking(self, graph: Any, asked: Any, thread: str | None) -> list[Update]:
        with self._saver() as saver:
            app = self._compiled(graph, saver)
            return list(app.stream(asked, _config(thread), stream_mode="updates"))

    async def _on_a_loop(self, graph: Any, asked: Any, thread: str | None) -> list[Update]:
        async with self._async_saver() as saver:
            app = self._compiled(graph, saver)
            return [update async for update in app.astream(asked, _config(thread), stream_mode="updates")]

    def _compiled(self, graph: Any, saver: BaseCheckpointSaver[Any]) -> Any:
        if isinstance(graph, StateGraph):
            return graph.compile(cache=self.cache, checkpointer=saver)
        graph.cache, graph.checkpointer = self.cache, saver
        return graph

    @contextmanager
    def _saver(self) -> Iterator[BaseCheckpointSaver[Any]]:
        if self._file is None:
            yield self._memory
        else:
            with SqliteSaver.from_conn_string(str(self._file)) as saver:
                yield saver

    @asynccontextmanager
    async def _async_saver(self) -> AsyncIterator[BaseCheckpointSaver[Any]]:
        if self._file is None:
            yield self._memory
        else:
            async with AsyncSqliteSaver.from_conn_string(str(self._file)) as saver:
                yield saver


def _config(thread: str | None) -> Any:
    return {"configurable": {"thread_id": thread or new_thread()}}
