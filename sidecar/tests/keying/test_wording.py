"""What is prose and what is not, and that to tell takes no longer than to read."""

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prompt_cache.keying.normalize import PRESETS, STEP_NAMES, Normalizers
from prompt_cache.keying.wording import Wording, wording_of

STRUCTURED = {
    "inline code": "Run `a  b`",
    "a fence after words": "Explain: ```python\nx  = 1\n```",
    "a tilde fence": "~~~\na  b\n~~~",
    "a fence in a list item": "- see\n\n    ```\n    a  b\n    ```",
    "a fence in a quotation": "> ```\n> a  b\n> ```",
    "an indented line": "Look:\n    x  y",
    "a slightly indented line": "Look:\n x",
    "a line indented by a no-break space": "Look:\n\u00a0x",
    "an indented line after an empty first": "\n  Hello",
    "an indented first line": "  a\nb",
    "a first line indented by one blank": " a\nb",
    "a deeply indented first line alone": "    a",
    "a tab between words": "a\tb",
    "a tab before words": "\ta",
    "a nested list": "- a\n  - b",
    "a quoted string": 'Say "a  b"',
    "typographic quotes": "Say “a  b”",
    "guillemets": "Dites « a  b »",
    "German quotes": "Sag „a  b“",
    "Japanese quotes": "「a  b」とは",
    "single quotes": "Say 'a  b'",
    "a typographic single quote": "Say ‘a  b’",
    "a raw literal": "Match r'a  b'",
    "a byte literal with two letters": "Match rb'a  b'",
    "markup": "<pre>a  b</pre>",
    "a closing angle": "a  -> b",
    "braces": "{a  b}",
    "a template that is not filled in": "Hello {{ name }}",
    "brackets": "[a  b]",
    "a backslash": r"\d  \d",
    "a table in Markdown": "a | b",
    "an assignment": "x = 1",
    "an anchored pattern": "^a  b",
    "an end anchor": "a  b$",
    "a quantifier": "a  +b",
    "another quantifier": "colou?r",
    "a star": "a  *b",
    "a group": "(?i) a",
    "a path": "ls /usr/bin",
    "a slashed pattern": "Is /a  b/ right",
    "a substitution": "sed s/a  b/c/",
    "a comment": "x // a  b",
    "a statement": "return;\nend",
    "a last statement": "break;",
    "a call": "len(x)",
    "a call of no arguments": "main()",
    "a scope": "std::move",
    "a format": "printf %s",
    "a variable": "echo $HOME",
    "an entity": "a&nbsp;b",
    "a conjunction": "a && b",
    "an option": "git log --oneline",
    "a changed line": "a\n+ b",
    "a directive": "#define A  1",
    "struck out": "~~a~~",
    "a drawn box": "│ a",
    "columns of two blanks": "ab  cd\nef  gh",
    "columns of no-break spaces": "ab\u00a0\u00a0cd\nef\u00a0\u00a0gh",
    "a table with an empty cell": "Name Qty Price\nPen      2",
    "a row of cells": "a    b    c",
    "what NFC makes a bracket": "a \u3008 b",
}
PROSE = {
    "contractions": "It's what they don't say; we're sure.",
    "typographic apostrophes": "C’est l’été, n’est-ce pas ?",
    "possessives": "The users' rights",
    "numbers": "About 1,234.5 or 3 000, that is 5% (or 1/2)",
    "prices": "It costs $5, US$ 7 or 8 $ and 4€/month",
    "operators between numbers": "5 + 3, +49 30 1234, 500+ users, C++",
    "an e-mail address": "Write to ann.lee+news@mail.example.com.",
    "an address": "Read https://example.com/a(b)?c=d&e=%20;f#g please",
    "dashes": "A - b – c — d -- e",
    "parentheses": "It (the file(s), that is) came. (Really!)",
    "a list": "Say:\n- one\n- two\n\n* three\n1. four",
    "emphasis": "**Task:** be brief",
    "a heading": "# Title\n\nText",
    "a rule": "Above\n---\nBelow",
    "slashes": "and/or, w/o, 24/7",
    "semicolons": "First this; then that.",
    "an ampersand": "Q & A, R&D",
    "questions": "What?! Où est-il ?",
    "blanks around one line": "   Hi ",
    "blank lines": "\n\nHi\n   \nthere\n\n",
    "a run of blanks in a line": "What   is  it",
    "two blanks after sentences": "One.  Two!\nThree.  Four?  Five:  six.",
    "a tab at the end": "Hi\t",
    "line breaks of Windows": "Hi\r\nthere",
    "other scripts": "東京の天気は? Привет! مرحبا",
    "emoji": "Nice 👩\u200d💻❤️",
}


