"""Entries that answer a question whatever attributes they carry beside those that are asked for."""

from typing import Any

import msgspec
import pytest

from prompt_cache.core import alike
from prompt_cache.core.alike import MOST
from prompt_cache.core.rules import NamespaceRules, Rules
from prompt_cache.core.store import NewEntry
from sidecar.tests.support import Asker, request

PROMPT = "When do you open?"


def found(asker: Asker, most: int = 1, **fields: Any) -> list[tuple[Any, dict[str, str]]]:
    """(answer, attributes) of each that is found."""
    answers = asker.cache.answers(request(**{"prompt": PROMPT} | fields), most)
    return [(msgspec.json.decode(each.entry.response), each.entry.attributes) for each in answers]


def fill(asker: Asker, response: Any, **attributes: str) -> str:
    key = asker.fill(PROMPT, response, attributes=attributes or None)
    asker.clock.turn(1)
    return key


def test_answers__an_entry_with_more_attributes_than_asked_for_will_do() -> None:
    asker = Asker()
    fill(asker, "at nine", shop="north", lang="en")
    for asked in ({}, {"shop": "north"}, {"lang": "en"}, {"shop": "north", "lang": "en"}):
        assert found(asker, attributes=asked) == [("at nine", {"shop": "north", "lang": "en"})]
    for asked in ({"shop": "south"}, {"shop": "north", "lang": "fr"}, {"shop": "north", "day": "monday"}):
        assert found(asker, attributes=asked) == []


def test_answers__another_question_has_others() -> None:
    asker = Asker()
    fill(asker, "at nine", shop="north")
    assert found(asker, prompt="When do you close?") == []
    assert found(asker, model="gpt-4o") == []
    assert found(asker, system="Be brief.") == []
    assert found(asker, namespace="other") == []
    assert found(asker, prompt=f"  {PROMPT} ") != []


def test_answers__where_several_could_be_meant_there_is_none() -> None:
    asker = Asker()
    fill(asker, "at nine", shop="north")
    fill(asker, "at ten", shop="south")
    assert found(asker) == []
    assert found(asker, attributes={"shop": "south"}) == [("at ten", {"shop": "south"})]
    assert [answer for answer, _ in found(asker, 2)] == ["at ten", "at nine"]  # newest first
    assert [answer for answer, _ in found(asker, 5)] == ["at ten", "at nine"]


def test_answers__that_agree_are_one() -> None:
    asker = Asker()
    fill(asker, "at nine", shop="north")
    fill(asker, "at nine", shop="south")
    assert [answer for answer, _ in found(asker)] == ["at nine"]


def test_answers__the_very_attributes_decide() -> None:
    asker = Asker()
    fill(asker, "that depends")
    fill(asker, "at nine", shop="north")
    fill(asker, "at ten", shop="south")
    assert [answer for answer, _ in found(asker)] == ["that depends"]
    assert [answer for answer, _ in found(asker, 2)] == ["that depends", "at ten"]
    assert [answer for answer, _ in found(asker, 3)] == ["that depends", "at ten", "at nine"]


def test_answers__what_has_expired_or_was_flushed_or_outdated_is_none() -> None:
    asker = Asker()
    fill(asker, "at nine", shop="north")
    asker.clock.turn(86400)
    assert found(asker) == []
    fill_again = asker.ask(PROMPT, attributes={"shop": "north"})
    asker.answer(fill_again.key, "at eight", depends_on=["hours"])
    assert [answer for answer, _ in found(asker)] == ["at eight"]
    asker.cache.bump("default", ["hours"])
    assert found(asker) == []
    fill(asker, "at ten", shop="south")
    asker.cache.flush("default")
    assert found(asker) == []


def test_answers__one_that_has_expired_confuses_nobody() -> None:
    asker = Asker()
    fill(asker, "at nine", shop="north")
    asker.clock.turn(86400)
    fill(asker, "at ten", shop="south")
    assert [answer for answer, _ in found(asker)] == ["at ten"]


@pytest.mark.parametrize("value", ['a", "b', "a\\", 'x"],["attribute', "\x00", "a,b/c", "ü\u2028", "a\nb"])
def test_answers__no_attribute_passes_for_another(value: str) -> None:
    asker = Asker()
    fill(asker, "theirs", tenant=value)
    assert found(asker, attributes={"tenant": value}) == [("theirs", {"tenant": value})]
    assert found(asker, attributes={"tenant": "a"}) == []
    assert found(asker, attributes={"tenant": value, "b": ""}) == []
    assert found(asker, attributes={f'tenant","{value}'.replace("\x00", "").replace("\n", ""): ""}) == []


def test_answers__no_more_than_so_many_are_looked_at() -> None:
    asker = Asker()
    for number in range(MOST + 20):
        asker.fill(PROMPT, "at nine", attributes={"shop": str(number)})
    assert found(asker) == []
    assert len(found(asker, attributes={"shop": "7"})) == 1
    fill(asker, "that depends")
    assert len(found(asker, 10)) == 10


def test_answers__no_more_are_held_in_memory_than_a_batch_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    asker = Asker()
    for number in range(20):
        asker.fill(PROMPT, "at nine" * 10, attributes={"shop": str(number)})
    assert len(found(asker, 20)) == 20
    monkeypatch.setattr(alike, "BATCH_BYTES", 1000)
    assert found(asker, 20) == []
    fill(asker, "that depends")
    assert 1 < len(found(asker, 20)) < 20


def test_answers__count_as_one_lookup_and_are_not_remembered() -> None:
    asker = Asker()
    found(asker)
    assert asker.store.sizes() == {}
    fill(asker, "at nine", shop="north")
    found(asker, 3)
    totals, _ = asker.cache.statistics.report(lambda _: True)
    assert (totals.hits, totals.misses, totals.stored) == (1, 2, 1)  # with the miss of what was stored


def test_answers__a_field_that_is_ignored_keeps_nothing_apart() -> None:

    asker = Asker(rules=Rules(NamespaceRules(ignore=(("attributes", "session"),))))
    fill(asker, "at nine", shop="north", session="1")
    assert found(asker, attributes={"session": "2"}) == [("at nine", {"shop": "north"})]


def test_ticket__an_answer_that_nobody_asked_for_is_as_of_now() -> None:

    asker = Asker()
    asker.ask(PROMPT)
    asker.cache.flush("default")
    new = NewEntry(response=b'"at nine"', request=request(prompt=PROMPT), ticket=asker.cache.ticket("default"))
    assert asker.cache.store(new).stored
    assert [answer for answer, _ in found(asker)] == ["at nine"]
