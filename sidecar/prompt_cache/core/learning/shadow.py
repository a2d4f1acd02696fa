"""Shadowed matches: what would have been served is compared with the fresh answer instead."""

from msgspec import Struct


class Shadowed(Struct, frozen=True):
    """What would have been served for a question, had it been; a miss remembers it until its answer comes."""

    key: str
    """Of the stored entry."""
    created: float
    """When that entry was stored: another answer under its key is nothing that would have been served."""
    similarity: float