@pytest.mark.parametrize("text", STRUCTURED.values(), ids=STRUCTURED)
@pytest.mark.parametrize("around", ["{}", "Tell me.\n\n{}", "{}\n\nWhat  is it"])
def test_wording__a_sign_anywhere_keeps_the_whole_text_as_it_was_sent(text: str, around: str) -> None:
    whole = around.format(text) if "{" not in text else around.replace("{}", text)
    assert wording_of(whole) is Wording.STRUCTURED
    for preset in PRESETS:
        assert Normalizers()[preset](whole) == whole


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_wording__prose_is_normalized(text: str) -> None:
    assert wording_of(text) is not Wording.STRUCTURED
    assert Normalizers()["whitespace"](f"{text} \n") == Normalizers()["whitespace"](text)


@pytest.mark.parametrize("step", STEP_NAMES)
def test_wording__no_step_alters_what_is_not_prose(step: str) -> None:
    text = "E\u0301T\u00c9\u00a0x \r\n\r\n\r\n`A  b!`  "
    assert Normalizers()[[step]](text) == text


SIGNS = st.sampled_from(sorted(STRUCTURED.values()))
WORDS = st.text(st.sampled_from("aB1é\u0301.,!? \n\r\u00a0\u200b-ß;"), max_size=12)


@given(WORDS, SIGNS, WORDS, st.lists(st.sampled_from(STEP_NAMES), max_size=6))
def test_wording__signs_are_found_within_any_text(before: str, sign: str, after: str, steps: list[str]) -> None:
    text = f"{before}\n\n{sign}\n\n{after}"
    assert Normalizers()[steps](text) == text


@given(st.text(st.sampled_from("ab\u00a0 .\n\r-'(?*+;:/$%&#~é\u0301\u200b"), max_size=20))
@example("a \n\n\n b")
@example("a\u200b \n b")
def test_wording__tidy_is_what_normalization_would_not_change(text: str) -> None:
    chain = Normalizers()["whitespace"]
    if wording_of(text) is Wording.TIDY:
        assert chain(text) == chain(f"{text} ") == text.strip()


# -- time -----

N = 4000
ADVERSARIAL: dict[str, Callable[[int], str]] = {
    "blanks between two letters": lambda n: "a" + " " * n + "b",
    "blanks and no end": lambda n: "a" + " " * n,
    "blanks at line ends": lambda n: "a" + (" " * 50 + "\n") * (n // 50) + "b",
    "blank lines": lambda n: "a" + "\n" * n + "b",
    "blank lines with blanks": lambda n: "a" + "\n " * n + "b",
    "returns": lambda n: "a" + "\r" * n + "b",
    "full stops": lambda n: "ab" + "." * n + "c",
    "exclamations": lambda n: "ab" + "!." * n + "c",
    "pluses": lambda n: "1" + "+1" * n,
    "pluses before letters": lambda n: "a@" * (n // 2) + "+" + "a" * n,
    "apostrophes": lambda n: "a'" * n,
    "brackets": lambda n: "a (" * n,
    "semicolons": lambda n: "a; " * n,
    "semicolons and blanks": lambda n: "a;" + " " * n + "b",
    "ampersands": lambda n: "a&" + "a" * n,
    "ampersands in a row": lambda n: "&a" * n,
    "addresses": lambda n: "a://" * n,
    "colons": lambda n: "a: " * n,
    "dollars": lambda n: "$1 " * n,
    "dashes": lambda n: "a -" * n,
    "pairs after full stops": lambda n: "a.  " * n,
    "pairs in lines of their own": lambda n: "a  b\n\n" * n,
    "combining marks": lambda n: "a" + "\u0301" * n,
    "no-break spaces": lambda n: "a" + "\u00a0" * n + "b",
    "soft hyphens": lambda n: "a\u00ad" * n,
}


def _steps_of(call: Callable[[], Any]) -> int:
    """How many lines of Python run."""
    count = 0

    def trace(_frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(None)
    return count


def _seconds_of(call: Callable[[], Any]) -> float:
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        call()
        best = min(best, time.process_time() - begun)
    return best


@pytest.mark.parametrize("make", ADVERSARIAL.values(), ids=ADVERSARIAL)
@pytest.mark.parametrize("preset", ["whitespace", "loose"])
def test_wording__no_text_takes_longer_than_its_length_says(make: Callable[[int], str], preset: str) -> None:
    chain = Normalizers({})[preset]
    short, long = make(N), make(N * 16)
    assert _steps_of(lambda: chain(short)) * 32 >= _steps_of(lambda: chain(long))
    # Sixteen times the length: linear is 16, quadratic 256. A millisecond is the noise of a busy machine.
    assert _seconds_of(lambda: chain(long)) <= (_seconds_of(lambda: chain(short)) + 0.001) * 64
