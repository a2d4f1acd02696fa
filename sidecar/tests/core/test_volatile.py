"""The spans that change between look-alike misses, and the masks that make them one: each proven as configured."""

import time
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prompt_cache.config import Config, rules
from prompt_cache.config.check import check
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.missed import proposing
from prompt_cache.core.missed.proposing import Proposal
from prompt_cache.core.missed.slots import blanked, slots_of
from prompt_cache.core.rules import Lifetime, NamespaceRules, Rules
from prompt_cache.keying.normalize import Normalizers
from prompt_cache.stores.memory import MemoryStore
from prompt_cache.values.validation import convert
from sidecar.tests.support import ANSWER, Asker, request

UUIDS = (
    "550e8400-e29b-41d4-a716-446655440000",
    "6fa459ea-ee8a-3ca4-894e-db77e160355e",
    "16fd2706-8baf-433b-82eb-8c7fada847da",
)
LONG = (
    "You write replies of a support desk for a shop that sells bicycles. Be polite, be brief, and never promise "
    "a date of delivery. Dear {}, thank you for your message about the brakes. What does the reply say?"
)


def proposals(asker: Asker, asked: list[dict[str, Any]], **stored: Any) -> list[Proposal]:
    for each in asked:
        asker.fill(each.pop("prompt", ""), each.pop("response", ANSWER), cost_usd=0.5, **each, **stored)
        asker.clock.turn(60)
    asker.cache.missed.flush()
    return asker.cache.missed.opportunities("default").masks


def said(text: str) -> dict[str, Any]:
    """An answer that says this."""
    return {**ANSWER, "choices": [{"index": 0, "finish_reason": "stop", "message": {"content": text}}]}


def keys_with(proposal: Proposal, requests: list[dict[str, Any]], defaults: dict[str, Any] | None = None) -> set[str]:
    """The keys of requests when the configuration has what is proposed."""
    written = yaml.safe_load(proposal.yaml)
    (settings,) = written["namespaces"].values()
    config = convert({"masks": written.get("masks", {}), "defaults": {**(defaults or {}), **settings}}, Config)
    check(config)
    cache = PromptCache(MemoryStore(), rules=rules(config), normalizers=Normalizers(config.masks))
    return {cache.key_of(request(**each)) for each in requests}


@pytest.mark.parametrize(
    ("template", "values", "kind", "caution"),
    [
        ("Current time: {}. What is a cache?", ("2026-11-25T16:10:00Z", "2026-11-26T08:00:01Z"), "date_or_time", False),
        (
            "It is {}. What is a cache?",
            ("Wednesday, 25 November 2026", "Thursday, 3 December 2026"),
            "date_or_time",
            False,
        ),
        ("Trace {} for support: what is a cache?", UUIDS, "uuid", False),
        ("{}: what is a cache?", UUIDS, "uuid", False),
        ("Session kQ9x2LmP7tR4wZ1c asks {} what a cache is", ("a8Kd92LqPz77Xc01", "zP0q91LmNb32Kd8w"), "token", False),
        ("At epoch {} somebody asked what a cache is", ("1764086400", "1764172800", "1764172911"), "timestamp", False),
        ("Answer no {} please: what is a cache?", ("7", "8", "12"), "counter", True),
        ("Where is order {} now?", ("4711", "815", "99120"), "number", True),
        ("Where is parcel {} now?", ("ORD-12345", "ORD-99", "ORD-7431"), "id", True),
        ("Reply to {} about the invoice", ("ann@example.com", "bob.lee@example.org"), "address", True),
        (LONG, ("Anna Schmidt", "Bob", "Chloé Dupont"), "name", True),
        ("Ticket:{}\n\nWhat is a cache?\n\n```\nx = 1\n```", ("A1", "B22", "C3"), "id", True),
    ],
)
def test_volatile__the_mask_makes_exactly_these_one(
    asker: Asker, template: str, values: tuple[str, ...], kind: str, caution: bool
) -> None:
    asked = [{"prompt": template.format(value)} for value in values]
    (found,) = proposals(asker, [dict(each) for each in asked])
    assert [mask.kind for mask in found.masks] == [kind]
    assert (found.questions, found.caution, found.also) == (len(values), caution, 0)
    assert [piece.text for piece in found.pieces if piece.marked] == [values[-1]]
    assert "".join(piece.text for piece in found.pieces) == asked[-1]["prompt"]
    assert len(keys_with(found, asked)) == 1
    others = [{"prompt": text} for text in (f"Well. {asked[0]['prompt']}", f"{asked[0]['prompt']} Thanks.")]
    assert len(keys_with(found, [*asked, *others])) == 3
    assert (found.gain.hits, found.gain.cost_usd) == (len(values) - 1, 0.5 * (len(values) - 1))
    assert (found.same_answers, found.compared_answers) == (len(values) - 1, len(values) - 1)


def test_volatile__a_time_in_the_system_prompt_needs_masks_there(asker: Asker) -> None:
    asked = [{"prompt": "What is a cache?", "system": f"Today is {day} November 2026. Be brief."} for day in (24, 25)]
    (found,) = proposals(asker, [dict(each) for each in asked])
    assert found.mask_system
    assert yaml.safe_load(found.yaml)["namespaces"]["default"]["mask_system"] is True
    assert len(keys_with(found, asked)) == 1


