"""What came of questions that are worded differently, and what verifying them cost."""

from collections.abc import Mapping
from math import sqrt

import msgspec
from msgspec import Struct

_Z = 1.959964
"""Standard deviations around a mean that hold 95% of what is normal."""
_GUARD = "guard:"


class Unserved(Struct):
    """What would have been saved, money by what is priced."""

    cost_usd: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    unpriced: int = 0


class Shadow(Struct):
    """Answers that would have been served, compared with the fresh ones."""

    compared: int = 0
    wrong: int = 0
    error_rate: float | None = None
    """Wrong ones of all; None where none was compared."""
    error_interval: tuple[float, float] | None = None
    """Where the true rate is, at 95% confidence (Wilson)."""
    would_have_saved: Unserved = msgspec.field(default_factory=Unserved)


class Verifying(Struct):
    """What the model that verifies said, and what that cost; it is spent, and not taken off what was saved."""

    calls: int = 0
    same: int = 0
    different: int = 0
    failed: int = 0
    cost_usd: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    unpriced_calls: int = 0


class Semantic(Struct):
    """Counts of semantic matching; the hits are among all hits, the refused among the misses."""

    hits: int = 0
    refused: dict[str, int] = msgspec.field(default_factory=dict)
    """By guard, misses that had a close question which it did not let through."""
    rejected: int = 0
    accepted: int = 0
    shadow: Shadow = msgspec.field(default_factory=Shadow)
    verifier: Verifying = msgspec.field(default_factory=Verifying)


def semantic_of(sums: Mapping[str, float]) -> Semantic:
    """The same as it is added up."""

    def number(name: str) -> int:
        return int(sums.get(name, 0))

    compared, wrong = number("shadow_compared"), number("shadow_wrong")
    same, different = number("verifier_same"), number("verifier_different")
    return Semantic(
        hits=number("semantic_hits"),
        refused={name.removeprefix(_GUARD): int(sums[name]) for name in sorted(sums) if name.startswith(_GUARD)},
        rejected=number("rejected"),
        accepted=number("accepted"),
        shadow=Shadow(
            compared=compared,
            wrong=wrong,
            error_rate=wrong / compared if compared else None,
            error_interval=wilson(wrong, compared) if compared else None,
            would_have_saved=Unserved(
                cost_usd=sums.get("shadow_cost_usd", 0.0),
                input_tokens=number("shadow_input_tokens"),
                output_tokens=number("shadow_output_tokens"),
                seconds=sums.get("shadow_seconds", 0.0),
                unpriced=number("shadow_unpriced"),
            ),
        ),
        verifier=Verifying(
            calls=same + different + number("verifier_failed"),
            same=same,
            different=different,
            failed=number("verifier_failed"),
            cost_usd=sums.get("verifier_cost_usd", 0.0),
            input_tokens=number("verifier_input_tokens"),
            output_tokens=number("verifier_output_tokens"),
            unpriced_calls=number("verifier_unpriced"),
        ),
    )


def wilson(some: int, total: int) -> tuple[float, float]:
    """Where the share is of which so many were seen among so many, at 95% confidence, both sides."""
    share, square = some / total, _Z * _Z
    middle = share + square / (2 * total)
    spread = _Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    below = 1 + square / total
    return max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below)
