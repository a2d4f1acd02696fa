"""What is missed is remembered for weeks: once for each question, off the callers' path, within bounds."""

import random
from typing import Any

import pytest

from prompt_cache.core.entry import Source
from prompt_cache.core.errors import UnknownKey
from prompt_cache.core.filters import EntryFilter
from prompt_cache.core.missed.record import Missed
from prompt_cache.core.missed.why import Nearest
from prompt_cache.core.rules import Lifetime, NamespaceRules, Recording, Rules
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.keys import Keyer
from prompt_cache.stores.base import Bounds, StoreUnavailable
from prompt_cache.stores.memory import MemoryStore
from prompt_cache.stores.null import NullStore
from sidecar.tests.core.test_trips import FarAway
from sidecar.tests.support import Asker, request


def anywhere(_: str) -> bool:
    return True


def missed(asker: Asker, namespace: str = "default") -> list[Missed]:
    """What is remembered of a namespace, the latest first."""
    asker.cache.missed.flush()
    return [each.missed for each in asker.cache.missed.page(namespace, limit=1000)[0]]


def test_missed__once_for_each_question_however_often(asker: Asker) -> None:
    for _ in range(3):
        asker.ask("What is a cache?", model="gpt-4o", source=Source("Support", "Chain"))
        asker.clock.turn(10)
    asker.ask("What is a rabbit?")
    rabbit, cache = missed(asker)
    assert (rabbit.times, cache.times) == (1, 3)
    assert (cache.last - cache.first, cache.reasons) == (20, {"not_found": 3})
    assert (cache.model, cache.source) == ("gpt-4o", Source("Support", "Chain"))
    assert cache.request is not None
    assert b"What is a cache?" in cache.request
    assert missed(asker) == [rabbit, cache]  # nothing is counted twice


def test_missed__with_what_its_answers_cost_and_why_others_were_not_stored(asker: Asker) -> None:
    key = asker.fill("What is a cache?", cost_usd=0.25, ttl=60)
    asker.clock.turn(61)
    assert asker.ask("What is a cache?").status == "miss"
    assert not asker.answer(key, {"error": {"message": "no"}}).stored
    (found,) = missed(asker)
    assert (found.times, found.answers, found.cost_usd, found.unpriced) == (2, 1, 0.25, 0)
    assert found.reasons == {"not_found": 1, "expired": 1}
    assert found.refused == {"error_response": 1}
    assert found.paid[0].again == asker.clock.now
    assert not found.paid[0].by_rule


def test_missed__what_a_hit_or_a_waiting_caller_asks_is_not(asker: Asker) -> None:
    asker.fill("What is a cache?")
    asker.ask("What is a cache?")
    assert asker.ask("Who asks?", lease=60).status == "miss"
    assert asker.ask("Who asks?", lease=60).status == "pending"
    assert [each.times for each in missed(asker)] == [1, 1]


def test_missed__a_caller_waits_for_nothing_of_it() -> None:
    asker = Asker(FarAway)
    asker.ask("first")
    asker.cache.missed.flush()
    asker.store.trips.clear()
    asker.ask("second")
    assert asker.store.trips == ["get_with_versions", "put"]
    asker.store.trips.clear()
    asker.cache.missed.flush()
    assert "put" in asker.store.trips


@pytest.mark.parametrize("gone", ["flush", "flush_all", "delete", "invalidate_key", "invalidate_tag"])
def test_missed__is_gone_with_its_namespace_or_its_question(asker: Asker, gone: str) -> None:
    key = asker.fill("What is a cache?", tags=["kb"])
    asker.ask("What is a rabbit?")
    missed(asker)
    asker.ask("What is a cache?", max_age=0)  # is noted, and not written yet
    if gone == "flush":
        asker.cache.flush("default")
    elif gone == "flush_all":
        asker.cache.flush()
    elif gone == "delete":
        asker.cache.delete(key)
    elif gone == "invalidate_key":
        asker.cache.invalidate(EntryFilter(key=key))
    else:
        asker.cache.invalidate(EntryFilter(tags=("kb",)))
    left = missed(asker)
    assert len(left) == (0 if gone.startswith("flush") else 1)
    assert all(each.key != key for each in left)
    with pytest.raises(UnknownKey):
        asker.cache.missed.one(key, anywhere)


def test_missed__a_question_without_an_answer_is_deleted_by_its_key(asker: Asker) -> None:
    key, other = asker.ask("What is a cache?").key, asker.ask("What is a rabbit?").key
    assert asker.cache.delete(key) == 0
    asker.cache.invalidate(EntryFilter(key=other), dry_run=True)
    assert len(missed(asker)) == 1
    with pytest.raises(UnknownKey):
        asker.cache.delete(other, lambda namespace: namespace == "zoo")
    asker.cache.invalidate(EntryFilter(request=request(prompt="What is a rabbit?")))
    assert missed(asker) == []
    with pytest.raises(UnknownKey):
        asker.cache.delete(key)


