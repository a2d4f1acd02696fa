"""What the tests of the core share: a clock to turn by hand, and short ways to ask and to answer."""

from collections.abc import Callable
from typing import Any

import msgspec

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Source
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.outcome import Outcome
from prompt_cache.core.store import NewEntry
from prompt_cache.http.api import Operation
from prompt_cache.http.native import native_api
from prompt_cache.keying.request import Request
from prompt_cache.stores.memory import MemoryStore
from prompt_cache.stores.null import NullStore

NOW = 1_800_000_000.0

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Paris is the capital."}}
    ],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500},
}
"""An answer as OpenAI's chat completions give it."""


def operations() -> list[Operation]:
    """Every operation of the native API."""
    return native_api(PromptCache(NullStore()), Config()).operations


class Clock:
    """Stands still until it is turned."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += seconds


def request(**fields: Any) -> Request:
    """A request as it comes over the wire; asks something unless told otherwise."""
    if "messages" not in fields:
        fields.setdefault("prompt", "What is the capital of France?")
    return msgspec.convert(fields, Request)


def key(fields: Request | dict[str, Any], **options: Any) -> str:
    """The key of a request."""
    asked = fields if isinstance(fields, Request) else request(**fields)
    return PromptCache(MemoryStore(), **options).key_of(asked)


class Asker:
    """A cache with a clock to turn, a list of what it reported, and tickets named after their order."""

    def __init__(self, make_store: Callable[[Clock], Any] = MemoryStore, **options: Any) -> None:
        self.clock = Clock()
        self.store = make_store(self.clock)
        self.reported: list[tuple[str, str]] = []
        self._tokens = 0
        self.cache = PromptCache(
            self.store,
            clock=self.clock,
            random=lambda: 0.5,
            token=self._token,
            report=lambda event, key: self.reported.append((event, key)),
            **options,
        )

    def _token(self) -> str:
        self._tokens += 1
        return str(self._tokens)

    def ask(
        self,
        prompt: str = "What is the capital of France?",
        *,
        max_age: float | None = None,
        max_stale: float | None = None,
        lease: float | None = None,
        source: Source | None = None,
        **fields: Any,
    ) -> Outcome:
        """Look up."""
        asked = fields if "messages" in fields else {"prompt": prompt, **fields}
        return self.cache.lookup(
            Lookup(
                request=request(**asked),
                max_age=max_age,
                max_stale=max_stale,
                lease=lease,
                source=source or Source(),
            ),
        )

    def answer(self, key: str, response: Any = ANSWER, **fields: Any) -> Any:
        """Store under a key."""
        return self.cache.store(NewEntry(response=msgspec.json.encode(response), key=key, **fields))

    def fill(self, prompt: str = "What is the capital of France?", response: Any = ANSWER, **fields: Any) -> str:
        """Miss and store; returns the key. Takes the fields of a request and of a store together."""
        asked = {name: fields.pop(name) for name in Request.__struct_fields__ if name in fields}
        outcome = self.ask(prompt, **asked)
        assert outcome.status == "miss"
        assert self.answer(outcome.key, response, **fields).stored
        return outcome.key


def decoded(outcome: Outcome) -> Any:
    """The answer in an outcome."""
    assert not isinstance(outcome.response, msgspec.UnsetType)
    return msgspec.json.decode(outcome.response)