def test_volatile__the_days_and_months_that_come_are_masked_too(asker: Asker) -> None:
    asked = [{"prompt": f"Be brief. Today is Friday, {day} November 2026, 16:10 UTC. Hi"} for day in (20, 21)]
    (found,) = proposals(asker, [dict(each) for each in asked])
    assert found.masks[0].pattern == r"Today is \pL+, [0-9]+ \pL+ [0-9]+, [0-9]+:[0-9]+ UTC\b"
    later = {"prompt": "Be brief. Today is Tuesday, 1 December 2026, 08:00 UTC. Hi"}
    assert len(keys_with(found, [*asked, later])) == 1


def test_volatile__what_hardly_matters_is_masked_alone_first(asker: Asker) -> None:
    asked = [
        {"prompt": f"At {at} order {order} was asked for. Where is it?"}
        for order in (17, 18)
        for at in ("16:10", "16:11", "17:45")
    ]
    times, everything = proposals(asker, [dict(each) for each in asked])
    assert not times.caution
    assert [mask.kind for mask in times.masks] == ["date_or_time"]
    assert times.questions == 6
    assert len(keys_with(times, asked)) == 2  # the orders stay apart
    assert (times.gain.hits, times.fewer) == (4, 4)
    assert (everything.gain.hits, everything.caution) == (5, True)


def test_volatile__order_numbers_that_are_the_question_are_told_with_caution_and_last(asker: Asker) -> None:
    orders = [{"prompt": f"Where is order {at}?", "response": said(f"At {at}.")} for at in (17, 2, 91)]
    first, last = proposals(
        asker, [*orders, *({"prompt": f"It is {at}. What is a cache?"} for at in ("16:10", "16:11"))]
    )
    assert not first.caution
    assert last.caution
    assert (last.same_answers, last.compared_answers) == (0, 2)


def test_volatile__says_what_else_would_become_one(asker: Asker) -> None:
    asked = [{"prompt": f"It is {at}. What is a cache?"} for at in ("16:10", "3 May 2026", "16:30:10")]
    asked += [{"prompt": f"Is {day} May 2026 a good day for a wedding?"} for day in (3, 4)]
    cache, wedding = proposals(asker, asked)
    assert [mask.pattern for mask in cache.masks] == [None]  # of any form: the mask that is there anyway
    assert (cache.questions, cache.also) == (3, 2)
    assert (wedding.questions, wedding.also) == (2, 0)  # held by the words around


def test_volatile__short_questions_that_differ_in_a_name_are_left_alone(asker: Asker) -> None:
    asked = [{"prompt": f"What is the capital of {country}?"} for country in ("France", "Germany", "Spain")]
    assert proposals(asker, asked) == []


def test_volatile__what_else_differs_is_no_look_alike(asker: Asker) -> None:
    asked: list[dict[str, Any]] = [
        {"prompt": "It is 16:10. What is a cache?"},
        {"prompt": "It is 16:11. What is a cache?", "model": "gpt-4o-mini"},
        {"prompt": "It is 16:12. What is a cache?", "params": {"temperature": 0}},
        {"prompt": "It is 16:13. What is a rabbit?"},
    ]
    assert proposals(asker, asked) == []


def test_volatile__only_what_was_asked_again_within_a_life_counts() -> None:
    asker = Asker(rules=Rules(NamespaceRules(lifetime=Lifetime(ttl=90))))
    (found,) = proposals(asker, [{"prompt": f"It is 16:{at}. What is a cache?"} for at in (10, 11, 12, 13)])
    assert found.gain.hits == 2  # asked each minute, each answer would have served one more


def test_volatile__goes_with_the_steps_and_masks_that_are_there() -> None:
    normalizers = Normalizers({"trace": "nothing"})
    asker = Asker(
        normalizers=normalizers, rules=Rules(patterns={"def*": NamespaceRules(normalize=("trim", "mask:trace"))})
    )
    (found,) = proposals(asker, [{"prompt": f"Trace {uuid}: what is a cache?"} for uuid in UUIDS])
    assert found.normalize == ["trim", "mask:trace", "mask:trace_2"]
    assert list(yaml.safe_load(found.yaml)["namespaces"]) == ["def*"]


@pytest.mark.parametrize("mask_system", [False, True])
def test_volatile__nothing_is_proposed_twice(mask_system: bool) -> None:
    """What was missed before a mask was configured stays known for weeks."""
    dated = [f"Today is 2026-11-{day}. What is a cache?" for day in (24, 25, 26)]
    asked = [{"prompt": "Hi?", "system": text} if mask_system else {"prompt": text} for text in dated]
    asker = Asker()
    (found,) = proposals(asker, [dict(each) for each in asked])
    settings = yaml.safe_load(found.yaml)
    config = convert({"masks": settings["masks"], "defaults": settings["namespaces"]["default"]}, Config)
    follower = Asker(lambda _: asker.store, rules=rules(config), normalizers=Normalizers(config.masks))
    follower.clock.turn(600)
    assert follower.cache.missed.opportunities("default").masks == []
    (other,) = proposals(follower, [{"prompt": f"Call {uuid}. What is a cache?"} for uuid in UUIDS])
    assert [mask.kind for mask in other.masks] == ["uuid"]


