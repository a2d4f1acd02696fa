"""Pairs of questions of which it is known whether one answer serves both: a file with a line of JSON each."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

Side = str | list[dict[str, Any]]
"""A question: its text, or all messages of a talk."""

_EXAMPLE = '{"a": "...", "b": "...", "same": true}'
_SHOWN = 5
"""Bad lines that are told at once."""


class Pair(Struct, frozen=True):
    """Two questions."""

    line: int
    a: Side
    """What is asked."""
    b: Side
    """What was answered before."""
    same: bool
    """Whether one answer serves both."""
    kind: str | None = None
    """What makes them alike or different, such as `number` or `typo`."""
    lang: str | None = None


def read_pairs(lines: Iterable[bytes], name: str) -> list[Pair]:
    """The pairs of a file of this name. Raises ValueError, a sentence for each line that is none."""
    pairs: list[Pair] = []
    wrong: list[str] = []
    for at, line in enumerate(lines, 1):
        text = line.removeprefix(b"\xef\xbb\xbf") if at == 1 else line
        if not text.strip():
            continue
        try:
            pairs.append(_pair(at, text))
        except ValueError as error:
            wrong.append(f"{name}, line {at}: {error}")
    if wrong:
        more = [f"... and {len(wrong) - _SHOWN} more lines"] if len(wrong) > _SHOWN else []
        raise ValueError("\n".join([*wrong[:_SHOWN], *more]))
    if not pairs:
        raise ValueError(
            f'{name}: there are no pairs in it; write a line such as {{"a": "...", "b": "...", "same": true}}'
        )
    return pairs


def _pair(at: int, line: bytes) -> Pair:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ValueError("is not JSON; write one object on a line") from None
    if not isinstance(found, dict):
        raise ValueError(f"must be an object such as {_EXAMPLE}")
    same = found.get("same")
    if not isinstance(same, bool):
        raise ValueError("`same` must be true (one answer serves both) or false")
    labels: dict[str, str] = {}
    for name in ("kind", "lang"):
        if (label := found.get(name)) is None:
            continue
        if not isinstance(label, str):
            raise ValueError(f"`{name}` must be a text; leave it out where there is none")
        labels[name] = label
    return Pair(at, _side("a", found.get("a")), _side("b", found.get("b")), same, **labels)


def _side(name: str, side: Any) -> Side:
    if isinstance(side, str) and side:
        return side
    if isinstance(side, list) and side and all(isinstance(message, dict) for message in side):
        return side
    raise ValueError(f"`{name}` must be a text, or a list of messages with `role` and `content`")
