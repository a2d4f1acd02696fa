"""Store, one or many."""

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from ...core.cache import PromptCache
from ...core.outcome import Stored
from ...core.store import NewEntry
from ...keying.request import Request
from ...values.durations import Duration
from ..api import Api, note_outcome
from ..auth import Caller
from .fields import BATCH, EITHER, Key, Loc, Names, SourceBody, Ticket, seconds_of
from .ways import Way, Ways

_BY_KEY_OR_REQUEST = "give the key of a lookup or the request itself, not both"
_KNOWN = "with a `key` the request is known already; leave this out"
_AS_SENT = ("key", "ticket", "tags", "depends_on", "usage", "cost_usd", "latency", "finish_reason", "lease")


class StoreBody(Request, kw_only=True, forbid_unknown_fields=True):
    """An answer: under the `key` of a lookup, or under the request itself."""

    ways: ClassVar = Ways(
        Way(
            ("prompt",),
            {"key": _BY_KEY_OR_REQUEST, "messages": EITHER},
            {"prompt": "What is the capital of France?", "model": "gpt-4o-mini", "response": {"text": "Paris."}},
        ),
        Way(
            ("messages",),
            {"key": _BY_KEY_OR_REQUEST},
            {
                "messages": [{"role": "user", "content": "What is the capital of France?"}],
                "response": {"text": "Paris."},
                "tags": ["geography"],
            },
        ),
        Way(
            ("key",),
            dict.fromkeys(("system", "model", "tools", "response_format", "params", "attributes", "normalize"), _KNOWN),
            {"key": "c1a5b2e0", "response": {"text": "Paris."}, "latency": 1.2},
        ),
        missing=(("key",), "give the `key` of a lookup, or the request: `prompt` or `messages`"),
    )

    response: Raw
    key: Key | None = None
    ticket: Ticket | None = None
    ttl: Duration | UnsetType | None = UNSET
    tags: Names = msgspec.field(default_factory=list)
    depends_on: Names = msgspec.field(default_factory=list)
    usage: dict[str, Any] | None = None
    cost_usd: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    latency: Annotated[float, Meta(ge=0, le=1e9, description="Seconds the model took.")] | None = None
    finish_reason: Annotated[str, Meta(max_length=64)] | None = None
    # JSON has no whole numbers of its own: 3.0 is 3.
    repeats: Annotated[
        float, Meta(ge=0, le=BATCH, multiple_of=1, description="Repeats in its batch that get the answer as well.")
    ] = 0
    lease: Annotated[str, Meta(max_length=128)] | None = None
    source: SourceBody | None = None

    def new_entry(self, caller: str, loc: Loc = ()) -> NewEntry:
        self.ways.check(self, loc)
        return NewEntry(
            response=bytes(self.response),
            request=None if self.key is not None else self,
            repeats=int(self.repeats),
            ttl=UNSET if self.ttl is UNSET else seconds_of(loc, "ttl", self.ttl),
            source=self.source.source() if self.source else None,
            caller=caller,
            **{name: getattr(self, name) for name in _AS_SENT},
        )


def new_entry_of(caller: Caller, body: StoreBody) -> NewEntry:
    """What a caller gives to the cache. Raises HttpError, InvalidRequest."""
    caller.require("writer")
    if body.key is None:
        caller.require_namespaces((body.namespace,))
    return body.new_entry(caller.name)


def fate_of(stored: Stored) -> str:
    """In a word, for the log."""
    return "stored" if stored.stored else str(stored.reason)


class StoreBatch(Struct, forbid_unknown_fields=True):
    """Many answers at once."""

    items: Annotated[list[StoreBody], Meta(max_length=BATCH)]


class StoredItems(Struct):
    """What became of each, in order."""

    items: list[Stored]


def routes(api: Api, cache: PromptCache) -> None:
    @api.route(
        "POST",
        "/v1/store",
        role="writer",
        body=StoreBody,
        returns=Stored,
        status=(201, 200),
        fails=(403, 404),
        links={name: {"key": "/key"} for name in ("entry", "delete_entry", "invalidate")},
    )
    def store(caller: Caller, body: StoreBody) -> tuple[Stored, int]:
        """Store an answer: 201 when it is stored, 200 with a reason when it is not."""
        stored = cache.store(new_entry_of(caller, body), caller.may_touch)
        note_outcome(fate_of(stored))
        return stored, 201 if stored.stored else 200

    @api.route(
        "POST", "/v1/store/batch", role="writer", body=StoreBatch, returns=StoredItems, status=(201,), fails=(403,)
    )
    def store_batch(caller: Caller, body: StoreBatch) -> StoredItems:
        """Store many answers; each says what became of it."""
        caller.require_namespaces({item.namespace for item in body.items if item.key is None})
        new_entries = [item.new_entry(caller.name, ("items", at)) for at, item in enumerate(body.items)]
        stored = cache.store_many(new_entries, caller.may_touch)
        note_outcome(f"{sum(each.stored for each in stored)}/{len(stored)} stored")
        return StoredItems(stored)
