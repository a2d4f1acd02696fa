"""Versions: what depends on something that was bumped is never served again."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from msgspec import UNSET

from prompt_cache.core.misses import MISS_TTL
from prompt_cache.core.policy import MissReason, NotStored
from prompt_cache.core.store import NewEntry
from prompt_cache.stores.base import Page, RecordQuery
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import Asker, decoded, request


def test_bump__outdates_at_once_what_depends_on_it(asker: Asker) -> None:
    asker.fill("a", depends_on=["kb"])
    asker.fill("b", depends_on=["kb", "prompt"])
    asker.fill("c", depends_on=["prompt"])
    asker.fill("d")
    assert asker.cache.bump("default", ["kb"]) == {"kb": 1}
    outcomes = {prompt: asker.ask(prompt, max_stale=1e6) for prompt in "abcd"}
    assert {prompt: outcome.status for prompt, outcome in outcomes.items()} == {
        "a": "miss",
        "b": "miss",
        "c": "hit",
        "d": "hit",
    }
    assert outcomes["a"].reason == MissReason.VERSION_CHANGED


def test_bump__of_another_namespace_outdates_nothing_here(asker: Asker) -> None:
    asker.fill(depends_on=["kb"])
    asker.cache.bump("other", ["kb"])
    assert asker.ask().status == "hit"


def test_bump__numbers_grow(asker: Asker) -> None:
    assert asker.cache.bump("default", ["a", "b"]) == {"a": 1, "b": 1}
    assert asker.cache.bump("default", ["b"]) == {"b": 2}
    assert asker.cache.bump("default", ["a"]) == {"a": 3}


def test_bump__answers_made_after_it_are_served(asker: Asker) -> None:
    asker.fill(depends_on=["kb"])
    asker.cache.bump("default", ["kb"])
    key = asker.ask().key
    assert asker.answer(key, depends_on=["kb"]).stored
    assert asker.ask().status == "hit"


def test_bump__holds_though_the_first_and_the_last_lookup_are_answered_at_this_moment() -> None:
    class Racing(MemoryStore):
        racing = False

        def find(self, query: RecordQuery, *, limit: int, cursor: str | None = None) -> Page:
            found = super().find(query, limit=limit, cursor=cursor)
            if self.racing and query.order == "oldest":
                self.racing = False
                for each in (first, last):
                    asker.answer(each.key, ticket=str(each.ticket), depends_on=["kb"])
            return found

    asker = Asker(Racing)
    asked = []
    for _ in range(3):
        asked.append(asker.ask())
        asker.clock.turn(1)
    first, mine, last = asked
    asker.cache.bump("default", ["kb"])
    asker.store.racing = True
    old = asker.cache.store(NewEntry(response=b'"old"', request=request(), depends_on=["kb"]))
    assert not asker.store.racing
    assert (old.key, old.reason) == (mine.key, NotStored.VERSION_CHANGED)
    assert asker.ask().status == "miss"


def test_bump__holds_among_lookups_whose_times_are_the_wrong_way_round(asker: Asker) -> None:
    asker.ask()  # before the bump, on a machine whose clock is ahead
    asker.cache.bump("default", ["kb"])
    asker.clock.turn(-1)
    asker.ask()
    old = asker.cache.store(NewEntry(response=b'"old"', request=request(), depends_on=["kb"]))
    assert old.reason == NotStored.VERSION_CHANGED


@pytest.mark.parametrize("by", ["key", "request"])
def test_bump__holds_for_what_was_asked_of_a_database_that_is_gone(asker: Asker, by: str) -> None:
    for _ in range(5):
        asker.cache.bump("default", ["kb"])
    asked = asker.ask()
    again = Asker()  # taken away, and begun anew
    again.ask()
    again.cache.bump("default", ["kb"])
    what = NewEntry(
        response=b'"old"',
        ticket=str(asked.ticket),
        depends_on=["kb"],
        **({"key": asked.key} if by == "key" else {"request": request()}),
    )
    assert again.cache.store(what).reason == NotStored.FLUSHED
    assert again.ask().status == "miss"


def test_bump__before_anything_was_stored_outdates_nothing(asker: Asker) -> None:
    asker.cache.bump("default", ["kb"])
    asker.fill(depends_on=["kb"])
    assert asker.ask().status == "hit"


@pytest.mark.parametrize("lease", [None, 30.0])
def test_bump__an_answer_still_being_made_is_refused(asker: Asker, lease: float | None) -> None:
    key = asker.ask(lease=lease).key
    asker.cache.bump("default", ["kb"])
    stored = asker.answer(key, depends_on=["kb"])
    assert (stored.stored, stored.reason) == (False, NotStored.VERSION_CHANGED)
    assert asker.ask().status == "miss"


def test_bump__an_answer_still_being_made_is_refused_though_others_ask_meanwhile(asker: Asker) -> None:
    key = asker.ask(lease=30).key
    asker.cache.bump("default", ["kb"])
    assert asker.ask(lease=30).status == "pending"
    assert asker.answer(key, depends_on=["kb"]).reason == NotStored.VERSION_CHANGED


def test_bump__an_answer_that_depends_on_something_else_is_kept(asker: Asker) -> None:
    key = asker.ask().key
    asker.cache.bump("default", ["kb"])
    assert asker.answer(key, depends_on=["prompt"]).stored
    asker.cache.bump("default", ["kb"])
    assert asker.ask().status == "hit"


def test_bump__between_two_stores_of_a_hit_counts_from_the_entrys_miss(asker: Asker) -> None:
    key = asker.fill(depends_on=["kb"], ttl=7200.0)
    asker.clock.turn(3700)  # the miss is forgotten, the entry is not
    asker.cache.bump("default", ["kb"])
    assert asker.answer(key, depends_on=["kb"]).reason == NotStored.VERSION_CHANGED


def test_bump__an_answer_stored_by_its_request_counts_from_the_store(asker: Asker) -> None:
    asker.cache.bump("default", ["kb"])
    assert asker.cache.store(NewEntry(request=request(), response=b'"x"', depends_on=["kb"])).stored
    assert asker.ask().status == "hit"
    asker.cache.bump("default", ["kb"])
    assert asker.ask().reason == MissReason.VERSION_CHANGED


def test_answer_from_before_a_bump__is_refused_though_others_asked_since(asker: Asker) -> None:
    slow = asker.ask()
    asker.cache.bump("default", ["kb"])
    assert asker.ask().status == "miss"  # somebody else, who will answer from the new data
    late = asker.answer(slow.key, depends_on=["kb"])
    assert (late.stored, late.reason) == (False, NotStored.VERSION_CHANGED)
    assert asker.ask().status == "miss"


def test_answer_after_a_refused_one__is_stored(asker: Asker) -> None:
    key = asker.ask().key
    asker.cache.bump("default", ["kb"])
    asker.answer(key, depends_on=["kb"])
    assert asker.ask().status == "miss"
    assert asker.answer(key, depends_on=["kb"]).stored
    assert asker.ask().status == "hit"


def test_answered_question__begins_anew_with_the_next_miss(asker: Asker) -> None:
    key = asker.fill(depends_on=["kb"])
    asker.cache.bump("default", ["kb"])
    assert asker.ask().status == "miss"
    assert asker.answer(key, depends_on=["kb"]).stored


# -- several lookups of one question at once -----


def test_ticket__tells_each_answer_by_its_lookup(asker: Asker) -> None:
    """Another settles meanwhile, and a third asks anew: the first one's answer is still from before the bump."""
    slow, quick = asker.ask(), asker.ask()
    assert asker.answer(quick.key, "old", ticket=quick.ticket, depends_on=["kb"]).stored
    asker.cache.bump("default", ["kb"])
    fresh = asker.ask()
    late = asker.answer(slow.key, "old", ticket=slow.ticket, depends_on=["kb"])
    assert (late.reason, late.detail) == (NotStored.VERSION_CHANGED, UNSET)
    assert asker.answer(slow.key, "old", ticket=slow.ticket, depends_on=["kb"]).reason == NotStored.VERSION_CHANGED
    assert asker.answer(fresh.key, "new", ticket=fresh.ticket, depends_on=["kb"]).stored
    assert decoded(asker.ask()) == "new"


