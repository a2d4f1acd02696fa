"""Reading a file of pairs: what is in it, and what is wrong with which line."""

import re

import msgspec
import pytest

from prompt_cache.semantic.evaluation.pairs import Pair, read_pairs

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]


def test_pairs__are_read_with_the_line_they_stand_on() -> None:
    lines = [
        '\ufeff{"a": "x", "b": "y", "same": true, "kind": "typo", "lang": "en", "note": "ours"}\r\n'.encode(),
        b"\n",
        msgspec.json.encode({"a": MESSAGES, "b": "y", "same": False}),
    ]
    assert read_pairs(lines, "p") == [Pair(1, "x", "y", True, "typo", "en"), Pair(3, MESSAGES, "y", False)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"nonsense", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[1]", "must be an object"),
        (b'{"a": "x", "b": "y"}', "`same` must be true"),
        (b'{"a": "x", "b": "y", "same": "yes"}', "`same` must be true"),
        (b'{"a": "x", "same": true}', "`b` must be a text, or a list of messages"),
        (b'{"a": "", "b": "y", "same": true}', "`a` must be a text"),
        (b'{"a": ["hi"], "b": "y", "same": true}', "`a` must be a text"),
        (b'{"a": "x", "b": "y", "same": true, "kind": 3}', "`kind` must be a text"),
    ],
)
def test_bad_line__is_named_with_the_fix(line: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"pairs.jsonl, line 2: {said}")):
        read_pairs([b'{"a": "x", "b": "y", "same": true}', line], "pairs.jsonl")


def test_bad_lines__are_told_together_but_not_by_the_thousand() -> None:
    with pytest.raises(ValueError) as raised:
        read_pairs([b"x"] * 1000, "p")
    said = str(raised.value).splitlines()
    assert (said[0], len(said), said[-1]) == (
        "p, line 1: is not JSON; write one object on a line",
        6,
        "... and 995 more lines",
    )


def test_empty_file__is_said() -> None:
    with pytest.raises(ValueError, match="there are no pairs in it"):
        read_pairs([b"\n"], "p")
