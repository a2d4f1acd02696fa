"""Masks: patterns of the configuration, whose matches are one and the same to a key."""

from collections.abc import Callable
from typing import Any

# No text can be taken for a masked one: this character, which Unicode keeps out of texts, begins a mask's name, and is
# doubled where a text has it all the same.
_FRAME = "\ufdd0"


def mask(name: str, pattern: str, most: int = 0) -> Callable[[str], str]:
    """The step that puts the name in place of each match, or of the first so many.

    Patterns run under RE2, so that no text makes one slow. Raises ValueError that says what is wrong with the pattern.
    """
    expression = compiled(pattern)
    shown = f"{_FRAME}<{name}>"
    return lambda text: str(expression.sub(lambda _: shown, text, most))


def framed(text: str) -> str:
    """A text in which masks may be put."""
    return text.replace(_FRAME, _FRAME * 2) if _FRAME in text else text


def compiled(pattern: str) -> Any:
    """A pattern of RE2. Raises ValueError that says what is wrong with it."""
    import re2  # a megabyte that only those pay who mask

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise ValueError(
            f"not a regular expression that can be used here: {pattern!r}: "
            f"{reason.decode() if isinstance(reason, bytes) else reason} "
            "(RE2 syntax: no look-around, no back-references; \\z for \\Z)"
        ) from None
