"""A difference in plain words."""

from collections.abc import Sequence

from ..tokens import Token

_MOST = 80
"""Characters that are shown of either side."""


def told(here: Sequence[Token], there: Sequence[Token]) -> str:
    """`30 days here, 60 days there`; empty where neither side has anything."""
    if not here and not there:
        return ""
    if not there:
        return f"{shown(here)} only here"
    if not here:
        return f"{shown(there)} only there"
    return f"{shown(here)} here, {shown(there)} there"


def shown(tokens: Sequence[Token]) -> str:
    text = ", ".join(token.shown for token in tokens)
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"
