"""The guards by name, and what one says; what they need to work is not loaded here."""

from msgspec import Struct

GUARDS: tuple[str, ...] = (
    "language",
    "quotes",
    "links",
    "identifiers",
    "numbers",
    "dates",
    "negation",
    "antonyms",
    "entities",
    "question",
    "form",
    "operators",
    "order",
    "remainder",
)
"""Their names, in the order in which they are asked."""

FINAL = frozenset(("language", "quotes", "links", "identifiers", "numbers", "dates", "negation", "antonyms"))
"""Those that not even a model that verifies may overrule."""


class Verdict(Struct, frozen=True):
    """What a guard says of two texts."""

    guard: str
    agrees: bool
    saw: str = ""
    """What differs, in plain words: `30 days here, 60 days there`."""
