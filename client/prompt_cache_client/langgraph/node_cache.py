"""LangGraph's cache for nodes and tasks, in Prompt Cache."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from langgraph.cache.base import BaseCache, FullKey, Namespace
from langgraph.checkpoint.serde.base import SerializerProtocol

from .. import AsyncPromptCache, BadRequest, NotRecorded, Outcome, PromptCache, PromptCacheError
from ..fields import StoreItem
from ..loops import PerLoop
from ..tickets import Tickets
from .entries import ALL, is_finished, node_of, packed, request_of, source_of, tag_of, tags_of, unpacked
from .serde import NodeSerializer, Refused

DependsOn = Mapping[str, str | Sequence[str]] | Callable[[Namespace], str | Sequence[str] | None]
"""Names by node; or what gives the names of a namespace."""

_NOT_LOOKED_UP = "nodes are not looked up"
_NOT_STORED = "the answer of a node is not stored"
_UNDER_WAY = 10_000
"""Tasks at once, or that never came to an end."""
_TAGS = 100
"""The most tags that one invalidation takes."""
_BATCH_BYTES = 4_000_000
"""About how much is stored with one call; the cache server takes 10 MB unless configured."""
_NOT_COUNTED: dict[str, int] = {}
"""The usage of a node's answer: what it is worth nobody knows, and no length tells."""


