"""What a request asks when its dates and times are left out."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .clock import NAME, mask_clock
from .masks import framed
from .messages import speaks, with_texts

_DIGIT = re.compile("[0-9]")
_MOST = 20
"""Dates and times of a text that are left out: who states the time does it once or twice."""


def without_clock(parts: Mapping[str, Any]) -> dict[str, Any] | None:
    """A canonical form in which neither a user nor a system names a date or time; None where none does anyway."""
    found = False

    def masked(texts: Sequence[str]) -> list[str]:
        nonlocal found
        told = [framed(text) for text in texts]
        hidden = [mask_clock(text, _MOST) if _DIGIT.search(text) else text for text in told]
        found |= hidden != told
        return hidden

    messages = [with_texts(message, masked) if speaks(message) else message for message in parts["messages"]]
    return {**parts, "messages": messages, "without": NAME} if found else None
