"""Pairs that look alike and are not: each was written to get past the guards."""

import json
from pathlib import Path

from prompt_cache.semantic.guards.comparing import compare

TRAPS = Path(__file__).parents[3] / "tests" / "data" / "pairs-development-traps.jsonl"
OPEN = {
    "How do I call the bank?",
    "Which is the capital city?",
    "Can I bring a guest?",
    "When does Mark pay?",
    "Translate to German - please wait here",
    "Gehe ich in der Schule?",
}
"""Traps that still work. One that is mended leaves this set."""


def test_no_trap_is_served_but_those_that_are_known() -> None:
    traps = [json.loads(line) for line in TRAPS.read_text("utf-8").splitlines()]
    served = {
        trap["a"] for trap in traps for sides in (("a", "b"), ("b", "a")) if _served(*(trap[side] for side in sides))
    }
    assert served == OPEN
    assert len(traps) > 600


def _served(asked: str, stored: str) -> bool:
    return all(verdict.agrees for verdict in compare(asked, stored))