class PromptCacheNodeCache(BaseCache[Any]):
    """The answers of nodes with a `CachePolicy`, shared by all who compile their graphs with the same cache.

    A policy without a `ttl` gives an answer the life that its namespace has in the cache, 24 hours unless configured.
    A cache that is away, or cannot keep an answer, is logged and never fails a node. Only `clear` raises, because what
    stays would be served; and `get` raises NotRecorded in a namespace that replays a cassette.
    """

    serde: SerializerProtocol = NodeSerializer()

    def __init__(
        self,
        client: PromptCache | AsyncPromptCache | str,
        *,
        namespace: str | None = None,
        depends_on: DependsOn | None = None,
        allow: Iterable[type] = (),
        serde: SerializerProtocol | None = None,
    ) -> None:
        """`client` may be its URL; `namespace` goes before the client's own.

        `depends_on` says which names a node's answers depend on, `{"retrieve": ["kb"]}`: a bump of `kb` outdates them.
        `allow` are classes of the caller's own that nodes give back, see NodeSerializer; `serde` takes its place.
        """
        allowed = list(allow)
        if allowed and serde is not None:
            raise ValueError("allow: it is for the serializer that is there without `serde`; give one of the two")
        super().__init__(serde=NodeSerializer(allowed) if allowed else serde)
        kept = self.serde
        self._serde_name = kept.name if isinstance(kept, NodeSerializer) else type(kept).__qualname__
        chosen = PromptCache(client) if isinstance(client, str) else client
        self._sync = chosen if isinstance(chosen, PromptCache) else chosen.as_sync()
        self._async = chosen if isinstance(chosen, AsyncPromptCache) else chosen.as_async()
        self._namespace: dict[str, Any] = {"namespace": namespace} if namespace else {}
        self._depends_on = depends_on or {}
        self._tickets = Tickets(_UNDER_WAY)
        self._storing: PerLoop[tuple[asyncio.Lock, list[StoreItem]]] = PerLoop(lambda: (asyncio.Lock(), []))
        """Whose turn it is to store, and what waits for it."""
        self._shared = chosen._shared

    # -- what LangGraph calls -----

    def get(self, keys: Sequence[FullKey]) -> dict[FullKey, Any]:
        try:
            asked = self._asked(keys)
            return self._found(asked, self._sync.lookup_many(asked.values())) if asked else {}
        except Exception as error:
            return self._not_found(error)

    async def aget(self, keys: Sequence[FullKey]) -> dict[FullKey, Any]:
        try:
            asked = self._asked(keys)
            return self._found(asked, await self._async.lookup_many(asked.values())) if asked else {}
        except Exception as error:
            return self._not_found(error)

    def set(self, pairs: Mapping[FullKey, tuple[Any, int | None]]) -> None:
        for items in _batches(self._items(pairs)):
            self._store(items)

    async def aset(self, pairs: Mapping[FullKey, tuple[Any, int | None]]) -> None:
        # A fan-out ends many tasks at once: whoever comes first stores for all who wait meanwhile.
        turn, waiting = self._storing.get()
        waiting.extend(self._items(pairs))
        async with turn:
            items, waiting[:] = list(waiting), []
            for some in _batches(items):
                await self._astore(some)

    def clear(self, namespaces: Sequence[Namespace] | None = None) -> None:
        """Forget what lies in the namespaces and below them, or all answers of nodes. Raises PromptCacheError."""
        for tags in _tags(namespaces):
            self._sync.invalidate(tags=tags, **self._namespace)

    async def aclear(self, namespaces: Sequence[Namespace] | None = None) -> None:
        """Forget what lies in the namespaces and below them, or all answers of nodes. Raises PromptCacheError."""
        for tags in _tags(namespaces):
            await self._async.invalidate(tags=tags, **self._namespace)

    # -----

    def _store(self, items: list[StoreItem]) -> None:
        try:
            self._sync.store_many(items)
            self._shared.recovered(_NOT_STORED)
        except Exception as error:
            if isinstance(error, BadRequest) and len(items) > 1:
                for item in items:  # one of them is refused
                    self._store([item])
            else:
                self._complain(_NOT_STORED, error)

    async def _astore(self, items: list[StoreItem]) -> None:
        try:
            await self._async.store_many(items)
            self._shared.recovered(_NOT_STORED)
        except Exception as error:
            if isinstance(error, BadRequest) and len(items) > 1:
                for item in items:
                    await self._astore([item])
            else:
                self._complain(_NOT_STORED, error)

    # -- without a network -----

    def _asked(self, keys: Iterable[FullKey]) -> dict[FullKey, dict[str, Any]]:
        return {key: self._request(key, self._names(key[0])) | {"source": source_of(key[0])} for key in keys}

    def _request(self, key: FullKey, depends_on: Sequence[str] = ()) -> dict[str, Any]:
        return request_of(key, self._serde_name, depends_on) | self._namespace

    def _found(self, keys: Iterable[FullKey], outcomes: Sequence[Outcome]) -> dict[FullKey, Any]:
        self._shared.recovered(_NOT_LOOKED_UP)
        values: dict[FullKey, Any] = {}
        for key, outcome in zip(keys, outcomes, strict=True):
            if outcome.status == "hit":
                self._tickets.take(*_asked_with(key))
                try:
                    values[tuple(key[0]), key[1]] = self.serde.loads_typed(unpacked(outcome.response))
                except Exception as error:
                    self._complain(f"a stored answer of {_shown(key)} cannot be read", error)
            elif outcome.ticket:
                self._tickets.miss(*_asked_with(key), outcome.ticket)
        return values

    def _not_found(self, error: Exception) -> dict[FullKey, Any]:
        if isinstance(error, NotRecorded):
            raise error
        self._complain(_NOT_LOOKED_UP, error)
        return {}

    def _items(self, pairs: Mapping[FullKey, tuple[Any, int | None]]) -> Iterator[StoreItem]:
        for key, (value, ttl) in pairs.items():
            ticket = self._tickets.take(*_asked_with(key))
            try:
                depends_on = self._names(key[0])
                if (ttl is not None and ttl <= 0) or not is_finished(value):
                    continue
                if depends_on and ticket is None:
                    continue  # without its lookup nobody knows from when its data is
                item = StoreItem(
                    request=self._request(key, depends_on),
                    response=packed(self.serde.dumps_typed(value)),
                    ticket=ticket and ticket.ticket,
                    tags=tags_of(key[0]),
                    depends_on=depends_on,
                    usage=_NOT_COUNTED,
                    source=source_of(key[0]),
                )
                if ttl is not None:
                    item["ttl"] = ttl
                yield item
            except Exception as error:
                self._complain(f"an answer of {_shown(key)} is not stored", error)

    def _names(self, namespace: Namespace) -> list[str]:
        chosen = self._depends_on
        names = chosen(namespace) if callable(chosen) else chosen.get(node_of(namespace))
        return [names] if isinstance(names, str) else sorted(set(names or ()))

    def _complain(self, about: str, error: Exception) -> None:
        """Say what is wrong, with words of ours alone: others' may repeat what a node gave back."""
        self._shared.warn(about, error if isinstance(error, PromptCacheError | Refused) else type(error).__name__)


def _batches(items: Iterable[StoreItem]) -> Iterator[list[StoreItem]]:
    """Few calls, each of a size that a cache server takes."""
    batch: list[StoreItem] = []
    size = 0
    for item in items:
        length = len(str(item["response"]))
        if batch and size + length > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += length
    if batch:
        yield batch


def _tags(namespaces: Sequence[Namespace] | None) -> Iterator[list[str]]:
    tags = [ALL] if namespaces is None else [tag_of(tuple(namespace)) for namespace in namespaces]
    for start in range(0, len(tags), _TAGS):
        yield tags[start : start + _TAGS]


def _asked_with(key: FullKey) -> tuple[str, Namespace]:
    """The string object of a task, and where it lies."""
    return key[1], tuple(key[0])


def _shown(key: FullKey) -> str:
    return repr(node_of(key[0]))
