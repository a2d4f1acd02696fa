"""Secrets that come in pieces: a stream is recorded by its events, and a key may go over several of them."""

from collections.abc import Iterator
from typing import Any

from .scrub import Scrub

_IN_PIECES = frozenset(
    (
        *("content", "text", "delta", "response", "refusal", "thinking"),
        *("reasoning", "reasoning_content", "reasoning_text", "arguments", "partial_json", "input"),
    )
)
"""Names of texts that providers send piece by piece."""
_OF_EVENTS = ("type", "index", "output_index", "content_index", "item_id")
_OF_PARTS = ("index",)
"""What tells apart the texts that grow side by side."""

_Place = tuple[Any, ...]
_Piece = tuple[_Place, dict[str, Any], str]


def joined_secrets(events: list[Any], scrub: Scrub) -> list[Any]:
    """The events, changed where a secret goes over several: the text without it is in the first of them then."""
    texts: dict[_Place, list[tuple[dict[str, Any], str]]] = {}
    for event in events:
        for place, holder, name in _pieces(event, ()):
            texts.setdefault(place, []).append((holder, name))
    for pieces in texts.values():
        whole = "".join(holder[name] for holder, name in pieces)
        if len(pieces) > 1 and (clean := scrub(whole)) != whole:
            for holder, name in pieces:
                holder[name], clean = clean, ""
    return events


def _pieces(value: Any, place: _Place) -> Iterator[_Piece]:
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _pieces(item, (*place, at))
    elif isinstance(value, dict):
        here = (*place, *(value.get(name) for name in (_OF_PARTS if place else _OF_EVENTS)))
        for name, item in value.items():
            if isinstance(item, str) and name in _IN_PIECES:
                yield (*here, name), value, name
            else:
                yield from _pieces(item, (*here, name))
