"""Text as PostgreSQL takes it."""


def storable(text: str) -> str:
    """The same without what a `text` column refuses: NUL, and halves of characters."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
