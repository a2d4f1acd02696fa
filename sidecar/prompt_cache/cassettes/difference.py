"""What is recorded that comes nearest to a request, and in which fields the two differ."""

import re
from collections.abc import Callable, Iterable, Mapping
from heapq import nsmallest
from typing import Any, NamedTuple

import msgspec

from ..keying.clock import mask_clock
from ..keying.masks import framed

_COMPARED = 2000
"""Characters of two questions that are compared for likeness."""
_CANDIDATES = 1000
"""Of recorded requests, those with the most equal fields, whose questions are compared."""
_MASKED = 100_000
"""Characters of a text in which dates and times are looked for."""
_SHOWN = 60
"""Characters of a value that are quoted."""
_DIGEST = re.compile(r"((?:sha256:)?[0-9a-f]{8})[0-9a-f]{56}")
_SAID = ("question", "system", "history", "model")
"""Fields that tell requests apart more than any setting."""
_NAMES_SAID = frozenset(_SAID)
_ABSENT = object()

Marks = Mapping[str, int]


class Difference(NamedTuple):
    """A field and where in it, with what was recorded and asked there, shortened; None where there is nothing."""

    field: str
    recorded: str | None
    asked: str | None
    only_clock: bool = False
    """Whether two texts are one but for dates and times in them."""

    def __str__(self) -> str:
        recorded, asked = self.recorded or "nothing", self.asked or "nothing"
        return f"{self.field} (recorded {recorded}, asked {asked})"


def marks_of(fields: Mapping[str, Any]) -> Marks:
    """What of each field tells at once whether it is equal."""
    return {name: hash(msgspec.json.encode(value)) for name, value in fields.items()}


def nearest(
    asked: Mapping[str, Any], recorded: Iterable[tuple[int, Marks]], fields: Callable[[int], Mapping[str, Any]]
) -> int | None:
    """The number of the recorded request that is most like what is asked; None where there is none.

    What is said counts most, then how many fields are equal, then how alike the questions are. `fields` are those of
    a number.
    """
    marks = marks_of(asked)
    ranked = nsmallest(_CANDIDATES, ((-_alike(marks, each), number) for number, each in recorded))
    if not ranked:
        return None
    question = _pieces(asked)
    return min(ranked, key=lambda each: (each[0] - 3 * _likeness(question, _pieces(fields(each[1]))), each[1]))[1]


def _pieces(fields: Mapping[str, Any]) -> set[str]:
    """What a question is compared by: the threes of characters in it, so that no text takes long."""
    question = f"  {str(fields.get('question', ''))[:_COMPARED]}  "
    return {question[at : at + 3] for at in range(len(question) - 2)}


def _likeness(one: set[str], other: set[str]) -> float:
    """From 0 to 1: how much of both is in both."""
    return 2 * len(one & other) / (len(one) + len(other))


def _alike(asked: Marks, recorded: Marks) -> float:
    said = sum(1 for name in _SAID if asked.get(name) == recorded.get(name))
    others = (asked.keys() | recorded.keys()) - _NAMES_SAID
    equal = sum(1 for name in others if asked.get(name) == recorded.get(name))
    return said + (equal / len(others) if others else 1.0)


def differences(asked: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[Difference]:
    """Each field that differs, those that are said first."""
    names = [*_SAID, *sorted((asked.keys() | recorded.keys()) - set(_SAID))]
    return [
        _difference(name, recorded.get(name, _ABSENT), asked.get(name, _ABSENT))
        for name in names
        if asked.get(name, _ABSENT) != recorded.get(name, _ABSENT)
    ]


def _difference(where: str, recorded: Any, asked: Any) -> Difference:
    """Where two values begin to differ: the innermost place."""
    if isinstance(recorded, dict) and isinstance(asked, dict):
        for name in {**recorded, **asked}:
            if recorded.get(name, _ABSENT) != asked.get(name, _ABSENT):
                return _difference(f"{where}.{name}", recorded.get(name, _ABSENT), asked.get(name, _ABSENT))
        return Difference(f"{where} (the order of names)", _shown(recorded), _shown(asked))
    if isinstance(recorded, list) and isinstance(asked, list):
        for at in range(max(len(recorded), len(asked))):
            pair = [side[at] if at < len(side) else _ABSENT for side in (recorded, asked)]
            if pair[0] != pair[1]:
                return _difference(f"{where}.{at}", *pair)
    if isinstance(recorded, str) and isinstance(asked, str):
        begin = max(0, _common(recorded, asked) - _SHOWN // 3)
        return Difference(where, _window(recorded, begin), _window(asked, begin), _only_clock(recorded, asked))
    return Difference(where, _shown(recorded), _shown(asked))


def _only_clock(one: str, other: str) -> bool:
    return max(len(one), len(other)) <= _MASKED and mask_clock(framed(one)) == mask_clock(framed(other))


def _common(one: str, other: str) -> int:
    """How many characters two texts begin alike with, by halves: texts may be long."""
    alike, unlike = 0, min(len(one), len(other)) + 1
    while unlike - alike > 1:
        middle = (alike + unlike) // 2
        if one[alike:middle] == other[alike:middle]:
            alike = middle
        else:
            unlike = middle
    return alike


def _shown(value: Any) -> str | None:
    if value is _ABSENT:
        return None
    if isinstance(value, str):
        return _window(value, 0)
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _window(text: str, begin: int) -> str:
    if digest := _DIGEST.fullmatch(text):
        return f'"{digest[1]}..."'
    part = text[begin : begin + _SHOWN]
    cut = "..." if begin else ""
    rest = "..." if begin + _SHOWN < len(text) else ""
    return f'"{cut}{part}{rest}"'.replace("\n", " ")
