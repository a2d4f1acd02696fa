"""Named normalization steps: which differences in a user's wording do not make another question.

Steps change prose only. Fenced and indented code passes through untouched, whatever the step, because a blank or a
capital letter there can be the whole point of the question.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

Step = Callable[[str], str]

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

_SPACE_SEPARATORS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u200b\ufeff]")
_LINE_BREAK = re.compile(r"\r\n?")
_LINE_END_BLANKS = re.compile(r"[ \t]+(?=\n)|(?<=\n)[ \t]+\Z")
# A run with a tab in it stays: two tabs in a pasted table are an empty cell. Indentation stays: it is structure.
_INNER_SPACES = re.compile(r"(?<=[^\s])  +(?=[^\s])")
_BLANK_LINES = re.compile(r"\n{3,}")
# "5!" and "n!" are factorials, "3.5" and "a.b" are one word: only marks that end a word go.
_END_MARKS = re.compile(r"(?<=[^\W\d_]{2})[.,;:?!…]+(?=\s|\Z)|(?<=\w)[.,;:?…]+(?=\s|\Z)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)[ \t]*\S")


def _unicode(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _SPACE_SEPARATORS.sub(" ", text)))


def _newlines(text: str) -> str:
    return _LINE_BREAK.sub("\n", text) if "\r" in text else text


def _collapse_whitespace(text: str) -> str:
    text = _LINE_END_BLANKS.sub("", text)
    return _BLANK_LINES.sub("\n\n", _INNER_SPACES.sub(" ", text))


def _casefold(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


def _strip_punctuation(text: str) -> str:
    return _END_MARKS.sub("", text)


_STEPS: dict[str, Step] = {
    "unicode": _unicode,
    "newlines": _newlines,
    "trim": str.strip,
    "collapse_whitespace": _collapse_whitespace,
    "casefold": _casefold,
    "strip_punctuation": _strip_punctuation,
}

STEP_NAMES = tuple(_STEPS)


def _segments(text: str) -> Iterator[tuple[bool, str]]:
    """Split into (is_code, segment) whose concatenation is the text: fences and CommonMark indented code are code."""
    fence = ""
    after_blank = True
    code = False
    run: list[str] = []
    for line in re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text):
        opening = None if fence else _FENCE.match(line)
        blank = not line.strip()
        if fence or opening:
            is_code = True
        elif blank:
            is_code = code
        else:
            is_code = bool(_INDENTED.match(line)) and (code or after_blank)
        if is_code != code and run:
            yield code, "".join(run)
            run = []
        code = is_code
        run.append(line)
        if opening:
            fence = opening[1]
        elif fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
            yield True, "".join(run)
            run, code, blank = [], False, True
        after_blank = blank
    if run:
        yield code, "".join(run)


def _may_have_code(text: str) -> bool:
    return "```" in text or "~~~" in text or "    " in text or "\t" in text


class Normalizer:
    """A chain of steps, applied in order; `steps` is its name in a key."""

    def __init__(self, steps: Sequence[str], masks: Mapping[str, re.Pattern[str]] | None = None) -> None:
        self.steps = tuple(steps)
        self._chain: list[tuple[str, Step]] = []
        for name in self.steps:
            if name in _STEPS:
                self._chain.append((name, _STEPS[name]))
            elif masks and name.startswith("mask:") and name[5:] in masks:
                self._chain.append((name, _masking(name[5:], masks[name[5:]])))
            else:
                raise ValueError(_unknown_step(name, masks or {}))

    def __call__(self, text: str) -> str:
        if not self._chain:
            return text
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)  # as in every key: no step may tell two unicode forms apart
        if not _may_have_code(text):
            for _, step in self._chain:
                text = step(text)
            return text
        segments = list(_segments(text))
        for name, step in self._chain:
            if name == "trim":  # of the ends of the whole text, not of each segment
                segments = _trimmed(segments)
            else:
                segments = [(code, part if code else step(part)) for code, part in segments]
        return "".join(part for _, part in segments)


def _trimmed(segments: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    while segments and not segments[0][0]:
        text = segments[0][1].lstrip()
        if text or len(segments) == 1:
            segments = [(False, text), *segments[1:]]
            break
        segments = segments[1:]
    while segments and not segments[-1][0]:
        text = segments[-1][1].rstrip()
        if text or len(segments) == 1:
            segments = [*segments[:-1], (False, text)]
            break
        segments = segments[:-1]
    return segments


def _masking(name: str, pattern: re.Pattern[str]) -> Step:
    return lambda text: pattern.sub(f"<{name}>", text)


def _unknown_step(name: str, masks: Mapping[str, re.Pattern[str]]) -> str:
    known = [*STEP_NAMES, *(f"mask:{mask}" for mask in masks)]
    if name.startswith("mask:"):
        return f"no mask named {name[5:]!r} is configured; add it under `masks` or use one of: {', '.join(known)}"
    return f"unknown normalization step {name!r}; use one of: {', '.join(known)}"


class Normalizers:
    """Finds the chain for a preset's name or a list of steps, building each once.

    Raises ValueError that names the unknown step or preset and lists those there are.
    """

    MOST_CHAINS = 1000

    def __init__(self, masks: Mapping[str, str] | None = None) -> None:
        self._masks = {name: re.compile(pattern) for name, pattern in (masks or {}).items()}
        self._chains: dict[tuple[str, ...], Normalizer] = {}

    def __getitem__(self, choice: str | Sequence[str]) -> Normalizer:
        if isinstance(choice, str):
            if choice not in PRESETS:
                raise ValueError(
                    f"unknown normalization preset {choice!r}; use one of: {', '.join(PRESETS)}, or a list of steps"
                )
            steps = PRESETS[choice]
        else:
            steps = tuple(choice)
        chain = self._chains.get(steps)
        if chain is None:
            chain = Normalizer(steps, self._masks)
            if len(self._chains) < self.MOST_CHAINS:
                self._chains[steps] = chain
        return chain
