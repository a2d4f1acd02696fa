"""Durations as people write them: seconds as a number, or a number with a unit."""

import re
from typing import Annotated

from msgspec import Meta

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
PATTERN = r"^[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h|d|w)$(?!\n)"
_TEXT = re.compile(PATTERN)

LONGEST = 100 * 366 * 86400.0
"""A hundred years, in seconds: no duration may be longer."""

_MOST = {
    "ms|s": "[0-9]{1,9}",
    "m": "[0-9]{1,7}|[1-4][0-9]{7}|5[01][0-9]{6}",
    "h": "[0-9]{1,5}|[1-7][0-9]{5}|8[0-6][0-9]{4}|87[0-7][0-9]{3}",
    "d": "[0-9]{1,4}|[12][0-9]{4}|3[0-5][0-9]{3}|36[0-5][0-9]{2}",
    "w": "[0-9]{1,3}|[1-4][0-9]{3}|5[01][0-9]{2}|52[01][0-9]",
}
STATED = "^(" + "|".join(rf"({digits})(\.[0-9]{{1,6}})?({unit})" for unit, digits in _MOST.items()) + r")$(?!\n)"
"""The pattern with the limit in it, as contracts state it; what is refused by it alone is told in words."""

Duration = (
    Annotated[float, Meta(ge=0, le=LONGEST, description="Seconds.")]
    | Annotated[str, Meta(pattern=PATTERN, examples=["90s", "15m", "24h", "7d"])]
)


def seconds(value: float | str) -> float:
    """Seconds of a duration.

    Raises ValueError with a sentence for people when it is none, negative, or beyond a hundred years.
    """
    if isinstance(value, str):
        if not _TEXT.fullmatch(value):
            raise ValueError(f"{value!r} is not a duration: use seconds, or a number with ms, s, m, h, d or w")
        unit = value.lstrip("0123456789.")
        value = float(value[: -len(unit)]) * _SECONDS[unit]
    if not 0 <= value <= LONGEST:
        raise ValueError("a duration must be between 0 and 100 years")
    return float(value)
