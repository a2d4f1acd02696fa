"""Versions: what depends on something that was bumped is never served again."""

import pytest

from prompt_cache.core.policy import MissReason, NotStored
from prompt_cache.core.store import NewEntry
from sidecar.tests.support import Asker, request


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
