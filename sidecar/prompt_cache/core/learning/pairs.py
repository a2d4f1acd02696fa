"""What was said of pairs of questions."""

from typing import Literal

from msgspec import Struct


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether one answer serves both questions of a pair."""

    same: bool
    by: Literal["people", "verifier"]
    at: float
    """Seconds since the epoch."""
