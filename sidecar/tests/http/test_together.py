"""Lookups and stores that come at the same moment: one call of the store, and each answered as if it were alone."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from prompt_cache.config import Config
from prompt_cache.config.schema import TokenSettings
from prompt_cache.http.front.asgi import Application
from prompt_cache.stores.base import Record, StoreFull, StoreUnavailable
from prompt_cache.stores.memory import MemoryStore

from .asgi import ask, asked
from .test_front import JSON, app, lookup


class Counting(MemoryStore):
    """How often it is asked."""

    local = False

    def __init__(self) -> None:
        super().__init__()
        self.gets = 0

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        self.gets += 1
        return super().get(keys)


def together(served: Application, bodies: Sequence[bytes], path: str = "/v1/lookup") -> list[Mapping[str, Any]]:
    """What many who ask at once are answered."""

    async def scenario() -> list[Mapping[str, Any]]:
        answers = await asyncio.gather(*(ask(served, "POST", path, body, JSON) for body in bodies))
        return [answer.json for answer in answers]

    return asyncio.run(scenario())


def test_together__each_is_answered_as_if_it_were_alone() -> None:
    served = app(store=Counting())
    asked(served, "POST", "/v1/store", lookup("known", response="y"), headers=JSON)
    known, new = lookup("known"), lookup("new", lease=True)
    wrong = lookup("x", normalize="nonsense")
    found = together(served, [known, new, known, wrong, new, lookup("other"), known])
    assert [each.get("status") for each in found] == ["hit", "miss", "hit", 400, "pending", "miss", "hit"]
    assert all("duplicate_of" not in each for each in found)
    assert [each["response"] for each in found if each.get("status") == "hit"] == ["y"] * 3
    assert "items" not in str(found[3]["errors"])
    stats = asked(served, "GET", "/v1/stats").json
    assert (stats["hits"], stats["misses"]) == (3, 2)


def test_together__a_lease_goes_to_who_asked_for_it_and_to_no_other() -> None:
    served = app(store=Counting())
    found = together(served, [lookup("new"), lookup("new", lease=True), lookup("new"), lookup("new", lease=True)])
    assert [each["status"] for each in found] == ["miss", "miss", "miss", "pending"]
    assert ["lease" in each for each in found] == [False, True, False, False]
    assert len({each["ticket"] for each in found[:3]}) == 3
    assert asked(served, "GET", "/v1/stats").json["misses"] == 3


def test_together__a_stale_answer_and_its_lease_are_told_once_to_each() -> None:
    served = app(store=Counting())
    asked(served, "POST", "/v1/store", lookup("old", response="y", ttl=0.001), headers=JSON)
    time.sleep(0.01)
    found = together(served, [lookup("old", max_stale=100), lookup("old", max_stale=200, lease=True)])
    assert [(each["status"], each["response"], "lease" in each) for each in found] == [
        ("stale", "y", False),
        ("stale", "y", True),
    ]
    assert asked(served, "GET", "/v1/stats").json["stale"] == 2


def test_together__one_call_of_the_store_serves_all() -> None:
    store = Counting()
    served = app(store=store)
    for n in range(20):
        asked(served, "POST", "/v1/store", lookup(str(n), response=n), headers=JSON)
    store.gets = 0
    found = together(served, [lookup(str(n % 20)) for n in range(40)])
    assert [each["response"] for each in found] == [*range(20), *range(20)]
    assert store.gets < 10


class Small(MemoryStore):
    """Takes a few records in one call, and counts the calls."""

    puts = 0

    def put(self, records: Sequence[Record]) -> None:
        self.puts += 1
        if sum(record.size for record in records) > 2000:
            raise StoreFull("no room for so much")
        super().put(records)


def test_together__answers_go_into_the_store_in_one_go() -> None:
    store = Small()
    served = app(store=store)
    stored = together(served, [lookup(str(n), response=n) for n in range(5)], "/v1/store")
    assert [each["stored"] for each in stored] == [True] * 5
    assert store.puts == 1
    assert [asked(served, "POST", "/v1/lookup", lookup(str(n)), JSON).json["response"] for n in range(5)] == [*range(5)]


def test_together__each_answer_has_its_own_fate() -> None:
    served = app(store=Small())
    bodies = [
        lookup("good", response="y"),
        lookup("wrong", response="y", ttl=None),
        lookup("empty", response=""),
        msgspec.json.encode({"key": "f" * 64, "response": "y"}),
        lookup("too large", response="y" * 3000),
        lookup("also good", response="y"),
    ]
    stored = together(served, bodies, "/v1/store")
    assert [each.get("stored", each.get("status")) for each in stored] == [True, 400, False, 404, 503, True]
    assert stored[1]["errors"][0]["loc"] == ["ttl"]
    assert stored[2]["reason"] == "empty_response"
    without_wrong = together(served, [*bodies[2:4], lookup("a third", response="y")], "/v1/store")
    assert [each.get("stored", each.get("status")) for each in without_wrong] == [False, 404, True]


def test_together__each_caller_keeps_to_its_own_namespaces() -> None:
    tokens = [
        TokenSettings(name=name, role="writer", namespaces=[name], token=f"token-of-{name}")
        for name in ("ours", "theirs")
    ]
    served = app(Config(tokens=tokens, request_log=False), MemoryStore())

    def called(name: str) -> dict[str, str]:
        return {**JSON, "Authorization": f"Bearer token-of-{name}"}

    missed = asked(served, "POST", "/v1/lookup", lookup("x", namespace="ours"), called("ours")).json
    answer = msgspec.json.encode({"key": missed["key"], "ticket": missed["ticket"], "response": "y"})

    async def scenario() -> list[int]:
        calls = [(answer, "theirs"), (lookup("x", response="z", namespace="ours"), "theirs"), (answer, "ours")]
        answers = (ask(served, "POST", "/v1/store", body, called(name)) for body, name in calls)
        return [answer.status for answer in await asyncio.gather(*answers)]

    assert asyncio.run(scenario()) == [404, 403, 201]


def test_together__an_outage_is_everybodys() -> None:
    class Away(Counting):
        def get(self, keys: Sequence[str]) -> list[bytes | None]:
            raise StoreUnavailable(f"away with {len(keys)}")

    found = together(app(store=Away()), [lookup(str(n)) for n in range(5)])
    assert [each["type"].rpartition(":")[2] for each in found] == ["store-unavailable"] * 5
