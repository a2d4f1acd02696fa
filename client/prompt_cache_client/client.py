"""The cache as a program sees it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from .acts import Acts
from .caching import Cacher, get_or_call
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
from .performing import AsyncPerformer, Performer
from .shared import Shared
from .transports.threads import Threaded
from .values import Outcome, Stored

if TYPE_CHECKING:
    from .async_client import AsyncPromptCache

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class PromptCache:
    """A cache for the answers of LLM calls: a server's (`http://...`), or in this process (`sqlite:///...`, ...).

    Safe to share between threads, and to take along into a fork. A request is text, chat messages or a mapping of
    fields; fields of the same names may be given beside it. Every method raises CacheUnavailable, BadRequest and
    NotRecorded.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        namespace: str | None = None,
        timeout: float = 2.0,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Without a `url`, that of PROMPT_CACHE_URL or a server on this machine; the token may be PROMPT_CACHE_TOKEN.

        `namespace` is that of requests which say no other, `timeout` the seconds that the cache may take; `settings`
        are those of a cache in this process, named as in the server's file. Raises ValueError about any of them, and
        ImportError where an extra is missing.
        """
        self._begin(Shared(url, token, namespace, timeout, settings), owns=True)

    def _begin(self, shared: Shared, *, owns: bool) -> None:
        self._shared = shared
        self._owns = owns
        self._operations = shared.operations
        self._transport = shared.address.transport()
        self._performer = Performer(self._transport)
        self._async_performer = AsyncPerformer(Threaded(self._transport))

    @classmethod
    def _of(cls, shared: Shared) -> Self:
        client = cls.__new__(cls)
        client._begin(shared, owns=False)
        return client

    @property
    def namespace(self) -> str | None:
        """That of requests which say no other."""
        return self._operations.namespace

    def as_async(self) -> "AsyncPromptCache":
        """The same cache on an event loop. Raises ImportError without httpx."""
        from .async_client import AsyncPromptCache

        return AsyncPromptCache._of(self._shared)

    # -- call -----

    def get_or_call(self, request: Request, call: Callable[[], T], **how: Unpack[CallFields]) -> T:
        """The answer to a request: from the cache, or by the call, whose answer is then cached.

        The call is made by one at a time, in all threads and processes; who asks the same meanwhile waits for its
        answer. Whatever the cache does wrong, the call is made. Raises what the call raises, and NotRecorded;
        BudgetExhausted with `within_budget` alone.
        """
        return self._run(get_or_call(self._shared, request, call, how))  # type: ignore[no-any-return]

    def cached(
        self,
        *,
        prompt: str | None = None,
        ignore: str | Collection[str] = (),
        instance: Callable[[Any], Any] | None = None,
        **how: Unpack[FunctionFields],
    ) -> Callable[[F], F]:
        """Cache a function's answers: plain, `async`, a generator or an asynchronous generator.

        The prompt is its argument `prompt`, or the one named prompt, messages, request or question. The function's
        name and all other arguments are in the key, but those to `ignore`; of `self` the values that it holds, or what
        `instance` returns for it. A generator's items come as they are made, and are kept once it is exhausted.
        """
        return Cacher(
            self._shared,
            lambda: self._performer,
            lambda: self._async_performer,
            how,
            prompt=prompt,
            ignore=ignore,
            instance=instance,
        )

    # -- look up, store -----

    def lookup(self, request: Request | None = None, **fields: Unpack[LookupFields]) -> Outcome:
        """Is there an answer to this request?"""
        return self._run(self._operations.lookup(request, fields))

    def lookup_many(self, requests: Iterable[Request], **fields: Unpack[LookupFields]) -> list[Outcome]:
        """One outcome each, in order; `fields` are those of all."""
        return self._run(self._operations.lookup_many(requests, fields))

    def store(self, response: Any, **fields: Unpack[StoreFields]) -> Stored:
        """Store an answer, any JSON, under the `key` and `ticket` of a lookup, or under its `request`."""
        return self._run(self._operations.store(response, fields))

    def store_many(self, items: Iterable[StoreItem]) -> list[Stored]:
        """Store many; each says what became of it."""
        return self._run(self._operations.store_many(items))

    def release(self, key: str, lease: str) -> bool:
        """Give a lease back without storing; False when it was not held any more."""
        return self._run(self._operations.release(key, lease))

    # -- take out -----

    def invalidate(self, request: Request | None = None, **fields: Unpack[InvalidateFields]) -> int:
        """Delete what meets all conditions: a request, or `key`, `tags`, `model`, `attributes`, `older_than`."""
        return self._run(self._operations.invalidate(request, fields))

    def bump(self, names: str | Sequence[str], namespace: str | None = None) -> dict[str, int]:
        """Whatever depends on these names is stale from now on; returns the number each has now."""
        return self._run(self._operations.bump(names, namespace))

    def flush(self, namespace: str | None = None, *, all: bool = False) -> int:  # noqa: A002 - as in the API
        """Empty a namespace, or everything; returns how many entries that were."""
        return self._run(self._operations.flush(namespace, all))

    def reject(self, key: str, request: Request | None = None) -> bool:
        """Say that the answer served under this key was wrong: it is not served again. False where there is none.

        An answer to another question, whose key is that of `outcome.matched`, stays there; this request never gets it.
        """
        return self._run(self._operations.reject(key, request))

    def accept(self, key: str, request: Request) -> bool:
        """Say that the answer under this key is that to the request as well, from now on. False where there is none."""
        return self._run(self._operations.accept(key, request))

    def stats(self, **fields: Unpack[StatsFields]) -> dict[str, Any]:
        """What was asked, served and saved."""
        return self._run(self._operations.stats(fields))

    # -----

    def close(self) -> None:
        """Let go of connections, and of the store in this process, unless it came with another client's `as_...`."""
        if self._owns or not self._shared.address.is_embedded:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._shared.address}>"

    def _run(self, acts: Acts[T]) -> T:
        return self._performer.run(acts)
