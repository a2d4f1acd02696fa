"""The official SDK, in the version that is installed here: every operation, and every error as its own class."""

import time
from importlib.metadata import version
from typing import Any

import pytest
from langcache import errors

VERSION = tuple(map(int, version("langcache").split(".")[:2]))
DEPENDENCY = "FailedDependency" if VERSION >= (0, 12) else "ResourceUnavailable"
WITH_NUMBER = VERSION >= (0, 12)
"""Whether the SDK can say how many results are wanted, and has conversations."""
with_number = pytest.mark.skipif(not WITH_NUMBER, reason="the SDK has no max_results before 0.12")
conversations = pytest.mark.skipif(not WITH_NUMBER, reason="the SDK has no conversations before 0.12")

Call = Any


def one(found: Any) -> dict[str, Any]:
    """The one entry of an answer, as it came over the wire."""
    (entry,) = found.data
    return dict(entry.model_dump(by_alias=True))


def refused(kind: str, status: int) -> Any:
    """What an operation raises."""
    return pytest.raises(
        getattr(errors, f"{kind}ErrorResponseContent"), check=lambda error: error.status_code == status
    )


# -- all operations -----


def test_search__nothing_is_no_error(call: Call) -> None:
    assert call("search", prompt="What is a cache?").data == []


def test_set__is_found(call: Call) -> None:
    stored = call("set", prompt="What is a cache?", response="A place to keep things.")
    entry = one(call("search", prompt="What is a cache?"))
    assert entry == {
        "id": stored.entry_id,
        "prompt": "What is a cache?",
        "response": "A place to keep things.",
        "attributes": {},
        "similarity": 1.0,
        "searchStrategy": "exact",
    }


def test_search__with_all_it_can_be_told(call: Call) -> None:
    call("set", prompt="Hours?", response="at nine", attributes={"shop": "north", "lang": "en"}, ttl_millis=60_000)
    entry = one(
        call(
            "search",
            prompt="Hours?",
            similarity_threshold=1.0,
            search_strategies=["semantic", "exact"],
            attributes={"shop": "north"},
            **({"max_results": 3} if WITH_NUMBER else {}),
        )
    )
    assert (entry["response"], entry["attributes"]) == ("at nine", {"shop": "north", "lang": "en"})
    assert call("search", prompt="Hours?", attributes={"shop": "south"}).data == []


@with_number
def test_search__as_many_as_are_wanted(call: Call) -> None:
    for shop in ("north", "south", "west"):
        call("set", prompt="Hours?", response=f"at {shop}", attributes={"shop": shop})
    assert call("search", prompt="Hours?").data == []
    assert [each.response for each in call("search", prompt="Hours?", max_results=3).data] == [
        "at west",
        "at south",
        "at north",
    ]


def test_set__again_replaces(call: Call) -> None:
    first = call("set", prompt="Hours?", response="at nine", attributes={"shop": "north"})
    second = call("set", prompt="Hours?", response="at ten", attributes={"shop": "north"})
    assert first.entry_id == second.entry_id
    assert one(call("search", prompt="Hours?", attributes={"shop": "north"}))["response"] == "at ten"


def test_set__for_a_while(call: Call) -> None:
    call("set", prompt="Hours?", response="at nine", ttl_millis=3000)
    assert call("search", prompt="Hours?").data
    time.sleep(3.1)
    assert call("search", prompt="Hours?").data == []


@pytest.mark.parametrize(
    "attributes",
    [{"a": "x, y/z"}, {"über": "größe ✓ 😀"}, {"q": '"],["b'}, {"space ": " \n\t"}, {"long": "%2522" * 2000}],
    ids=["commas and slashes", "unicode", "JSON", "blanks", "long"],
)
def test_attributes__of_any_kind(call: Call, attributes: dict[str, str]) -> None:
    call("set", prompt="Hours?", response="at nine", attributes=attributes)
    call("set", prompt="Hours?", response="at ten", attributes=dict.fromkeys(attributes, "other"))
    entry = one(call("search", prompt="Hours?", attributes=attributes))
    assert (entry["response"], entry["attributes"]) == ("at nine", attributes)
    assert call("delete_query", attributes=attributes).deleted_entries_count == 1
    assert call("search", prompt="Hours?", attributes=attributes).data == []


def test_prompts__may_be_long(call: Call) -> None:
    prompt, answer = "why? " * 20_000, "because. " * 10_000
    call("set", prompt=prompt, response=answer)
    assert one(call("search", prompt=prompt))["response"] == answer


def test_delete_by_id__is_gone(call: Call) -> None:
    stored = call("set", prompt="Hours?", response="at nine")
    assert call("delete_by_id", entry_id=stored.entry_id) is None
    assert call("search", prompt="Hours?").data == []


def test_delete_query__what_carries_all_of_them(call: Call) -> None:
    for lang in ("en", "fr"):
        call("set", prompt="Hours?", response=lang, attributes={"shop": "north", "lang": lang})
    assert call("delete_query", attributes={"shop": "south"}).deleted_entries_count == 0
    assert call("delete_query", attributes={"shop": "north", "lang": "en"}).deleted_entries_count == 1
    assert one(call("search", prompt="Hours?"))["response"] == "fr"
    assert call("delete_query", attributes={"shop": "north"}).deleted_entries_count == 1


