"""Questions that are the same but for short spans, and what these spans say in each of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ...keying.clock import mask_clock
from ...keying.keys import Keyer
from ...keying.messages import is_user, speaks, with_texts
from .record import Missed
from .slots import Slot, blanked, slots_of

Kind = Literal["date_or_time", "timestamp", "uuid", "token", "counter", "number", "id", "address", "name"]

NOISE: frozenset[Kind] = frozenset(("date_or_time", "timestamp", "uuid", "token"))
"""Kinds on which answers seldom depend. On all others they often do: an order number can be the whole question."""
_MEMBERS = 100
"""Questions of a group that are compared, the latest."""
_BYTES = 1024**2
"""Of the requests of a group that are compared: of long ones fewer."""
_SPANS = 32
"""Where more changes, no set of masks makes them one."""
_LONGEST_SPAN = 256
"""Characters: what is longer is what is asked, and not what merely changes."""
_LEAST_SHARED = 80
"""Characters that questions have to share, for names to be taken for what merely changes between them."""

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_STAMP = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
_NUMBER = re.compile(r"[0-9]++(?:[.,][0-9]++)*+")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{8,}")
_TOKEN = re.compile(r"[0-9A-Za-z_-]{12,}")
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")
_DIGIT = re.compile("[0-9]")
_WORD = re.compile(r"\S+\s*")


class Span(Struct, kw_only=True):
    """Where look-alikes differ."""

    kind: Kind
    text: int
    """Which of the texts of the request it is in."""
    system: bool
    """Whether that is said by whoever runs the model, and not by the user."""
    places: list[Slot]
    """Where it is, in each question."""
    values: list[str]
    before: str
    """What stands before it in every one of them, as far as the span before."""
    after: str


class LookAlikes(Struct, kw_only=True):
    """Questions of one template."""

    members: list[Missed]
    requests: list[dict[str, Any]]
    """Their canonical forms."""
    texts: list[list[str]]
    """What is said in each."""
    spans: list[Span]


def templates_of(request: bytes, keyer: Keyer) -> tuple[str, ...]:
    """What all look-alikes of a request share: a digest of it without its slots, and one without names as well."""
    parts = msgspec.json.decode(request)
    return tuple(_template(parts, keyer, names=names) for names in (False, True))


def _template(parts: Mapping[str, Any], keyer: Keyer, *, names: bool) -> str:
    def change(texts: Sequence[str]) -> list[str]:
        return [blanked(text, names=names) for text in texts]

    messages = [with_texts(message, change) if speaks(message) else message for message in parts["messages"]]
    return keyer.key({**parts, "messages": messages, "template": names})[:32]


def look_alikes(missed: Iterable[Missed]) -> Iterator[LookAlikes]:
    """Groups of questions of one namespace that differ in their spans alone; the largest first, none in two groups."""
    rest = [each for each in missed if each.request and each.templates]
    for names in (False, True):
        groups: dict[str, list[Missed]] = {}
        for each in rest:
            groups.setdefault(each.templates[names], []).append(each)
        rest = [group[0] for group in groups.values() if len(group) == 1]
        for group in sorted(groups.values(), key=len, reverse=True):
            if len(group) > 1 and (found := _compared(_some(group), names=names)):
                yield found


def _some(group: list[Missed]) -> list[Missed]:
    """Two of them, and as many more as are compared."""
    sizes = accumulate(len(each.request or b"") for each in group[:_MEMBERS])
    return group[: max(2, sum(size <= _BYTES for size in sizes))]


def _compared(members: list[Missed], *, names: bool) -> LookAlikes | None:
    requests = [msgspec.json.decode(each.request or b"{}") for each in members]
    said = [_said(request) for request in requests]
    texts = [[text for text, _ in each] for each in said]
    spans: list[Span] = []
    for at, (first, system) in enumerate(said[0]):
        if any(each[at] != first for each in texts):
            found = _spans([each[at] for each in texts], at, system, members, names=names)
            if found is None or len(spans) + len(found) > _SPANS:
                return None
            spans += found
    named = any(span.kind == "name" for span in spans)
    shared = sum(map(len, texts[0])) - sum(len(span.values[0]) for span in spans)
    if not spans or (named and shared < _LEAST_SHARED):
        return None
    return LookAlikes(members=members, requests=requests, texts=texts, spans=spans)


def _said(request: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """The texts of a canonical request that a mask may reach, and whether each is the system's."""
    found: list[tuple[str, bool]] = []
    for message in request["messages"]:
        if speaks(message):
            system = not is_user(message)
            found += [(text, system) for text in texts_in(message)]
    return found


