"""The mask that makes look-alikes one: a pattern for what a span says, held by the words around it."""

import re
from collections.abc import Collection, Sequence

from msgspec import Struct

from ...keying.clock import NAME as CLOCK
from .look_alikes import Kind, Span

_FIXED: dict[Kind, str] = {
    "uuid": r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    "timestamp": r"1[0-9]{9}(?:[0-9]{3})?",
    "number": r"[0-9]+(?:[.,][0-9]+)*",
    "counter": r"[0-9]+(?:[.,][0-9]+)*",
    "address": r"[0-9A-Za-z_.+-]+@[0-9A-Za-z_.-]+",
    "name": r"\p{Lu}[\pL.'\x{2019}-]*(?: \p{Lu}[\pL.'\x{2019}-]*)*",
}
_WORDS = 3
"""Words beside a span that hold its mask."""
_FRAME = "\ufdd0"
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
_RUN = re.compile(r"[0-9]+|[^\W\d_]+|.", re.DOTALL)
_ENDS = re.compile(r"[0-9A-Za-z_]")
_CAPITAL = re.compile(r" [^\W\d_a-z]\w*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_NAMED = re.compile(r"[A-Za-z]+")
_CONSTANT = frozenset(("utc", "gmt", "uhr", "at", "um", "of", "de", "del", "le", "the"))
"""Words of a time that are the same each day."""
_MOST_NAMES = 40


class Mask(Struct, frozen=True):
    """A mask of the configuration: what is between `before` and `after` in all look-alikes."""

    name: str
    pattern: str | None
    """None for one that is there without configuration."""
    kind: Kind
    examples: list[str]
    """What it stands for in some of them."""


def mask_of(span: Span, taken: Collection[str]) -> Mask | None:
    """The mask of a span, under a name that is not taken; None where nothing beside it could hold one."""
    examples = list(dict.fromkeys(span.values))[:5]
    core = _core(span)
    before = _words(span.before, last=True)
    # What is no time, no id of a known form: only its place says that it may be masked.
    after = "" if before else _words(span.after, last=False)
    if core is None or (_is_loose(span) and not before and not after):
        if span.kind == "date_or_time":
            return Mask(CLOCK, None, span.kind, examples)
        return None
    start = _escaped(before) or (r"\b" if _ENDS.match(span.values[0]) else "")
    end = _escaped(after)
    if span.kind == "name":
        end = end or _next_name(span.after)
    elif not after and all(_ENDS.match(value[-1:]) for value in span.values):
        end = r"\b"
    return Mask(_name(span, before, taken), f"{start}{core}{end}", span.kind, examples)


def _is_loose(span: Span) -> bool:
    return span.kind not in ("uuid", "token")


def _core(span: Span) -> str | None:
    if fixed := _FIXED.get(span.kind):
        return fixed
    if span.kind == "token":
        letters = (
            "[0-9a-fA-F]" if all(re.fullmatch("[0-9a-fA-F]+", value) for value in span.values) else "[0-9A-Za-z_-]"
        )
        return f"{letters}{_count(span.values)}"
    return _shape(span.values, is_time=span.kind == "date_or_time")


def _shape(values: Sequence[str], *, is_time: bool) -> str | None:
    """What all values are made of, run by run: digits, letters, and what is the same in all; None where they differ.

    Of a time also the names of days and months are taken for others: those of tomorrow were not seen yet.
    """
    runs = [_RUN.findall(value) for value in values]
    if len({len(each) for each in runs}) != 1:
        return None if any(not re.fullmatch(r"[0-9A-Za-z_-]+", value) for value in values) else "[0-9A-Za-z_-]+"
    parts = []
    for column in zip(*runs, strict=True):
        if len(set(column)) == 1 and not (is_time and _is_name(column[0])):
            parts.append("[0-9]+" if column[0].isdigit() and column[0].isascii() else _escaped(column[0]))
        elif all(run.isdigit() and run.isascii() for run in column):
            parts.append("[0-9]+")
        elif all(run.isalpha() for run in column):
            parts.append(r"\pL+")
        else:
            return None if any(not re.fullmatch(r"[0-9A-Za-z_-]+", value) for value in values) else "[0-9A-Za-z_-]+"
    return "".join(parts)


def _is_name(run: str) -> bool:
    """Whether it may be that of a day or month."""
    return run.isalpha() and len(run) > 1 and run.lower() not in _CONSTANT


def _count(values: Sequence[str]) -> str:
    lengths = {len(value) for value in values}
    return f"{{{lengths.pop()}}}" if len(lengths) == 1 else f"{{{min(min(lengths), 8)},}}"


def _words(text: str, *, last: bool) -> str:
    """The words next to a span, in its line: as many as say where it is; empty where there is none."""
    line = text.rpartition("\n")[2] if last else text.partition("\n")[0]
    line = line.rpartition(_FRAME)[2] if last else line.partition(_FRAME)[0]
    if last and line.strip():
        line = _SENTENCE.split(line)[-1] or line
    words = list(re.finditer(r"\S+", line))
    if not words:
        return ""
    chosen = words[-_WORDS:] if last else words[:_WORDS]
    found = line[chosen[0].start() :] if last else line[: chosen[-1].end()]
    return found if re.search(r"[^\W\d_]", found) else ""


def _next_name(after: str) -> str:
    """The word that follows a name with a capital, too, so that it is not taken for a part of it."""
    following = _CAPITAL.match(after)
    return _escaped(following[0]) if following else ""


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("\n", r"\n")


def _name(span: Span, before: str, taken: Collection[str]) -> str:
    words = [word.lower() for word in _NAMED.findall(before) if len(word) > 1][-2:]
    name = "_".join(words)[:_MOST_NAMES] or span.kind
    number, chosen = 2, name
    while chosen in taken:
        chosen, number = f"{name}_{number}", number + 1
    return chosen