def test_ticket__lets_the_fresh_answer_in_though_an_older_lookup_is_unanswered(asker: Asker) -> None:
    slow = asker.ask(lease=1)
    asker.clock.turn(2)
    asker.cache.bump("default", ["kb"])
    fresh = asker.ask(lease=30)
    assert asker.answer(fresh.key, "new", ticket=fresh.ticket, depends_on=["kb"]).stored
    assert asker.ask(max_age=-1).status == "miss"
    assert asker.answer(slow.key, "old", ticket=slow.ticket, depends_on=["kb"]).reason == NotStored.VERSION_CHANGED
    assert decoded(asker.ask()) == "new"


def test_key_alone__counts_as_the_oldest_lookup_whoever_settled_meanwhile(asker: Asker) -> None:
    key = asker.ask().key
    asker.ask()
    assert asker.answer(key, "old", depends_on=["kb"]).stored
    asker.cache.bump("default", ["kb"])
    for _ in range(3):
        asker.clock.turn(1)
        assert asker.ask().status == "miss"
        refused = asker.answer(key, depends_on=["kb"])  # which may be the first one's
        assert refused.reason == NotStored.VERSION_CHANGED
        assert "ticket" in refused.detail
    asker.clock.turn(MISS_TTL - 3)
    assert asker.ask().status == "miss"
    assert asker.answer(key, depends_on=["kb"]).stored


