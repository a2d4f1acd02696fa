"""The guards by name; what they need to work is not loaded here."""

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
    "order",
    "remainder",
)
"""Their names, in the order in which they are asked."""

FINAL = frozenset(("language", "quotes", "links", "identifiers", "numbers", "dates", "negation", "antonyms"))
"""Those that not even a model that verifies may overrule."""
