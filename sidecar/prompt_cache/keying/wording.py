"""Whether a text is prose. Code, markup, quotations and columns mean something else once a blank has moved.

Slightly too specific beats wrong: any sign counts, and what is no prose stays as it was sent. Every look is linear in
the length of the text, and most are a single search for one character.
"""

import re
from enum import Enum, auto
from unicodedata import combining

SPACES = "\u00a0\u1680" + "".join(map(chr, range(0x2002, 0x200B))) + "\u202f\u205f\u3000"
"""Every space that NFC leaves, but the blank itself: fixed, figure, thin, ideographic, ..."""
INVISIBLE = "\u00ad\u200b\u2060\ufeff"
"""Soft hyphen, zero width space, word joiner, byte order mark. Joiners stay: they shape letters and emoji."""
BREAKS_AND_BLANKS = "\n\r\t " + SPACES


class Wording(Enum):
    """What a text looks like."""

    STRUCTURED = auto()
    """It shows a sign of code, markup, quotation or columns."""
    UNTIDY = auto()
    """Prose."""
    TIDY = auto()
    """Prose whose blanks and line breaks are in order."""


# One of these anywhere is a sign.
_SIGNS = '`"<>{}[]\\|^=\t\v\f'
# Quotation marks, brackets and operators in full width, drawn boxes; one is enough of those that come in pairs.
_WIDE_SIGNS = (
    "\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\u2018\u201a"
    "\u3008\u300a\u300c\u300e\u3010\u301d\ufe41\ufe43\uff02\uff40"
    "\uff1c\uff1e\uff5b\uff5c\uff1d\u27e8"
    "\u2502\u2503\u2551\u2588\u2591"
    "\u0085\u2028\u2029"  # line breaks of other kinds
)

# These are signs where prose would not have them. Each begins with one character, which is searched for first.
_SIGNS_BY_PLACE = tuple(
    (mark, re.compile(pattern))
    for mark, pattern in (
        # Not an apostrophe, which follows a letter; nor is what follows the r or b of a literal: r'..', b'..'
        ("'", r"'(?:(?<!\w')|(?<=[bfruxBFRUX]')(?<!\w[bfruxBFRUX]')|(?<=[bBrRfF][bBrRfF]')(?<!\w[bBrRfF][bBrRfF]'))"),
        ("\u2019", "\u2019(?<!\\w\u2019)"),
        ("\u00b4", "\u00b4(?<!\\w\u00b4)"),
        # A call, f(x); not the ending of a word: file(s)
        ("(", r"\((?<=\w\()(?!(?<=\w\w\w\()(?:e?s|e|n?en|in)\))"),
        # An operator; not a bullet or **emphasis**
        ("*", r"\*(?<!\*\*)(?!\*)(?!(?<=\n\*) )"),
        # An operator or a changed line; not +1, 500+, a + b, C++ or ann+news@example.com
        ("+", r"\+(?![\d+])(?!(?<=[\d ]\+)[\s.,;:!?)])(?<!\+\+)(?![\w.-]*+@)"),
        ("?", r"\?(?:(?=\w)|(?<=\(\?))"),
        # The end of a statement; not of a clause
        (";", r";(?! ++\S)"),
        ("&", r"&(?=&|#?\w++;)"),
        # A format, %s; not 5 %
        ("%", r"%(?=[A-Za-z(])"),
        # A variable or an anchor; not a price
        ("$", r"\$(?! ?\d)(?<!\d\$)(?<!\d \$)"),
        # A path, a comment or a pattern; not and/or
        ("/", r"/(?:(?<![^\s(./:,]/)|(?<=[sy]/)(?<!\w[sy]/))(?=\S)"),
        ("#", r"#(?<=\n#)(?=\w)"),
        (":", ":(?=:)"),
        ("~", "~(?=~)"),
        # An option of a command; not a dash
        ("-", r"-(?<=\s-)(?=-\w)"),
    )
)