def test_volatile__nothing_where_prompts_are_not_kept() -> None:
    asker = Asker(store_prompts=False)
    assert proposals(asker, [{"prompt": f"It is 16:{at}. What is a cache?"} for at in (10, 11)]) == []


def test_volatile__texts_of_several_messages_and_parts(asker: Asker) -> None:
    asked = [
        {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": f"Run {uuid}"}, {"type": "text", "text": "Now:"}],
                },
                {"role": "assistant", "content": "Yes?"},
                {"role": "user", "content": f"It is 16:1{at}. What is a cache?"},
            ]
        }
        for at, uuid in enumerate(UUIDS)
    ]
    (found,) = proposals(asker, [dict(each) for each in asked])
    assert [mask.kind for mask in found.masks] == ["uuid", "date_or_time"]
    assert len(keys_with(found, asked)) == 1


TEXTS = st.text(alphabet=st.sampled_from("ab Zé1 2-./:@#\n\0\ufdd0,Mon May"), max_size=60) | st.text(max_size=60)


@settings(max_examples=50)
@given(TEXTS)
def test_slots__are_in_order_and_inside_of_the_text(text: str) -> None:
    for names in (False, True):
        slots = slots_of(text, names=names)
        assert all(0 <= start < end <= len(text) for start, end in slots)
        assert all(one[1] <= other[0] for one, other in pairwise(slots))
        assert blanked(text, names=names).count("\0") == len(slots) + _outside(text, slots)


def _outside(text: str, slots: list[tuple[int, int]]) -> int:
    inside = sum(text[start:end].count("\0") for start, end in slots)
    return text.count("\0") - inside


@example(["", "0\x850\u2028", ""], {0, 1})
@given(
    st.lists(TEXTS, min_size=3, max_size=3), st.sets(st.integers(min_value=0, max_value=10**6), min_size=2, max_size=4)
)
def test_volatile__whatever_stands_around_what_is_proposed_holds(around: list[str], numbers: set[int]) -> None:
    asker = Asker()
    asked = [{"prompt": f"{around[0]} number {number} {around[1]} times {number}{around[2]}."} for number in numbers]
    for found in proposals(asker, [dict(each) for each in asked]):
        assert len(keys_with(found, asked)) < len(asked)


@pytest.mark.parametrize(
    "text", ["1" * 10_000, "a1 " * 3_333, "A " * 5_000, "x@" * 5_000, "12:3" * 2_500, "Mon 1 " * 1_700, "é1\n" * 3_333]
)
def test_slots__take_no_longer_for_hostile_texts(text: str) -> None:
    def took(length: int) -> float:
        began = time.process_time()
        for _ in range(3):
            slots_of((text * (length // len(text) + 1))[:length], names=True)
        return time.process_time() - began

    took(1000)
    assert took(80_000) < 40 * took(8_000) + 0.2  # ten times as long, were it linear; a hundred, were it quadratic


def changing_in(places: int, at: int) -> dict[str, Any]:
    return {"prompt": "\n".join(f"The value {place:c} is {at}{place}" for place in range(97, 97 + places))}


def test_volatile__where_too_much_changes_nothing_is_proposed(asker: Asker) -> None:
    assert proposals(asker, [changing_in(20, at) for at in (1, 2)])
    assert not proposals(Asker(), [changing_in(40, at) for at in (1, 2)])  # a mask each is more than may be configured


def test_volatile__what_is_as_long_as_a_text_is_no_span() -> None:
    asked = [{"prompt": "Sum up these numbers: " + f"{at} " * 200} for at in (1, 2)]
    assert not proposals(Asker(), asked)


def test_volatile__what_is_to_be_pasted_hides_and_turns_nothing(asker: Asker) -> None:
    asked = [{"prompt": f"Order\u202ereversed number {at} é please"} for at in (101, 102)]
    found = proposals(asker, asked)[-1]
    assert "\u202e" not in found.yaml
    assert keys_with(found, asked) == {keys_with(found, asked).pop()}


def test_volatile__hostile_groups_keep_no_thread_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "_SECONDS", -1.0)
    asked = [{"prompt": f"{topic} order 10{at} now"} for topic in ("Cancel", "Return") for at in (1, 2)]
    assert len(proposals(Asker(), asked)) == 1


def test_volatile__thousands_of_long_prompts_take_seconds_at_most(asker: Asker) -> None:
    filler = "Some words that stand in each of these prompts, 42 times over. " * 150
    for at in range(60):
        asker.ask(f"Trace {at:08x}{at * 7919:08x}: what is a cache? {filler}")
    began = time.process_time()
    for _ in range(3):
        asker.cache.missed.flush()
    (found,) = asker.cache.missed.opportunities("default").masks
    assert found.questions == 60
    assert time.process_time() - began < 10
