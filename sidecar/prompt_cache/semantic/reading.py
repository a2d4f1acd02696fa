"""What a text says, as a sequence of typed tokens."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from .arranging import arrange
from .classifying import classify
from .detecting import detect
from .languages.base import Language
from .scanning import Piece, clean, scan
from .tokens import Token
from .wording import items

_SHORT = 300
"""Characters of a question; what is longer is mostly pasted, and its reading is large."""
_SHORT_KEPT, _LONG_KEPT = 2048, 128
"""Texts whose reading is kept: commonly 10 MB, and never more than some 60."""
_SENTENCE = re.compile(r"[.?!]\s+(?=\S)")
_JOINT = re.compile("['’-]")
_TELLING = 2
"""Words before a colon that are enough to tell the language of a text by them alone."""


class Reading(Struct, frozen=True):
    """A text that was read."""

    text: str
    """Without what nobody sees, and with single spaces."""
    language: str | None
    """Its code; None where it is none of ours, or cannot be told."""
    tokens: tuple[Token, ...]
    asides: str = ""
    """What stands behind what is asked and says nothing: thanks, or a greeting that shall be translated."""


def read(text: str) -> Reading:
    """The reading of a text; one that was read lately is not read again."""
    return read_short(text) if len(text) <= _SHORT else read_long(text)


def _read(text: str) -> Reading:
    text = clean(text)
    plain = " ".join(text.split())
    language = _language(text)
    if language is None:
        return Reading(plain, None, tuple(Token("word", piece.text, piece.text) for piece in scan(text)))
    tokens, asides = _tokens(text, language)
    return Reading(plain, language.code, arrange(tokens, language), " ".join(asides).lower())


read_short = lru_cache(_SHORT_KEPT)(_read)
read_long = lru_cache(_LONG_KEPT)(_read)


def _language(text: str) -> Language | None:
    pieces = list(scan(text))
    words = _words(pieces)
    if len(words) < _TELLING and pieces and pieces[-1].kind == "payload":
        words += _words(list(scan(pieces[-1].text)))
    return detect(words)


def _words(pieces: Sequence[Piece]) -> list[str]:
    """In lower case, and apart where they are written as one: `l'année`."""
    return [word for piece in pieces if piece.kind == "word" for word in _JOINT.split(piece.text.lower()) if word]


def _tokens(text: str, language: Language) -> tuple[list[Token], list[str]]:
    """The tokens of what is asked, which is the first line that says anything, and the asides.

    What follows it, or a colon, is pasted.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    while lines:
        line, payload = _matter(lines.pop(0), language)
        pieces = list(scan(line))
        if pieces and pieces[-1].kind == "payload":
            payload = f"{pieces.pop().text} {payload}".strip()
        tokens = classify(items(pieces, language), language)
        if tokens:
            asides = _asides(pieces, language) if any(piece.kind == "break" for piece in pieces[:-1]) else []
            if not payload:
                while lines and not classify(items(list(scan(lines[-1])), language), language):
                    asides.append(lines.pop())
            pasted = " ".join(" ".join([payload, *lines]).split())
            return [*tokens, Token("quote", quoted(pasted), pasted)] if pasted else tokens, asides
        if payload:
            lines.insert(0, payload)
    return [], []


def _asides(pieces: list[Piece], language: Language) -> list[str]:
    """The sentences behind the first one that says something which say nothing."""
    asides: list[str] = []
    sentence: list[Piece] = []
    said = False
    for piece in (*pieces, Piece("break", "")):
        sentence.append(piece)
        if piece.kind == "break":
            says = len(sentence) > 1 and bool(classify(items(sentence, language), language))
            if said and not says and len(sentence) > 1:
                asides.append(" ".join(part.text for part in sentence[:-1]))
            said |= says
            sentence = []
    return asides


def _matter(line: str, language: Language) -> tuple[str, str]:
    """A request's first sentence, and what follows it where that is but what the request is about."""
    end = _SENTENCE.search(line)
    if end and language.words.pasted:
        words = line[: end.start()].lower().split()
        if any(f"{one} {other}" in language.words.pasted for one, other in pairwise(words)):
            return line[: end.start() + 1], line[end.end() :]
    return line, ""


def quoted(text: str) -> str:
    """The key of a text that is compared to the letter."""
    return '"' + text.strip("\"'“”„«»` ") + '"'
