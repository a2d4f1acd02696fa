"""Masks: what an operator's pattern matches is one to a key, and nothing else is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.core.rules import NamespaceRules, Rules
from prompt_cache.keying.normalize import Normalizers
from sidecar.tests.support import key

MASKS = {"id": r"\d+", "now": r"\d{4}-\d{2}-\d{2}T[\d:.Z+-]+"}
FRAME = "\ufdd0"


def masked(prompt: str, *steps: str) -> str:
    return Normalizers(MASKS)[list(steps) or ["mask:id"]](prompt)


def test_masks__what_differs_in_a_masked_span_alone_is_one_question() -> None:
    assert masked("Is order 5 here?") == masked("Is order 123 here?") != masked("Is order x here?")


@pytest.mark.parametrize("literal", ["<id>", "\ufdd0<id>", "\ufdd0\ufdd0<id>", "id", "\ufdd0"])
def test_masks__no_text_is_taken_for_a_masked_one(literal: str) -> None:
    assert masked(f"Is order {literal} here?") != masked("Is order 5 here?")


@given(*[st.lists(st.sampled_from([FRAME, "<id>", "<", "5", "a", " "]), max_size=6).map("".join)] * 2)
def test_masks__texts_are_one_only_where_all_but_numbers_is(one: str, other: str) -> None:
    if masked(one) == masked(other):
        assert re.sub(r"\d+", "5", one) == re.sub(r"\d+", "5", other)


def test_masks__apply_to_code_too_and_to_nothing_else_there() -> None:
    assert masked("`f  5`", "trim", "collapse_whitespace", "mask:id") == "`f  \ufdd0<id>`"


def test_masks__apply_in_order_between_steps() -> None:
    chain = Normalizers({"low": "[a-z]+", "high": "[A-Z]+"})
    assert chain[["mask:high", "casefold"]]("AB cd") == "\ufdd0<high> cd"
    assert chain[["casefold", "mask:low"]]("AB cd") == "\ufdd0<low> \ufdd0<low>"


def test_masks__reach_system_prompts_where_the_namespace_says_so() -> None:
    def keys(mask_system: bool, **fields: object) -> set[str]:
        rules = Rules(NamespaceRules(normalize=("trim", "mask:now"), mask_system=mask_system))
        systems = [f"It is now 2026-01-0{day}T08:00:00Z. Be `brief`." for day in (1, 2)]
        return {
            key({"prompt": "Hi", "system": system, **fields}, rules=rules, normalizers=Normalizers(MASKS))
            for system in systems
        }

    assert len(keys(False)) == 2
    assert len(keys(True)) == 1
    assert len(keys(True, normalize="whitespace")) == 2  # a chain without the mask


@pytest.mark.parametrize("role", ["system", "developer"])
def test_masks__reach_system_messages_wherever_they_stand(role: str) -> None:
    rules = Rules(NamespaceRules(normalize=("mask:now",), mask_system=True))
    days = [f"It is 2026-01-0{day}T08:00:00Z" for day in (1, 2)]
    contents = [*days, *([{"type": "text", "text": "Be brief."}, {"type": "text", "text": day}] for day in days)]
    keys = [
        key(
            {"messages": [{"role": "user", "content": "Hi"}, {"role": role, "content": content}]},
            rules=rules,
            normalizers=Normalizers(MASKS),
        )
        for content in contents
    ]
    assert keys[0] == keys[1] != keys[2] == keys[3]


@pytest.mark.parametrize("pattern", ["(", "(?=a)b", r"(a)\1", "a{2000}{2000}", "*"])
def test_masks__a_pattern_that_cannot_be_used_says_so(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"not a regular expression that can be used here: .*RE2 syntax") as raised:
        Normalizers({"id": pattern})
    assert repr(pattern) in str(raised.value)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){12}$", r"(\w+\s?)+:"])
def test_masks__no_text_makes_a_pattern_slow(pattern: str) -> None:
    chain = Normalizers({"id": pattern})[["mask:id"]]
    assert chain("a" * 5000 + "!")  # with backtracking this would not end
