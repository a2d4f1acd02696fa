"""The cache as a program on an event loop sees it."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Self, TypeVar, Unpack

from .acts import Acts
from .caching import Cacher, get_or_call
from .client import PromptCache
from .fields import (
    CallFields,
    FunctionFields,
    InvalidateFields,
    LookupFields,
    Request,
    StatsFields,
    StoreFields,
    StoreItem,
)
from .performing import AsyncPerformer
from .shared import Shared
from .values import Outcome, Stored

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class AsyncPromptCache:
    """PromptCache, awaited: the same acts, arguments, answers and errors, on whichever event loop runs."""

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        namespace: str | None = None,
        timeout: float = 2.0,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """As PromptCache."""
        self._begin(Shared(url, token, namespace, timeout, settings), owns=True)

    def _begin(self, shared: Shared, *, owns: bool) -> None:
        self._shared = shared
        self._owns = owns
        self._operations = shared.operations
        self._transport = shared.address.async_transport()
        self._performer = AsyncPerformer(self._transport)

    @classmethod
    def _of(cls, shared: Shared) -> Self:
        client = cls.__new__(cls)
        client._begin(shared, owns=False)
        return client

    @property
    def namespace(self) -> str | None:
        """That of requests which say no other."""
        return self._operations.namespace

    def as_sync(self) -> PromptCache:
        """The same cache, blocking."""
        return PromptCache._of(self._shared)

    # -- call -----

    async def get_or_call(self, request: Request, call: Callable[[], Awaitable[T]], **how: Unpack[CallFields]) -> T:
        return await self._run(get_or_call(self._shared, request, call, how))

    def cached(
        self,
        *,
        prompt: str | None = None,
        ignore: str | Collection[str] = (),
        instance: Callable[[Any], Any] | None = None,
        **how: Unpack[FunctionFields],
    ) -> Callable[[F], F]:
        return Cacher(
            self._shared,
            lambda: self._blocking._performer,
            lambda: self._performer,
            how,
            prompt=prompt,
            ignore=ignore,
            instance=instance,
        )

    @cached_property
    def _blocking(self) -> PromptCache:
        return self.as_sync()

    # -- look up, store -----

    async def lookup(self, request: Request | None = None, **fields: Unpack[LookupFields]) -> Outcome:
        return await self._run(self._operations.lookup(request, fields))

    async def lookup_many(self, requests: Iterable[Request], **fields: Unpack[LookupFields]) -> list[Outcome]:
        return await self._run(self._operations.lookup_many(requests, fields))

    async def store(self, response: Any, **fields: Unpack[StoreFields]) -> Stored:
        return await self._run(self._operations.store(response, fields))

    async def store_many(self, items: Iterable[StoreItem]) -> list[Stored]:
        return await self._run(self._operations.store_many(items))

    async def release(self, key: str, lease: str) -> bool:
        return await self._run(self._operations.release(key, lease))

    # -- take out -----

    async def invalidate(self, request: Request | None = None, **fields: Unpack[InvalidateFields]) -> int:
        return await self._run(self._operations.invalidate(request, fields))

    async def bump(self, names: str | Sequence[str], namespace: str | None = None) -> dict[str, int]:
        return await self._run(self._operations.bump(names, namespace))

    async def flush(self, namespace: str | None = None, *, all: bool = False) -> int:  # noqa: A002 - as in the API
        return await self._run(self._operations.flush(namespace, all))

    async def reject(self, key: str, request: Request | None = None) -> bool:
        return await self._run(self._operations.reject(key, request))

    async def accept(self, key: str, request: Request) -> bool:
        return await self._run(self._operations.accept(key, request))

    async def stats(self, **fields: Unpack[StatsFields]) -> dict[str, Any]:
        return await self._run(self._operations.stats(fields))

    # -----

    async def close(self) -> None:
        if self._owns or not self._shared.address.is_embedded:
            await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._shared.address}>"

    async def _run(self, acts: Acts[T]) -> T:
        return await self._performer.run(acts)
