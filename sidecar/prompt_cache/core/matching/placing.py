"""Puts entries where questions that are worded differently find them."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ...semantic.embedders.base import EmbedderUnavailable
from ..entry import Entry
from .candidates import Mark
from .matcher import Matcher


class Stored(NamedTuple):
    """An entry that was stored, and what is known of its place."""

    key: str
    entry: Entry
    mark: Mark | None
    """Where its lookup found that it belongs."""
    match: str | None
    """How whoever stores it wants it found; None is as the namespace says."""


def place(matcher: Matcher, stored: Sequence[Stored]) -> None:
    """Have them found by their vectors: those of their lookups, or else new ones, in one call."""
    marks = {each.key: each.mark for each in stored if each.mark}
    unmarked = {
        each.key: (each.entry.namespace, msgspec.json.decode(each.entry.request))
        for each in stored
        if each.key not in marks and each.entry.request and matcher.applies(each.entry.namespace, each.match)
    }
    if unmarked:
        try:
            found = matcher.marks_of(list(unmarked.values()))
            marks |= {key: mark for key, mark in zip(unmarked, found, strict=True) if mark}
        except EmbedderUnavailable:
            matcher.unplaced.extend((each.key, each.entry.namespace) for each in stored if each.key in unmarked)
    matcher.place([marks[each.key].record(each.key, each.entry.namespace) for each in stored if each.key in marks])