def texts_in(message: dict[str, Any]) -> list[str]:
    """What a message says, part by part."""
    found: list[str] = []

    def note(texts: list[str]) -> list[str]:
        found.extend(texts)
        return texts

    with_texts(message, note)
    return found


def _spans(texts: list[str], at: int, system: bool, members: Sequence[Missed], *, names: bool) -> list[Span] | None:
    """Those of one text, in its order; None where it changes in too many places, or too much."""
    slots = [slots_of(text, names=names) for text in texts]
    if len({len(each) for each in slots}) != 1:
        return []
    runs: list[tuple[int, int]] = []
    for place in range(len(slots[0])):
        if len({text[each[place][0] : each[place][1]] for text, each in zip(texts, slots, strict=True)}) == 1:
            continue
        if runs and _joins(texts[0][slots[0][runs[-1][1]][1] : slots[0][place][0]]):
            runs[-1] = runs[-1][0], place
        else:
            runs.append((place, place))
        if len(runs) > _SPANS or any(each[place][1] - each[runs[-1][0]][0] > _LONGEST_SPAN for each in slots):
            return None
    found: list[Span] = []
    for first, last in runs:
        places = [(each[first][0], each[last][1]) for each in slots]
        values = _at(texts, places)
        if not any(map(_DIGIT.search, values)):
            places = _trimmed(texts, places)
            values = _at(texts, places)
        upto = found[-1].places[0][1] if found else 0
        found.append(
            Span(
                kind=_kind(values, members),
                text=at,
                system=system,
                places=places,
                values=values,
                before=texts[0][upto : places[0][0]],
                after="",
            )
        )
    for span, start in zip(found, [*(each.places[0][0] for each in found[1:]), len(texts[0])], strict=True):
        span.after = texts[0][span.places[0][1] : start]
    return found


def _at(texts: Sequence[str], places: Sequence[Slot]) -> list[str]:
    return [text[start:end] for text, (start, end) in zip(texts, places, strict=True)]


def _joins(between: str) -> bool:
    """Whether what stands between two slots makes them one, such as a dash."""
    return len(between) <= 3 and "\n" not in between and not any(map(str.isalpha, between))


def _trimmed(texts: Sequence[str], places: list[Slot]) -> list[Slot]:
    """Without the words that all begin or end with: not `Dear Anna` against `Dear Bob`, but the names."""
    words = [_WORD.findall(text[start:end]) for text, (start, end) in zip(texts, places, strict=True)]
    least = min(map(len, words)) - 1
    head = _common(words, range(least))
    tail = _common(words, range(-1, -1 - (least - head), -1))
    return [
        (start + sum(map(len, each[:head])), end - sum(map(len, each[len(each) - tail :])))
        for each, (start, end) in zip(words, places, strict=True)
    ]


def _common(words: Sequence[Sequence[str]], places: Iterable[int]) -> int:
    count = 0
    for place in places:
        if len({each[place].strip() for each in words}) > 1:
            break
        count += 1
    return count


def _kind(values: Sequence[str], members: Sequence[Missed]) -> Kind:
    def all_are(test: Callable[[str], Any]) -> bool:
        return all(test(value) for value in values)

    if all_are(_UUID.fullmatch):
        return "uuid"
    if all_are(_STAMP.fullmatch):
        return "timestamp"
    if all_are(_NUMBER.fullmatch):
        by_time = sorted(zip(members, values, strict=True), key=lambda each: each[0].first)
        numbers = [float(re.sub("[.,]", "", value)) for _, value in by_time]
        rises = all(one < other for one, other in pairwise(numbers))
        return "counter" if len(numbers) > 2 and rises else "number"
    if all_are(is_time):
        return "date_or_time"
    if all_are(_ADDRESS.fullmatch):
        return "address"
    if not any(map(_DIGIT.search, values)):
        return "name"
    if all_are(_HEX.fullmatch) or (all_are(_TOKEN.fullmatch) and all_are(_is_mixed)):
        return "token"
    return "id"


def is_time(value: str) -> bool:
    """Whether a text is a date or time, and nothing else."""
    return value[:1] != "\ufdd0" and mask_clock(value) == "\ufdd0<clock>"


def _is_mixed(value: str) -> bool:
    """Whether it looks as if somebody had thrown dice: letters and digits change places again and again."""
    changes = sum(one.isdigit() != other.isdigit() for one, other in pairwise(value))
    return changes >= 4
