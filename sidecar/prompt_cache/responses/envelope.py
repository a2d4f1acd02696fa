"""What is said of an envelope: how it is recognised, and where its facts stand."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from .words import Ending

Body = dict[str, Any]
Path = tuple[str, ...]


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """One vendor's envelope. The paths say where a fact may stand; the first that has one counts."""

    name: str
    mark: str = ""
    """A field without which it is not this envelope."""
    recognises: Callable[[Body], bool] = bool
    content: tuple[Path, ...] = ()
    """Text, parts or a message; or the envelope of another."""
    data: tuple[Path, ...] = ()
    """Content that is taken as it is: structured output, vectors, pictures."""
    each: tuple[tuple[Path, "Envelope"], ...] = ()
    """Lists of alternatives or items, each in an envelope of its own."""
    finish: tuple[Path, ...] = ()
    filtered: tuple[Path, ...] = ()
    """What moderation found, be it true, a word, or an object with `filtered: true` somewhere inside."""
    done: str = ""
    """A field that is false as long as the answer is not finished."""
    model: tuple[Path, ...] = ()
    usage: tuple[Path, ...] = ()
    error: tuple[Path, ...] = ()
    metadata: tuple[Path, ...] = ()
    """Objects of a framework that repeat what a vendor said, in that vendor's words."""
    words: Mapping[str, Ending] = {}
    """Words for the end of an answer that only this vendor uses, or uses in another sense."""
    streams: Literal["never", "listed", "always"] = "never"
    """Whether it is a chunk of an answer: always, or only in a list."""
    null_finish: bool = False
    """Whether a reason that is null means that the answer is not finished."""


def paths(names: str) -> tuple[Path, ...]:
    return tuple(tuple(name.split(".")) for name in names.split())


def at(value: Any, path: Path) -> Any:
    """What stands at a path of names; None when nothing does."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
