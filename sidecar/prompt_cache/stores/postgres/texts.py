"""Text as PostgreSQL takes it."""

from typing import Any

_MARK, _ITSELF, _NUL = "\ufdd0", "\ufdd0\ufdd1", "\ufdd0\ufdd2"
"""Code points that are no characters, which is what they are there for."""


def storable(text: str) -> str:
    """The same without what a `text` column refuses: NUL, and halves of characters."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def written(value: Any) -> Any:
    """A value of a statement, or a list of them, with every NUL in a name written as PostgreSQL can keep it."""
    if isinstance(value, list):
        return [written(each) for each in value]
    if isinstance(value, str) and ("\0" in value or _MARK in value):
        return value.replace(_MARK, _ITSELF).replace("\0", _NUL)
    return value


def read(value: Any) -> Any:
    """A value of a row, as it was before it was written."""
    if isinstance(value, str) and _MARK in value:
        return value.replace(_NUL, "\0").replace(_ITSELF, _MARK)
    return value
