"""What a power cut may take, by the URL."""

from typing import Literal

Durability = Literal["normal", "full"]
"""Whether a power cut may take what was written last; a killed process never does."""


def durability_of(url: str, default: Durability) -> tuple[str, Durability]:
    """(the URL without its query, what that says). Raises ValueError."""
    rest, question, query = url.partition("?")
    if not question:
        return rest, default
    match query:
        case "durability=normal":
            return rest, "normal"
        case "durability=full":
            return rest, "full"
    raise ValueError("after the path of a store only ?durability=normal or ?durability=full may follow")
