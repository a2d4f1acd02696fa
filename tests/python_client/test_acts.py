"""Every act of both clients, over HTTP and in this process: the same answers, the same errors."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prompt_cache_client import AsyncPromptCache, BadRequest, CacheUnavailable, PromptCache
from stack import Sidecar

from .conftest import TOKEN

Act = Callable[..., Any]


@pytest.fixture(params=["blocking", "async"])
def act(request: pytest.FixtureRequest, cache: PromptCache) -> Iterator[Act]:
    """Calls a method by its name, of either client."""
    if request.param == "blocking":
        yield lambda name, *args, **fields: getattr(cache, name)(*args, **fields)
        return
    client = cache.as_async()
    with asyncio.Runner() as runner:
        yield lambda name, *args, **fields: runner.run(getattr(client, name)(*args, **fields))
        runner.run(client.close())
        assert cache.lookup("still open").status == "miss"


def test_both_clients_have_the_same_methods() -> None:
    def methods(client: type) -> dict[str, str]:
        found = inspect.getmembers(client, inspect.isfunction)
        return {name: str(inspect.signature(each)).partition(" ->")[0] for name, each in found if name[0] != "_"}

    blocking, awaited = methods(PromptCache), methods(AsyncPromptCache)
    assert (blocking.pop("as_async"), awaited.pop("as_sync")) == ("(self)", "(self)")
    assert awaited.pop("get_or_call").replace("collections.abc.Awaitable[~T]", "~T") == blocking.pop("get_or_call")
    assert awaited == blocking


def test_look_up_store_and_take_out(act: Act) -> None:
    missed = act("lookup", "q", model="m", lease=60, source={"workflow": "w"})
    assert (missed.status, missed.reason) == ("miss", "not_found")
    assert act("lookup", "q", model="m", lease=60).status == "pending"
    stored = act(
        "store", {"n": 1}, key=missed.key, ticket=missed.ticket, lease=missed.lease, tags=["t"], depends_on=["kb"],
        latency=1.5, usage={"input_tokens": 3, "output_tokens": 4}, ttl="1h",
    )  # fmt: skip
    assert (stored.stored, stored.ttl) == (True, 3600)
    hit = act("lookup", "q", model="m", lease=60)
    assert (hit.status, hit.response, hit.match, hit.similarity) == ("hit", {"n": 1}, "exact", 1.0)
    assert (hit.saved.input_tokens, hit.saved.seconds) == (3, 1.5)
    assert act("stats")["hits"] >= 1
    assert list(act("bump", "kb")) == ["kb"]
    assert act("lookup", "q", model="m").reason == "version_changed"
    assert act("invalidate", tags=["t"]) == 1
    assert act("store", None, request={"prompt": "null"}).reason == "empty_response"


def test_reject_takes_a_wrong_answer_out(act: Act) -> None:
    key = act("store", "wrong", request="q").key
    with pytest.raises(BadRequest, match="their keys differ"):
        act("reject", key, "another")
    assert act("reject", key, "q") is True
    assert act("reject", key) is False
    assert act("lookup", "q").status == "miss"


def test_release_and_flush(act: Act) -> None:
    leased = act("lookup", "q", lease=60)
    assert act("release", leased.key, leased.lease) is True
    assert act("release", leased.key, leased.lease) is False
    act("store", "x", request="q")
    assert act("flush") == 1


def test_batches_are_split_and_every_answer_is_its_own(act: Act) -> None:
    items = [{"request": f"q{at}", "response": {"at": at}} for at in range(1050)]
    assert all(each.stored for each in act("store_many", items))
    outcomes = act("lookup_many", [f"q{at % 1050}" for at in range(2100)])
    assert [each.response["at"] for each in outcomes] == [*range(1050)] * 2
    twice = act("lookup_many", ["q1", "q1"])
    assert [each.duplicate_of for each in twice] == [None, 0]
    twice[0].response["at"] = "changed"
    assert twice[1].response == {"at": 1}


def test_answers_that_are_too_many_for_one_reply_all_come(act: Act) -> None:
    big = "x" * 9_000_000
    for at in range(9):
        act("store", f"{at}{big}", request=f"q{at}")
    outcomes = act("lookup_many", [f"q{at}" for at in range(9)])
    assert [each.response[0] for each in outcomes] == list("012345678")


WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("lookup", ("q",), {"modle": "m"}),
    ("lookup", (), {}),
    ("lookup", ("q",), {"messages": [{"role": "user", "content": "q"}]}),
    ("lookup", ("half \ud83d",), {}),
    ("lookup", ("q",), {"namespace": "not a namespace"}),
    ("lookup", ("q",), {"match": "semantic"}),
    ("lookup", ("q",), {"max_age": "soon"}),
    ("lookup_many", (["q", {"prompt": ""}],), {}),
    ("store", ("x",), {"key": "f" * 64}),
    ("store", ("x",), {}),
    ("store", ("x",), {"request": "q", "latency": -1}),
    ("store_many", ([{"response": 1, "request": "q", "tags": "no list"}],), {}),
    ("invalidate", (), {}),
    ("bump", ([],), {}),
    ("stats", (), {"group_by": "colour"}),
    ("stats", (), {"since": "soon"}),
    ("reject", ("k", {"model": "m"}), {}),
]


@pytest.mark.parametrize(("name", "args", "fields"), WRONG, ids=lambda value: value if isinstance(value, str) else None)
def test_errors_are_the_same_everywhere(
    server: Sidecar, name: str, args: tuple[Any, ...], fields: dict[str, Any]
) -> None:
    told = []
    with PromptCache(server.url, token=TOKEN) as http, PromptCache("memory://") as embedded:
        for client in (http, embedded):
            with pytest.raises(BadRequest) as refused:
                getattr(client, name)(*args, **fields)
            error = refused.value
            told.append((error.status, error.type, str(error), error.errors))
    assert told[0] == told[1]
    assert told[0][0] in (400, 404)


def test_a_wrong_token_is_refused(server: Sidecar) -> None:
    with PromptCache(server.url, token="nope") as cache:
        with pytest.raises(BadRequest) as refused:
            cache.lookup("q")
        assert (refused.value.status, refused.value.type) == (401, "unauthorized")
        assert cache.get_or_call("q", lambda: "answered") == "answered"


TEXTS = ["", " ", "é", "日本語", "👩‍👩‍👧", "\x00\x1f\u2028", "a\r\nb", '"\\/', "\ufeff", "ｆｕｌｌ"]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_unicode_goes_there_and_back(act: Act, text: str) -> None:
    act("store", {"text": text + "!", text: 1}, request="about " + text, attributes={"a": "x" + text})
    assert act("lookup", "about " + text, attributes={"a": "x" + text}).response == {"text": text + "!", text: 1}


def test_a_huge_answer_is_kept_and_one_beyond_the_limit_is_answered_all_the_same(cache: PromptCache) -> None:
    calls: list[int] = []

    def ask(size: int) -> str:
        calls.append(size)
        return "x" * size

    for _ in range(2):
        assert len(cache.get_or_call("huge", lambda: ask(8_000_000))) == 8_000_000
    assert calls == [8_000_000]
    for _ in range(2):
        assert len(cache.get_or_call("beyond", lambda: ask(11_000_000))) == 11_000_000


def test_a_closed_cache_says_so_and_fails_no_call(tmp_path: Path) -> None:
    cache = PromptCache(f"sqlite:///{tmp_path}/cache.db")
    cache.close()
    with pytest.raises(CacheUnavailable):
        cache.lookup("q")
    assert cache.get_or_call("q", lambda: "answered") == "answered"