def test_flush__all_are_gone_and_may_come_again(call: Call) -> None:
    call("search", prompt="Hours?")
    call("set", prompt="Hours?", response="at nine")
    call("search", prompt="Where?")
    assert call("flush") is None
    assert call("search", prompt="Hours?").data == []
    call("set", prompt="Where?", response="here")
    assert one(call("search", prompt="Where?"))["response"] == "here"


@conversations
def test_conversation__alone_is_a_search(call: Call) -> None:
    call("set", prompt="Hours?", response="at nine")
    found = call("conversational_search", prompt="Hours?", context=[])
    assert (found.actual_prompt, one(found)["response"]) == ("Hours?", "at nine")


@conversations
def test_conversation__what_was_asked_before_is_part_of_the_question(call: Call) -> None:
    order, flight = ["Where is my order?"], ["When is my flight?"]
    call("set", prompt="Cancel it.", response="of nothing in particular")
    missed = call("conversational_search", prompt="Cancel it.", context=order)
    assert missed.data == []
    call("set", prompt=missed.actual_prompt, response="The order is cancelled.")
    found = call("conversational_search", prompt="Cancel it.", context=order, search_strategies=["exact"])
    assert one(found)["response"] == "The order is cancelled."
    assert call("conversational_search", prompt="Cancel it.", context=flight).data == []
    assert one(call("search", prompt="Cancel it."))["response"] == "of nothing in particular"


# -- each error is its own -----


def test_400__says_which_field(call: Call) -> None:
    with refused("BadRequest", 400) as raised:
        call("set", prompt="", response="x", ttl_millis=0)
    assert {field.field for field in raised.value.data.fields} == {"prompt", "ttlMillis"}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("search", {"prompt": "x", "similarity_threshold": 1.5}),
        pytest.param("search", {"prompt": "x", "max_results": 0}, marks=with_number),
        ("set", {"prompt": "x", "response": ""}),
        ("set", {"prompt": "x", "response": "y", "ttl_millis": 31_556_952_001}),
        ("set", {"prompt": "x", "response": "y", "attributes": {"": "z"}}),
        ("delete_query", {"attributes": {}}),
    ],
)
def test_400(call: Call, name: str, fields: dict[str, Any]) -> None:
    with refused("BadRequest", 400):
        call(name, **fields)


@pytest.mark.parametrize(("name", "fields"), [("search", {"prompt": "x"}), ("flush", {})])
def test_401(call: Call, name: str, fields: dict[str, Any]) -> None:
    with refused("Authentication", 401):
        call(name, key="a-strangers-token", **fields)


@pytest.mark.parametrize(
    ("key", "cache", "name", "fields"),
    [
        ("ours-token", "theirs", "search", {"prompt": "x"}),
        ("ours-token", "theirs", "set", {"prompt": "x", "response": "y"}),
        ("ours-token", "theirs", "flush", {}),
        ("reader-token", "ours", "set", {"prompt": "x", "response": "y"}),
        ("reader-token", "ours", "delete_by_id", {"entry_id": "0" * 64}),
        ("writer-token", "ours", "flush", {}),
    ],
)
def test_403(call: Call, key: str, cache: str, name: str, fields: dict[str, Any]) -> None:
    with refused("Forbidden", 403):
        call(name, key=key, cache=cache, **fields)


@pytest.mark.parametrize(
    ("cache", "name", "fields"),
    [
        ("no such cache", "search", {"prompt": "x"}),
        ("ours", "delete_by_id", {"entry_id": "0" * 32}),
        ("ours", "delete_by_id", {"entry_id": "no/such/path"}),
    ],
)
def test_404(call: Call, cache: str, name: str, fields: dict[str, Any]) -> None:
    with refused("NotFound", 404):
        call(name, cache=cache, **fields)


def test_413(call: Call) -> None:
    with refused("PayloadTooLarge", 413):
        call("set", prompt="x", response="y" * 400_000)


def test_424__for_want_of_an_embedder(call: Call) -> None:
    with refused(DEPENDENCY, 424) as raised:
        call("search", prompt="x", search_strategies=["semantic"])
    assert "add `exact`" in raised.value.body


@pytest.mark.parametrize(
    ("prompt", "kind", "status"),
    [
        ("away", DEPENDENCY, 424),
        ("full", DEPENDENCY, 424),
        ("busy", "TooManyRequests", 429),
        ("broken", "Unexpected", 500),
    ],
)
def test_failing_server(call: Call, prompt: str, kind: str, status: int) -> None:
    with refused(kind, status):
        call("search", at="FAILING_SERVER_URL", prompt=prompt)


def test_store_that_is_away(call: Call) -> None:
    with refused(DEPENDENCY, 424):
        call("search", at="STORELESS_SERVER_URL", prompt="x")
    with refused(DEPENDENCY, 424):
        call("set", at="STORELESS_SERVER_URL", prompt="x", response="y")