def test_missed__an_answer_that_is_refreshed_was_not_missed(asker: Asker) -> None:
    key = asker.fill()
    asker.ask()
    asker.answer(key)  # without a lookup that missed
    assert [(each.times, each.answers) for each in missed(asker)] == [(1, 1)]


def test_missed__a_dry_run_takes_nothing_out(asker: Asker) -> None:
    asker.fill(tags=["kb"])
    missed(asker)
    assert asker.cache.invalidate(EntryFilter(tags=("kb",)), dry_run=True) == 1
    assert len(missed(asker)) == 1


def test_missed__what_another_worker_noted_before_a_flush_is_gone_too(asker: Asker) -> None:
    other = Asker(lambda _: asker.store)
    other.ask("What is a cache?")
    asker.cache.flush("default")
    assert missed(other) == []
    other.ask("What is a cache?")
    assert len(missed(other)) == 1


def test_missed__also_where_nothing_is_stored_yet_a_flush_of_all_reaches_it(asker: Asker) -> None:
    asker.ask("What is a cache?", namespace="kb")
    assert len(missed(asker, "kb")) == 1
    asker.clock.turn(2 * 3600)  # the miss itself is forgotten
    asker.store.sweep()
    asker.cache.flush()
    assert missed(asker, "kb") == []


@pytest.mark.parametrize(
    "options", [{"rules": Rules(NamespaceRules(recording=Recording(mode="record", path="missing.jsonl")))}, {}]
)
def test_missed__not_where_nothing_is_kept_or_all_is_recorded(tmp_path: Any, options: dict[str, Any]) -> None:
    if options:
        recording = Recording(mode="record", path=str(tmp_path / "cassette.jsonl"))
        asker = Asker(rules=Rules(NamespaceRules(recording=recording)))
    else:
        asker = Asker(lambda _: NullStore())
    outcome = asker.ask()
    asker.answer(outcome.key, ticket=outcome.ticket)
    asker.cache.missed.flush()
    assert asker.cache.missed.namespaces(anywhere) == []


def test_missed__where_prompts_are_not_kept_digests_alone() -> None:
    asker = Asker(store_prompts=False, keyer=Keyer(b"secret"))
    asker.ask("What is a cache?", params={"temperature": 0})
    asker.ask("What is a cache?", params={"temperature": 1})
    (found, other) = missed(asker)
    assert found.request is None
    assert found.templates == ()
    assert asker.cache.missed.page("default")[0][0].nearest.fields == ["params.temperature"]  # type: ignore[union-attr]
    bodies = asker.store.get([f"missed:{each.key}" for each in (found, other)])
    assert not any(b"cache" in body for body in bodies)


def test_missed__for_thirty_days(asker: Asker) -> None:
    asker.ask("What is a cache?")
    missed(asker)
    asker.clock.turn(30 * 86400 - 1)
    assert len(missed(asker)) == 1
    asker.clock.turn(2)
    assert missed(asker) == []


