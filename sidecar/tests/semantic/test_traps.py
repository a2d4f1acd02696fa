"""Pairs that look alike and are not: each was written to get past the guards."""

import json
from pathlib import Path

import pytest

from prompt_cache.semantic.guards.comparing import compare

TRAPS = Path(__file__).parents[3] / "tests" / "data" / "pairs-development-traps.jsonl"
OPEN = {
    "What does the plan include?",
    "How do I call the bank?",
    "Which is the capital city?",
    "Can I bring a guest?",
    "When does Mark pay?",
    "Translate to German - please wait here",
    "Gehe ich in der Schule?",
    "Lässt sich Anna scheiden?",
    "return policy",
}
"""Traps that still work. One that is mended leaves this set."""


def test_no_trap_is_served_but_those_that_are_known() -> None:
    traps = [json.loads(line) for line in TRAPS.read_text("utf-8").splitlines()]
    served = {trap["a"] for trap in traps if _served(trap["a"], trap["b"]) or _served(trap["b"], trap["a"])}
    assert served == OPEN
    assert len(traps) > 600


HOSTILE = ("l'", "'", "„", "how ", "of the ", "wie von den ", "zwei hundert ", "1,", "the list of ", "x-", "@", "$")


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_text_is_read_like_any_other(piece: str) -> None:
    text = (piece * 2_000)[:2_000]
    compare("How do I reset my password?", text)
    compare(text, text[:-1] + "x")


def _served(asked: str, stored: str) -> bool:
    return all(verdict.agrees for verdict in compare(asked, stored))
