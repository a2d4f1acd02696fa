"""Named normalization steps: which differences in a user's wording do not make another question.

Steps change prose only. A text that shows any sign of code, markup, quotation or columns stays as it was sent, whatever
the step, because a blank or a capital letter there can be the whole point of the question.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from msgspec import Meta

from . import clock
from .masks import framed, mask
from .wording import BREAKS_AND_BLANKS, INVISIBLE, SPACES, Wording, heaps_marks, wording_of

Step = Callable[[str], str]

MOST_STEPS = 32
Steps = Annotated[list[Annotated[str, Meta(max_length=128)]], Meta(max_length=MOST_STEPS)]
"""Names of steps; bounded, because each is one more pass over the text."""

PRESETS: dict[str, tuple[str, ...]] = {
    "none": (),
    "whitespace": ("unicode", "newlines", "trim", "collapse_whitespace"),
    "loose": (
        "unicode",
        "newlines",
        "trim",
        "collapse_whitespace",
        "casefold",
        "strip_punctuation",
        "trim",
    ),
}

_RUN = re.compile("   *")  # two blanks to look for, and all that follow
_BLANK_END = re.compile(r"\n(?<= \n)")
_BLANK_LINES = re.compile(r"\n(?=\n\n)\n+")
_MARK = "[.,;:?!\u2026]"
# "5!" and "n!" are factorials, "3.5" and "a.b" are one word: only marks that end a word go. A run is tried at its
# first mark only, so that no run is read twice.
_END_MARKS = re.compile(
    rf"{_MARK}(?:(?<=[^\W\d_]{{2}}{_MARK}){_MARK}*+(?=\s|\Z)|(?<=\w{_MARK})(?<!!)[.,;:?\u2026]*+(?=\s|\Z))"
)


def _unicode(text: str) -> str:
    if text.isascii():
        return text
    for blank in SPACES:
        if blank in text:
            text = text.replace(blank, " ")
    for mark in INVISIBLE:
        if mark in text:
            text = text.replace(mark, "")
    return _nfc(text)


def _nfc(text: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return unicodedata.normalize("NFC", text)
    return text  # nothing below U+0300 has another form


def _names_an_address(text: str) -> bool:
    """Whether an address may stand in a text whose letters have another form: the address would be another one."""
    return not text.isascii() and "://" in text and _unicode(text) != text


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _trim(text: str) -> str:
    return text.strip(BREAKS_AND_BLANKS)


def _collapse_whitespace(text: str) -> str:
    text = _RUN.sub(" ", text)
    if _BLANK_END.search(text):
        *lines, last = text.split("\n")
        text = "\n".join([*(line.rstrip(" ") for line in lines), last])
    return _BLANK_LINES.sub("\n\n", text)


def _casefold(text: str) -> str:
    return _nfc(text.casefold())


def _strip_punctuation(text: str) -> str:
    return _END_MARKS.sub("", text)


_STEPS: dict[str, Step] = {
    "unicode": _unicode,
    "newlines": _newlines,
    "trim": _trim,
    "collapse_whitespace": _collapse_whitespace,
    "casefold": _casefold,
    "strip_punctuation": _strip_punctuation,
}

STEP_NAMES = tuple(_STEPS)
MASKS: dict[str, Step] = {clock.NAME: clock.mask_clock}
"""Masks that are there without configuration; one of the same name takes their place."""
_TIDYING = {"unicode", "newlines", "collapse_whitespace"}
"""Steps that change nothing in what is tidy."""
_AT_ENDS = {"trim", "strip_punctuation"}
"""Steps that look at the ends of a text, which the ends of its parts are not."""


class Normalizer:
    """A chain of steps, applied in order; `steps` is its name in a key."""

    def __init__(self, steps: Sequence[str], masks: Mapping[str, Step] | None = None) -> None:
        self.steps = tuple(steps)
        chain: list[tuple[str, Step]] = []
        for name in self.steps:
            if name in _STEPS:
                chain.append((name, _STEPS[name]))
            elif masks and name.startswith("mask:") and name[5:] in masks:
                chain.append((name, masks[name[5:]]))
            else:
                raise ValueError(_unknown_step(name, masks or {}))
        self._masks = [step for name, step in chain if name.startswith("mask:")]
        self._prose = [step for _, step in chain]
        self._tidy = [step for name, step in chain if name not in _TIDYING or self._masks]
        self._parts = [step for name, step in chain if name not in _AT_ENDS]

    @property
    def masks(self) -> bool:
        """Whether a mask is among the steps."""
        return bool(self._masks)

    def __call__(self, text: str) -> str:
        """A text of the user's: prose by every step, any other text by masks alone."""
        if not self.steps:
            return text
        if heaps_marks(text) or _names_an_address(text):
            return self.masked(text)
        composed = _nfc(text)
        wording = wording_of(composed)
        if wording is Wording.STRUCTURED:
            return self.masked(text)
        return self._through(self._tidy if wording is Wording.TIDY else self._prose, composed)

    def parts(self, texts: Sequence[str]) -> list[str]:
        """The texts of one message. What one shows counts for all, and the end of a part is not the end of the text."""
        if len(texts) == 1:
            return [self(texts[0])]
        if not self.steps or any(map(heaps_marks, texts)) or any(map(_names_an_address, texts)):
            return [self.masked(text) for text in texts]
        composed = [_nfc(text) for text in texts]
        if wording_of("\n".join(composed)) is Wording.STRUCTURED:
            return [self.masked(text) for text in texts]
        return [self._through(self._parts, text) for text in composed]

    def masked(self, text: str) -> str:
        """The text with nothing but its masks put in: they are asked for, whatever else is there."""
        return self._through(self._masks, text) if self._masks else text

    def _through(self, chain: Sequence[Step], text: str) -> str:
        if self._masks:
            text = framed(text)
        for step in chain:
            text = step(text)
        return text


def _unknown_step(name: str, masks: Mapping[str, Step]) -> str:
    known = [*STEP_NAMES, *(f"mask:{each}" for each in masks)]
    if name.startswith("mask:"):
        return f"no mask named {name[5:]!r} is configured; add it under `masks` or use one of: {', '.join(known)}"
    return f"unknown normalization step {name!r}; use one of: {', '.join(known)}"


class Normalizers:
    """Finds the chain for a preset's name or a list of steps, building each once.

    Raises ValueError that names the unknown step or preset and lists those there are, or the mask that is no pattern.
    """

    MOST_CHAINS = 1000

    def __init__(self, masks: Mapping[str, str] | None = None) -> None:
        self._masks = MASKS | {name: mask(name, pattern) for name, pattern in (masks or {}).items()}
        self.masks = tuple(self._masks)
        """The names of the masks there are."""
        self._chains: dict[tuple[str, ...], Normalizer] = {}

    def __getitem__(self, choice: str | Sequence[str]) -> Normalizer:
        if isinstance(choice, str):
            if choice not in PRESETS:
                raise ValueError(
                    f"unknown normalization preset {choice!r}; use one of: {', '.join(PRESETS)}, or a list of steps"
                )
            steps = PRESETS[choice]
        else:
            if len(choice) > MOST_STEPS:
                raise ValueError(f"{len(choice)} steps; give at most {MOST_STEPS}")
            steps = tuple(choice)
        chain = self._chains.get(steps)
        if chain is None:
            chain = Normalizer(steps, self._masks)
            if len(self._chains) < self.MOST_CHAINS:
                self._chains[steps] = chain
        return chain
