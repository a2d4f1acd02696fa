"""The pieces of a text, before its language is known."""

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

_PIECE = re.compile(
    r"""
    ```(?P<fence>.*?)(?:```|\Z)
    | `(?P<code>[^`]+)`
    | "(?P<quote>[^"]+)" | “(?P<quote2>[^“”]+)” | „(?P<quote3>[^„“”]+)[“”] | «(?P<quote4>[^«»]+)»
    | (?<!\w)'(?P<quote5>[^'\n]++)'(?!\w) | ‘(?P<quote6>[^‘’\n]++)’(?!\w)
    | (?P<link>(?:https?|ftp|mailto)://\S++ | www\.\S++ | (?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++)
    | (?P<symbol>(?<!\S)(?:--?|[@\#/~.\\]+)(?=[A-Za-z])[\w./\\:@\#-]++ | (?<!\S)[A-Za-z]:\\[\w./\\-]++)
    | (?P<money>[$€£¥])\s?(?=\d)
    | (?P<signed>(?<!\S)[-−+]\d[\w.,%°€£$]*+)
    | (?P<chunk>\w++
        (?:(?:[-–._/\\@:\#&'’]++|(?<=\d)[,\u00a0\u202f](?=\d)|(?<=\d)\x20(?=\d{3}(?!\d)))\w++)*+
        (?:\(\)|\+\+|\#|[%°€£$]++)?)
    | (?P<break>[.!?;\n…]++)
    | (?P<colon>:(?=\s|\Z))
    | (?P<comma>[,¿¡()\[\]{}"'’‘“”„«»`:–—-])
    | (?P<other>[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’–-][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d+)*")
_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})(?::\d{2})?")
_DATE = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})")
_SUFFIXED = re.compile(r"(\d+(?:[.,]\d+)*)[-–]?([^\W\d_]{1,12}|[%°€£$]+[A-Za-z]?)")
_CAMEL = re.compile(r"[a-z][A-Z]")
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")


class Piece(Struct, frozen=True, gc=False):
    """A kind (word, number, suffixed, clock, day, identifier, quote, link, money, break, comma) and its text."""

    kind: str
    text: str


def clean(text: str) -> str:
    """The text with its letters composed, and without what nobody sees."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).strip()


def scan(text: str) -> Iterator[Piece]:
    """Its pieces in order; a colon with something behind it ends the prose: the rest is one piece, `payload`."""
    for match in _PIECE.finditer(text):
        kind = match.lastgroup or "break"
        piece = match[kind] if match.lastgroup else ""
        if kind == "chunk":
            yield from _chunk(piece)
        elif kind in ("fence", "code") or kind.startswith("quote"):
            yield Piece("quote", piece.strip())
        elif kind == "colon":
            rest = text[match.end() :].strip()
            if rest:
                yield Piece("payload", rest)
                return
        elif kind == "link":
            yield Piece("link", piece.rstrip(".,;:!?)]}>'\""))
        elif kind in ("symbol", "signed", "other"):
            yield Piece("identifier", piece.rstrip(".,:"))
        else:
            yield Piece(kind, piece)


def _chunk(chunk: str) -> Iterator[Piece]:
    """What a run of letters, digits and signs between them is."""
    if _WORD.fullmatch(chunk):
        yield Piece("identifier" if _CAMEL.search(chunk) else "word", chunk)
    elif _CLOCK.fullmatch(chunk):
        yield Piece("clock", chunk)
    elif _DATE.fullmatch(chunk):
        yield Piece("day", chunk)
    elif _NUMBER.fullmatch(chunk):
        yield Piece(
            "identifier" if chunk.count(".") > 1 and not re.fullmatch(r"\d{1,3}(\.\d{3})+", chunk) else "number", chunk
        )
    elif _SUFFIXED.fullmatch(chunk):
        yield Piece("suffixed", chunk)
    elif re.fullmatch(r"[^\W\d_]+(?:[/&][^\W\d_]+)+", chunk):
        yield from (Piece("word", word) for word in re.split("[/&]", chunk))
    elif re.fullmatch(r"\d+(?:[-–]\d+)+", chunk) and len(chunk) < 12:
        parts = re.split("[-–]", chunk)
        yield from (Piece("number", part) for part in parts)
    elif re.fullmatch(r"\d+(?:-[a-z]+){2}", chunk):
        digits, *words = chunk.split("-")  # a 4-year-old
        yield from (Piece("number", digits), *(Piece("word", word) for word in words))
    else:
        yield Piece("identifier", chunk)