def test_missed__a_flood_pushes_nothing_out_that_repeats(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.core.missed.keeping._BOUNDS", Bounds(max_entries=100))
    for _ in range(2):
        asker.ask("asked twice " + "with many words " * 50)
        missed(asker)
    for at in range(300):
        asker.ask(f"flood {at}")
        if at % 50 == 49:
            asker.clock.turn(1)
            left = missed(asker)
    assert len(left) <= 100
    assert [each.times for each in left if each.times > 1] == [2]
    newest = {each.request for each in left}
    assert any(b"flood 299" in (each or b"") for each in newest)  # of those asked once, the oldest go
    assert not any(b"flood 199" in (each or b"") for each in newest)


def test_missed__memory_is_bounded_in_a_flood(asker: Asker) -> None:
    for at in range(600):
        asker.ask(f"flood {at}")
    assert len(missed(asker)) == 500


def test_missed__a_request_that_is_too_long_is_known_by_its_digests_alone(asker: Asker) -> None:
    asker.ask("x" * 70_000)
    (found,) = missed(asker)
    assert found.request is None
    assert "question" in found.digests


def test_missed__namespaces_that_are_invented_are_bounded(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.core.missed.keeping._NAMESPACES", 3)
    for at in range(5):
        asker.ask(namespace=f"n{at}")
    asker.cache.missed.flush()
    assert len(asker.cache.missed.namespaces(anywhere)) == 3


def test_missed__all_together_are_bounded(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.core.missed.keeping._ENTRIES", 10)
    for at in range(20):
        asker.ask(f"question {at}", namespace=f"n{at % 2}")
    assert len(missed(asker, "n0")) <= 5
    assert len(missed(asker, "n1")) <= 5


def test_missed__all_together_take_no_more_bytes_than_they_may(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prompt_cache.core.missed.keeping._BYTES", 20_000)
    for at in range(40):
        asker.ask(f"question {random.Random(at).randbytes(500).hex()}", namespace=f"n{at % 2}")
        asker.cache.missed.flush()
    held = {name: size for name, size in asker.store.sizes().items() if name.startswith("!missed:")}
    assert len(held) == 2
    assert 5_000 < sum(size.bytes for size in held.values()) <= 20_000


def test_missed__two_workers_count_each_once(asker: Asker) -> None:
    other = Asker(lambda _: asker.store)
    for _ in range(2):
        asker.ask()
        other.ask()
    other.cache.missed.flush()
    assert [each.times for each in missed(asker)] == [4]


def test_missed__while_another_worker_writes_this_one_waits(asker: Asker) -> None:
    asker.ask()
    asker.store.acquire("!missed", "other", 5)
    assert missed(asker) == []
    asker.ask()
    asker.store.release("!missed", "other")
    assert [each.times for each in missed(asker)] == [2]


def test_missed__what_may_have_been_written_is_not_written_twice(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise StoreUnavailable

    for method, left in (("acquire", 1), ("get", 1), ("put", 0)):
        asker.ask(f"while {method} fails")
        with monkeypatch.context() as patch:
            patch.setattr(asker.store, method, broken)
            with pytest.raises(StoreUnavailable):
                asker.cache.missed.flush()
        found = [each for each in missed(asker) if f"while {method}".encode() in (each.request or b"")]
        assert [each.times for each in found] == [1] * left


def test_missed__what_was_not_read_in_one_go_is_in_the_next(asker: Asker) -> None:
    for at in range(30):
        asker.ask(f"It is 16:{at + 10}. " + "Some words. " * 2500)
    assert not all(each.templates for each in missed(asker))
    asker.ask("It is 17:00. " + "Some words. " * 2500)
    found = missed(asker)
    assert all(each.templates for each in found)
    assert [each.times for each in found] == [1] * 31
    for at in range(30):
        asker.ask(f"It is 18:{at + 10}. " + "Some words. " * 2500)
    missed(asker)
    asker.cache.flush("default")
    assert missed(asker) == []  # nor comes what was to be read back


def test_missed__a_request_that_breaks_something_keeps_no_other_from_being_written(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: bytes, _: Any) -> tuple[str, ...]:
        if b"poison" in request:
            raise RecursionError
        return ()

    monkeypatch.setattr("prompt_cache.core.missed.noting.templates_of", broken)
    asker.ask("poison")
    asker.ask("What is a cache?")
    assert len(missed(asker)) == 2


def test_missed__a_page_ends_where_it_was_asked_to(asker: Asker) -> None:
    for at in range(5):
        asker.ask(f"question {at}")
        asker.cache.missed.flush()
        asker.clock.turn(60)
    page, cursor = asker.cache.missed.page("default", limit=2)
    assert [each.missed.last for each in page] == [asker.clock.now - 60, asker.clock.now - 120]
    assert cursor
    page, cursor = asker.cache.missed.page("default", since=asker.clock.now - 200, limit=2, cursor=cursor)
    assert len(page) == 1
    assert cursor is None
    with pytest.raises(ValueError, match="cursor"):
        asker.cache.missed.page("default", cursor="made up")


def test_missed__says_which_fields_differ_from_what_is_nearest(asker: Asker) -> None:
    system = "Be brief."
    stored = asker.fill("What is a cache?", system=system, params={"temperature": 0})
    asker.clock.turn(1)
    asker.ask("What is a rabbit?", system=system, params={"temperature": 0.5})
    asker.clock.turn(1)
    asker.ask("What is a cache?", system=system, params={"temperature": 0.5})
    asker.cache.missed.flush()
    cache, rabbit, first = (each.nearest for each in asker.cache.missed.page("default")[0])
    assert cache == Nearest(stored, ["params.temperature"], answered=True)
    assert rabbit is not None
    assert (rabbit.fields, rabbit.answered) == (["question"], False)
    assert first is not None
    assert first.fields == ["params.temperature"]


def test_missed__what_shares_no_field_is_not_near(asker: Asker) -> None:
    asker.ask("What is a cache?", model="gpt-4o")
    asker.ask(messages=[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}], normalize="none")
    asker.cache.missed.flush()
    assert [each.nearest for each in asker.cache.missed.page("default")[0]] == [None, None]


def test_missed__a_bump_or_a_bound_ends_an_answer_and_no_longer_life_would_have_helped() -> None:
    rules = Rules(NamespaceRules(lifetime=Lifetime(ttl=3600), keep_stale=0))
    for depends_on, certain in (([], True), (["kb"], False)):
        asker = Asker(MemoryStore, rules=rules)
        asker.fill(depends_on=depends_on)
        asker.clock.turn(7200)
        assert asker.ask().reason == "not_found"
        (found,) = missed(asker)
        assert (found.paid[0].again is not None) == certain
        assert found.paid[0].by_rule


def test_missed__a_lookup_whose_answer_is_never_offered_says_why(asker: Asker) -> None:
    outcome = asker.ask()
    asker.cache.missed.note_not_offered(str(outcome.ticket), "tool_calls")
    asker.cache.missed.note_not_offered("default:0:unknown", "tool_calls")
    (found,) = missed(asker)
    assert found.refused == {"tool_calls": 1}


def test_missed__what_nobody_looked_up_is_none(asker: Asker) -> None:
    asker.cache.store(NewEntry(response=b'"Paris"', request=request()))
    assert missed(asker) == []
