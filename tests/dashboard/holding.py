"""Answers of all kinds, for the pages that show them: a desk's questions, tools, pictures, and what is made to hurt."""

import json
from pathlib import Path
from typing import Any

import msgspec

from prompt_cache.config import Config, rules
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.entry import Source
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.stores.sqlite.store import SqliteStore

from .seeding import Clock

HOSTILE = "<script>document.title='run'</script><img src=x onerror=alert(1)> \u202ereversed\u2066 \0 \x1b[31m "
MEGABYTE = "x" * 1_000_000
ACTED_ON = ("deleting", "choosing", "rejecting", "emptying", "theirs")
"""Namespaces of their own for tests that take answers out; each holds the same six."""
_DESK = Source("Support replies", "Answer the customer")
_MODEL = "gpt-4o-mini"
_SHOP = "You answer customers of a shop for bicycles. Be kind and brief, and never promise a delivery date."
_RETURN = "How do I return an order that arrived broken, and who pays for the parcel?"
_REPLY = """I am sorry that it arrived broken.

Please print the label from your account under Orders → Return, put it on the parcel, and hand it in at any post office.
We pay for it, and you get your money back within five days."""
_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "track_parcel", "arguments": '{"number": 4711, "carrier": "post"}'},
}
_TRACK = {
    "type": "function",
    "function": {"name": "track_parcel", "parameters": {"properties": {"number": {"type": "integer"}}}},
}


class Holding:
    """Asks and answers with a clock that is turned."""

    def __init__(self, cache: PromptCache, clock: Clock, now: float) -> None:
        self._cache = cache
        self._clock = clock
        self._now = now
        self.keys: dict[str, str] = {}

    def hold(
        self,
        name: str,
        messages: list[dict[str, Any]],
        answer: Any,
        *,
        ago: float = 3600.0,
        hits: int = 0,
        namespace: str = "support",
        source: Source = _DESK,
        asked: dict[str, Any] | None = None,
        **stored: Any,
    ) -> None:
        """One answer under a name, stored so many seconds ago and served so often."""
        self._clock.now = self._now - ago
        fields = {"messages": messages, "model": _MODEL, "namespace": namespace, **(asked or {})}
        lookup = Lookup(request=msgspec.convert(fields, Request), source=source)
        outcome = self._cache.lookup(lookup)
        new = NewEntry(response=json.dumps(answer).encode(), key=outcome.key, latency=4.2, source=source, **stored)
        kept = self._cache.store(new)
        assert kept.stored, kept
        for _ in range(hits):
            self._cache.lookup(lookup)
        self.keys[name] = outcome.key

    def accept(self, name: str, messages: list[dict[str, Any]]) -> None:
        """Other words for the answer of a name."""
        fields = {"messages": messages, "model": _MODEL, "namespace": "support"}
        self._cache.accept(self.keys[name], msgspec.convert(fields, Request))


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(content: Any, **message: Any) -> dict[str, Any]:
    return {
        "object": "chat.completion",
        "model": f"{_MODEL}-2024-07-18",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content, **message}}
        ],
        "usage": {"prompt_tokens": 18500, "completion_tokens": 4200, "total_tokens": 22700},
    }


def answers(holding: Holding) -> None:
    """What a desk asks, the newest first as it stands here."""
    shop = {"role": "system", "content": _SHOP}
    holding.hold("plain", [shop, user(_RETURN)], said(_REPLY), hits=37, tags=["returns", "kb-7"], depends_on=["kb"])
    holding.accept("plain", [shop, user("My order came damaged. How can I send it back, and is that free?")])
    tracked: list[dict[str, Any]] = [
        {"role": "assistant", "content": None, "tool_calls": [_CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"state": "in transit", "hub": "Hamburg"}'},
    ]
    holding.hold(
        "tools",
        [shop, user("Where is parcel 4711?"), *tracked],
        said("It left Hamburg on Tuesday.", reasoning_content="The tool says that it is in transit."),
        ago=7200,
        hits=4,
        asked={"tools": [_TRACK], "params": {"temperature": 0}, "attributes": {"language": "en"}},
    )
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 240_000}}
    lines = [{"position": at, "text": f"Wheel {at}", "net": 99.9} for at in range(12)]
    holding.hold(
        "json",
        [{"role": "user", "content": [{"type": "text", "text": "Invoice of Velo Import for March"}, picture]}],
        said(json.dumps({"supplier": "Velo Import", "total": 1240.5, "lines": lines})),
        ago=90_000,
        hits=1,
        source=Source("Invoice triage", "Read the invoice"),
        asked={"response_format": {"type": "json_object"}},
    )
    holding.hold("long", [user("Write a long story.")], said("Once upon a time.\n" * 100_000), ago=95_000)
    for at in range(30):
        question = user(f"The mail says: my parcel {4700 + at} is late again, and this is the third time that I ask.")
        source = Source("Support replies", "Tell the mood")
        holding.hold(f"mood {at}", [question], said("angry"), ago=100_000 + at * 9000, hits=at % 3, source=source)
    holding.hold(
        "hostile",
        [user(HOSTILE + MEGABYTE)],
        {"text": HOSTILE + MEGABYTE, "deep": {"a": [[[[["<u>"]]]]]}},
        namespace="hostile",
        tags=["<i>tag</i>", "y" * 200],
        source=Source(HOSTILE[:60].replace("\0", "").replace("\x1b", ""), "z" * 200),
    )
    for namespace in ACTED_ON:
        for at in range(6):
            holding.hold(
                f"{namespace} {at}",
                [user(f"Question {at}?")],
                said(f"Answer {at}"),
                ago=60.0 * (at + 1),
                hits=at % 3,
                namespace=namespace,
                tags=["odd" if at % 2 else "even"],
                cost_usd=0.5,
            )


def hold(folder: Path, config: Config, now: float) -> dict[str, str]:
    """Make the database `cache.db` of a sidecar that is not started yet; returns the keys by name."""
    clock = Clock(now)
    store = SqliteStore(folder / "cache.db", clock=clock)
    cache = PromptCache(store, rules=rules(config), prices=config.prices, clock=clock, never_expires=True)
    holding = Holding(cache, clock, now)
    answers(holding)
    clock.now = now
    cache.close()
    return holding.keys
