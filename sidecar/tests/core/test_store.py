"""Storing: by key, by request, refusals, lives, bounds."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from prompt_cache.core.entry import Source
from prompt_cache.core.errors import InvalidRequest, UnknownKey
from prompt_cache.core.misses import MISS_TTL
from prompt_cache.core.policy import NotStored
from prompt_cache.core.rules import Lifetime, NamespaceRules, Rules, TtlRule
from prompt_cache.core.store import NewEntry
from prompt_cache.stores.base import Bounds, Record
from sidecar.tests.support import ANSWER, NOW, Asker, decoded, request


def answer(**fields: Any) -> bytes:
    return msgspec.json.encode({**ANSWER, **fields})


def finished(reason: str) -> bytes:
    return answer(choices=[{"finish_reason": reason, "message": {"role": "assistant", "content": "cut"}}])


def test_store__by_the_key_of_a_miss(asker: Asker) -> None:
    key = asker.ask().key
    stored = asker.answer(key)
    assert (stored.key, stored.stored, stored.ttl, stored.reason) == (key, True, 86400.0, UNSET)


def test_store__by_the_request_itself(asker: Asker) -> None:
    stored = asker.cache.store(NewEntry(request=request(prompt="Hello"), response=b'"Hi"'))
    assert stored.stored
    assert decoded(asker.ask("Hello")) == "Hi"


def test_store__again_replaces_the_answer(asker: Asker) -> None:
    key = asker.fill(response="old")
    assert asker.answer(key, "new").stored
    assert decoded(asker.ask()) == "new"


def test_store__a_key_that_was_hit_may_be_stored_anew_long_after_its_miss(asker: Asker) -> None:
    key = asker.fill(ttl=MISS_TTL * 10, attributes={"tenant": "a"}, model="gpt-4o-mini")
    asker.clock.turn(MISS_TTL * 2)
    assert asker.answer(key, "new").stored
    entry = asker.cache.entry(key)
    assert (entry.attributes, entry.model) == ({"tenant": "a"}, "gpt-4o-mini")


def test_store__a_miss_is_remembered_for_an_hour(asker: Asker) -> None:
    early, late = asker.ask("early").key, asker.ask("late").key
    asker.clock.turn(MISS_TTL - 1)
    assert asker.answer(early).stored
    asker.clock.turn(1)
    with pytest.raises(UnknownKey):
        asker.answer(late)


def test_store__an_unknown_key(asker: Asker) -> None:
    with pytest.raises(UnknownKey, match="f" * 64):
        asker.answer("f" * 64)


def test_store__a_remembered_miss_that_is_damaged_is_unknown_and_reported(asker: Asker) -> None:
    asked = asker.ask()
    record = Record(key=f"miss:{asked.ticket}", namespace="!misses", body=b"junk!", created=NOW, labels=(asked.key,))
    asker.store.put([record])
    with pytest.raises(UnknownKey):
        asker.answer(asked.key)
    assert asker.reported == [("corrupt_miss", asked.ticket)]


def test_store__out_of_scope_is_unknown_and_changes_nothing(asker: Asker) -> None:
    key = asker.ask(namespace="theirs").key
    with pytest.raises(UnknownKey):
        asker.cache.store(NewEntry(key=key, response=b'"x"'), lambda namespace: namespace == "ours")
    assert asker.ask(namespace="theirs").status == "miss"


@pytest.mark.parametrize("ticket", ["", "x", "default:0", "default:-1:a", "default:0:a\n", "a b:0:c"])
def test_store__a_ticket_that_is_none_is_invalid(asker: Asker, ticket: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        asker.answer(asker.ask().key, ticket=ticket)
    assert raised.value.loc == ("ticket",)


@pytest.mark.parametrize("other", [{"prompt": "another"}, {"namespace": "other"}], ids=str)
def test_store__a_ticket_of_another_lookup_stores_nothing(asker: Asker, other: dict[str, Any]) -> None:
    key, ticket = asker.ask().key, str(asker.ask(**other).ticket)
    assert asker.answer(key, ticket=ticket).reason == NotStored.FOREIGN_TICKET
    assert asker.ask().status == "miss"
    assert asker.answer(key).stored


def test_store__again_with_the_same_ticket_replaces_the_answer(asker: Asker) -> None:
    asked = asker.ask()
    for response in ("once", "twice"):
        assert asker.answer(asked.key, response, ticket=asked.ticket).stored
    assert decoded(asker.ask()) == "twice"


# -- refusals -----

REFUSED = [
    pytest.param(NewEntry(response=finished("length")), NotStored.FINISH_REASON_LENGTH, id="length"),
    pytest.param(NewEntry(response=finished("content_filter")), NotStored.FINISH_REASON_CONTENT_FILTER, id="filtered"),
    pytest.param(NewEntry(response=answer(), finish_reason="length"), NotStored.FINISH_REASON_LENGTH, id="said length"),
    pytest.param(
        NewEntry(response=b'{"model":"gpt-4o-mini","response":"Half","done":false}'),
        NotStored.UNFINISHED,
        id="not done",
    ),
    pytest.param(NewEntry(response=b'""'), NotStored.EMPTY_RESPONSE, id="empty text"),
    pytest.param(NewEntry(response=b"null"), NotStored.EMPTY_RESPONSE, id="null"),
    pytest.param(NewEntry(response=b"{}"), NotStored.EMPTY_RESPONSE, id="empty object"),
    pytest.param(NewEntry(response=b'{"error":{"message":"rate limit"}}'), NotStored.ERROR_RESPONSE, id="error"),
    pytest.param(NewEntry(response=answer(model="gpt-4o")), NotStored.OTHER_MODEL, id="fallback"),
    pytest.param(NewEntry(response=answer(), ttl=0.0), NotStored.TTL_ZERO, id="ttl 0"),
]


@pytest.mark.parametrize(("new_entry", "reason"), REFUSED)
def test_store__refuses_and_says_why(asker: Asker, new_entry: NewEntry, reason: NotStored) -> None:
    key = asker.ask(model="gpt-4o-mini").key
    stored = asker.cache.store(msgspec.structs.replace(new_entry, key=key))
    assert (stored.stored, stored.reason, stored.ttl) == (False, reason, UNSET)
    assert asker.ask(model="gpt-4o-mini").status == "miss"
    assert asker.cache.statistics.report(lambda _: True)[0].refused == 1


def test_store__every_refusal_is_covered_here() -> None:
    elsewhere = {
        NotStored.VERSION_CHANGED,
        NotStored.FLUSHED,
        NotStored.FOREIGN_TICKET,
        NotStored.REPLAYED,
        NotStored.CACHING_OFF,
        NotStored.UNKNOWN_KEY,
        NotStored.UNUSABLE_OUTPUT,
    }
    assert {str(case.values[1]) for case in REFUSED} | elsewhere == {str(reason) for reason in NotStored}


def test_store__a_refused_answer_does_not_push_out_the_one_before(asker: Asker) -> None:
    key = asker.fill(response="good")
    assert not asker.answer(key, "").stored
    assert decoded(asker.ask()) == "good"


@pytest.mark.parametrize("response", [b"", b'{"x":', b"\xff", b'"\xff"', b'{"x":1e999}', b'"\\ud800"'], ids=repr)
def test_store__what_is_no_json_is_invalid(asker: Asker, response: bytes) -> None:
    with pytest.raises(InvalidRequest) as raised:
        asker.cache.store(NewEntry(request=request(), response=response))
    assert raised.value.loc == ("response",)


# -- lives -----


@pytest.mark.parametrize(
    ("lifetime", "ttl", "expected"),
    [
        pytest.param(Lifetime(), UNSET, 86400.0, id="default"),
        pytest.param(Lifetime(), 60.0, 60.0, id="the call's"),
        pytest.param(Lifetime(max_ttl=100), 600.0, 100.0, id="ceiling"),
        pytest.param(Lifetime(rules=(TtlRule("gpt-4o*", 5.0),)), UNSET, 5.0, id="the model's"),
        pytest.param(Lifetime(rules=(TtlRule("gpt-4o*", 5.0),)), 60.0, 60.0, id="the call before the model"),
        pytest.param(Lifetime(jitter=0.2), 100.0, 90.0, id="jitter"),
    ],
)
def test_store__life(lifetime: Lifetime, ttl: Any, expected: float) -> None:
    asker = Asker(rules=Rules(NamespaceRules(lifetime=lifetime)))
    key = asker.ask(model="gpt-4o-mini").key
    assert asker.answer(key, ttl=ttl).ttl == pytest.approx(expected)
    assert asker.ask(model="gpt-4o-mini").ttl == pytest.approx(expected)


def test_store__for_ever_only_where_it_is_allowed() -> None:
    refusing, allowing = Asker(), Asker(never_expires=True)
    with pytest.raises(InvalidRequest, match="never_expires") as raised:
        refusing.answer(refusing.ask().key, ttl=None)
    assert raised.value.loc == ("ttl",)
    assert allowing.answer(allowing.ask().key, ttl=None).ttl is None
    allowing.clock.turn(1e9)
    outcome = allowing.ask()
    assert (outcome.status, outcome.ttl) == ("hit", None)


def test_store__by_namespace_and_model_pattern() -> None:
    slow = NamespaceRules(lifetime=Lifetime(ttl=7.0))
    asker = Asker(rules=Rules(patterns={"news*": slow}))
    assert asker.answer(asker.ask(namespace="news-eu").key).ttl == 7.0
    assert asker.answer(asker.ask(namespace="old").key).ttl == 86400.0


# -- what is kept with it -----


def test_store__keeps_what_is_known_of_the_question_and_the_answer(asker: Asker) -> None:
    fields: dict[str, Any] = {"model": "gpt-4o-mini", "attributes": {"tenant": "a"}, "namespace": "n"}
    key = asker.ask("Hi", source=Source("Flow", "Look Up"), **fields).key
    asker.answer(key, tags=["b", "a", "b"], depends_on=["kb"], latency=1.5)
    entry = asker.cache.entry(key)
    assert (entry.namespace, entry.model, entry.answered_by) == ("n", "gpt-4o-mini", ANSWER["model"])
    assert (entry.tags, entry.depends_on, entry.attributes) == (["a", "b"], ["kb"], {"tenant": "a"})
    assert (entry.created, entry.expires, entry.latency) == (NOW, NOW + 86400, 1.5)
    assert (entry.source, entry.finish_reason) == (Source("Flow", "Look Up"), "stop")
    assert entry.digests.keys() == {"question", "history", "normalize", "model", "attributes.tenant"}
    assert b"Hi" in (entry.request or b"")


def test_store__the_source_of_the_store_goes_before_that_of_the_lookup(asker: Asker) -> None:
    key = asker.ask(source=Source("Flow", "Look Up")).key
    asker.answer(key, source=Source("Other", "Store"))
    assert asker.cache.entry(key).source == Source("Other", "Store")


# -- batches -----


def test_store_many__each_has_its_own_fate(asker: Asker) -> None:
    good, cut, theirs = asker.ask("a").key, asker.ask("b").key, asker.ask("c", namespace="theirs").key
    stored = asker.cache.store_many(
        [
            NewEntry(key=good, response=b'"fine"'),
            NewEntry(key=cut, response=finished("length")),
            NewEntry(key="0" * 64, response=b'"x"'),
            NewEntry(key=theirs, response=b'"x"'),
            NewEntry(request=request(prompt="d"), response=b'"fine too"'),
        ],
        lambda namespace: namespace == "default",
    )
    assert [each.stored for each in stored] == [True, False, False, False, True]
    assert [each.reason for each in stored[1:4]] == [
        NotStored.FINISH_REASON_LENGTH,
        NotStored.UNKNOWN_KEY,
        NotStored.UNKNOWN_KEY,
    ]
    assert [asker.ask(prompt).status for prompt in "abd"] == ["hit", "miss", "hit"]


def test_store_many__of_one_key_keeps_the_last(asker: Asker) -> None:
    key = asker.ask().key
    asker.cache.store_many([NewEntry(key=key, response=b'"one"'), NewEntry(key=key, response=b'"two"')])
    assert decoded(asker.ask()) == "two"
    assert asker.store.sizes()["default"].entries == 1


def test_store_many__of_nothing_is_nothing(asker: Asker) -> None:
    assert asker.cache.store_many([]) == []


def test_store_many__names_the_place_of_what_is_invalid(asker: Asker) -> None:
    key = asker.ask().key
    with pytest.raises(InvalidRequest) as raised:
        asker.cache.store_many([NewEntry(key=key, response=b"1"), NewEntry(key=key, response=b"1", ttl=None)])
    assert raised.value.loc == ("items", 1, "ttl")
    assert asker.ask().status == "miss"


# -- bounds -----


def test_store__bounds_evict_what_saves_the_least() -> None:
    asker = Asker(rules=Rules(patterns={"small": NamespaceRules(bounds=Bounds(max_entries=10))}))
    for at in range(12):
        asker.fill(f"question {at:02}", "the same length", namespace="small", cost_usd=float(at + 1))
        asker.fill(f"question {at:02}", "the same length", namespace="free")
    usage = asker.store.sizes()
    assert usage["small"].entries <= 10
    assert usage["free"].entries == 12
    assert asker.ask("question 11", namespace="small").status == "hit"
    assert asker.ask("question 00", namespace="small").status == "miss"


def test_store__a_newcomer_without_a_price_finds_room() -> None:
    asker = Asker(rules=Rules(NamespaceRules(bounds=Bounds(max_entries=3))))
    for prompt in "abc":
        asker.fill(prompt, "an answer", cost_usd=1.0)
    asker.fill("new", "an answer")
    assert asker.ask("new").status == "hit"
    assert asker.store.sizes()["default"].entries == 3


def test_store_many__what_it_says_is_stored_is_there() -> None:
    asker = Asker(rules=Rules(NamespaceRules(bounds=Bounds(max_entries=3))))
    for prompt in "abc":
        asker.fill(prompt, "an answer", cost_usd=1.0)
    keys = [asker.ask(f"new {at}").key for at in range(5)]
    stored = asker.cache.store_many([NewEntry(key=key, response=b'"an answer"') for key in keys])
    assert [each.stored for each in stored] == [asker.ask(f"new {at}").status == "hit" for at in range(5)]
    asker.fill("next", "an answer")
    assert asker.store.sizes()["default"].entries == 3


def test_store__hits_keep_an_entry_from_being_evicted() -> None:
    asker = Asker(rules=Rules(NamespaceRules(bounds=Bounds(max_entries=3))))
    for prompt in "abc":
        asker.fill(prompt, "an answer", cost_usd=1.0)
    for _ in range(3):
        asker.ask("a")
    asker.cache.statistics.flush()
    asker.fill("d", "an answer", cost_usd=1.0)
    assert asker.ask("a").status == "hit"
    assert sorted(asker.ask(prompt).status for prompt in "bcd") == ["hit", "hit", "miss"]  # equals, whichever goes