def test_request__counts_as_its_remembered_lookup(asker: Asker) -> None:
    asker.ask()
    asker.cache.bump("default", ["kb"])
    new_entry = NewEntry(request=request(), response=b'"old"', depends_on=["kb"])
    assert asker.cache.store(new_entry).reason == NotStored.VERSION_CHANGED
    assert asker.cache.store(new_entry).stored  # nobody is asking any more


def test_request__with_the_ticket_of_its_lookup(asker: Asker) -> None:
    asker.ask()
    asker.cache.bump("default", ["kb"])
    ticket = str(asker.ask().ticket)
    new_entry = NewEntry(request=request(), response=b'"new"', depends_on=["kb"], ticket=ticket)
    assert asker.cache.store(new_entry).stored


class Machine(RuleBasedStateMachine):
    """Users who look up, have an answer made from the data of that time, and store it at any time later."""

    def __init__(self) -> None:
        super().__init__()
        self.asker = Asker()
        self.data = 0
        self.asked: list[tuple[str, str, int]] = []

    @rule()
    def look_up(self) -> None:
        self.asker.clock.turn(1)
        outcome = self.asker.ask()
        if outcome.status == "hit":
            assert decoded(outcome) == self.data
        else:
            self.asked.append((outcome.key, str(outcome.ticket), self.data))

    @precondition(lambda self: self.asked)
    @rule(which=st.integers(0, 9), how=st.sampled_from(["ticket", "key", "request"]))
    def store(self, which: int, how: str) -> None:
        key, ticket, data = self.asked.pop(which % len(self.asked))
        new_entry = NewEntry(
            response=str(data).encode(),
            depends_on=["kb"],
            key=None if how == "request" else key,
            request=request() if how == "request" else None,
            ticket=ticket if how == "ticket" else None,
        )
        stored = self.asker.cache.store(new_entry)
        if how == "ticket":
            assert stored.stored == (data == self.data)

    @rule()
    def bump(self) -> None:
        self.data += 1
        self.asker.cache.bump("default", ["kb"])

    @rule(everywhere=st.booleans())
    def flush(self, everywhere: bool) -> None:
        self.data += 1
        self.asker.cache.flush(None if everywhere else "default")


TestNothingOldIsServed = Machine.TestCase