_ADDRESS = re.compile(r":(?=//)[^\s<>\"'`{}|\\^\[\]]++")
_RUN = re.compile("  ")
_UNTIDY_BREAK = re.compile(r"\n(?:(?<= \n)|(?=\n\n| ))")
_INDENTED = re.compile(r"\n(?= ++\S)")
_WIDE_RUN = re.compile(r"   (?<=\S   ) *+(?=\S)")
# Of numbers, single characters or Morse: how wide a gap is says something.
_GAP = re.compile(
    r"  (?:(?<=\d  ) *+(?=\d)|(?<=[-._\u00b7\u2013\u2014]  ) *+(?=[-._\u00b7\u2013\u2014])"
    r"|(?:(?<=\s\S  )|(?<=\A\S  )) *+(?=\S(?!\S)))"
)
# Values separated by commas; in prose a blank follows, but for numbers.
_SEPARATED = re.compile(r",(?=[^\W\d_])(?<=\w,)")
# After the end of a sentence two blanks are a typist's habit.
_PAIR = re.compile(r"  (?<=[^\s.!?:\u2026]  )(?=\S)")


_MOST_MARKS = 30  # as in Unicode's Stream-Safe Text Format
_HARMLESS = 1000


def heaps_marks(text: str) -> bool:
    """Whether more combining marks stand on one letter than in any language: to sort them takes quadratic time."""
    if len(text) < _HARMLESS or text.isascii() or not any(map(combining, set(text[:: _MOST_MARKS + 1]))):
        return False  # every 31st character: a longer heap would show
    marks = re.escape("".join(sorted(filter(combining, set(text)))))
    return re.search(f"[{marks}]{{{_MOST_MARKS + 1}}}", text) is not None


def wording_of(text: str) -> Wording:
    """What a text in NFC looks like; of several parts, joined by line breaks, what they look like together."""
    if ":" in text:
        text = _ADDRESS.sub("", text)
    for sign in _SIGNS:
        if sign in text and (sign != "\t" or sign in text.rstrip(BREAKS_AND_BLANKS)):
            return Wording.STRUCTURED
    tidy = "\r" not in text
    if not text.isascii():
        for sign in _WIDE_SIGNS:
            if sign in text:
                return Wording.STRUCTURED
        for blank in SPACES:
            if blank in text:
                text, tidy = text.replace(blank, " "), False
        for mark in INVISIBLE:
            if mark in text:
                tidy = False
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _shows_signs_by_place(text):
        return Wording.STRUCTURED
    runs = _RUN.search(text) is not None
    if runs or text[:1] == " " or _UNTIDY_BREAK.search(text):
        tidy = False
        body = text.strip("\n ")
        if body and (_is_indented(text, body) or _SEPARATED.search(body) or (runs and _stands_in_columns(body))):
            return Wording.STRUCTURED
    return Wording.TIDY if tidy else Wording.UNTIDY


def _shows_signs_by_place(text: str) -> bool:
    line = ""
    for mark, pattern in _SIGNS_BY_PLACE:
        if mark in text:
            line = line or f"\n{text}\n"  # so that the ends of the text are ends of lines
            if pattern.search(line):
                return True
    return False


def _is_indented(text: str, body: str) -> bool:
    """Whether a line begins with blanks; of a first line that is alone, a few are no more than badly copied."""
    _, broken, indent = text[: text.index(body[0])].rpartition("\n")
    if indent and (broken or "\n" in body or len(indent) > 3):
        return True
    return _INDENTED.search(body) is not None


def _stands_in_columns(body: str) -> bool:
    """Whether there are gaps between words as in a table."""
    wide = _WIDE_RUN.search(body)
    if wide and ("\n" in body or _WIDE_RUN.search(body, wide.end())):
        return True
    if _GAP.search(body):
        return True
    return any("\n" in block and _is_table(block) for block in body.split("\n\n"))


def _is_table(block: str) -> bool:
    """Whether two lines of a paragraph have a gap between words."""
    gap = _PAIR.search(block)
    end = block.find("\n", gap.end()) if gap else -1
    return end >= 0 and _PAIR.search(block, end) is not None
