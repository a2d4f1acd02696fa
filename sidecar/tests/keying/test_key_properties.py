"""Properties of keys: whatever a request holds, its spelling never matters and its meaning always does."""

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prompt_cache.keying.request import Request
from sidecar.tests.support import key

TEXT = st.text(st.sampled_from("aé¨e\u0301ﬁ각ᄀ\u1161Å\u212b 1.\n"), max_size=8) | st.text(max_size=8)
NAMES = st.text(st.sampled_from("abcé\u0301ÅK"), min_size=1, max_size=4)
WHOLE = st.integers(-(2**53), 2**53)
NUMBERS = WHOLE | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXT
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=3).filter(
            lambda found: len({unicodedata.normalize("NFC", name) for name in found}) == len(found)
        )
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=3).filter(
    lambda found: len({unicodedata.normalize("NFC", name) for name in found}) == len(found)
)
CHAINS = st.sampled_from(["none", "whitespace", "loose"]) | st.lists(
    st.sampled_from(["unicode", "newlines", "trim", "collapse_whitespace", "casefold", "strip_punctuation"]),
    max_size=4,
)
ATTRIBUTES = st.dictionaries(NAMES, TEXT, max_size=3).filter(
    lambda found: len({unicodedata.normalize("NFC", name) for name in found}) == len(found)
)
CONTENT = TEXT | st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}), max_size=2)
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": CONTENT}),
    min_size=1,
    max_size=3,
)
REQUESTS = st.fixed_dictionaries(
    {"messages": MESSAGES},
    optional={
        "system": TEXT,
        "model": TEXT,
        "tools": st.lists(OBJECTS, min_size=1, max_size=2),
        "response_format": OBJECTS,
        "params": OBJECTS,
        "attributes": ATTRIBUTES,
        "normalize": CHAINS,
    },
)


SCHEMAS = ("tools", "response_format")


class Rewriter:
    """Writes the same JSON value in another way: order (in schemas apart), escapes, blanks and number forms drawn."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._in_schema = False

    def __call__(self, value: Any) -> str:
        if isinstance(value, bool) or value is None:
            return json.dumps(value)
        if isinstance(value, int):
            return self._whole(value)
        if isinstance(value, float):
            return self._whole(int(value)) if value.is_integer() and abs(value) < 2**53 else self._real(value)
        if isinstance(value, str):
            return self._text(value)
        blank = self._draw(st.sampled_from(["", " ", "\n\t"]))
        if isinstance(value, list):
            return f"[{blank}{f',{blank}'.join(map(self, value))}]"
        pairs = list(value.items())
        if not self._in_schema:
            pairs = self._draw(st.permutations(pairs))
        named = (f"{self._text(name)}{blank}:{self._named(name, each)}" for name, each in pairs)
        return f"{{{blank}{f',{blank}'.join(named)}}}"

    def _named(self, name: str, value: Any) -> str:
        schema, self._in_schema = self._in_schema, self._in_schema or name in SCHEMAS
        try:
            return self(value)
        finally:
            self._in_schema = schema

    def _whole(self, value: int) -> str:
        if abs(value) > 2**53:
            return str(value)
        forms = [str(value), f"{value}.0", f"{value}e0", f"{value}.00E+0"]
        forms += ["-0", "-0.0", "0e7"] if value == 0 else [f"{value}0e-1"]
        return self._draw(st.sampled_from(forms))

    def _real(self, value: float) -> str:
        return self._draw(st.sampled_from([repr(value), f"{value:.17e}", f"{value:.17E}"]))

    def _text(self, value: str) -> str:
        return json.dumps(value, ensure_ascii=self._draw(st.booleans()))


@st.composite
def written_twice(draw: st.DrawFn) -> tuple[str, str]:
    value = draw(REQUESTS)
    rewrite = Rewriter(draw)
    return json.dumps(value), rewrite(value)


def key_of_json(text: str) -> str:
    return key(msgspec.json.decode(text.encode(), type=Request))


@given(written_twice())
def test_keys__order_escapes_and_number_forms_never_change_a_key(texts: tuple[str, str]) -> None:
    once, again = texts
    assert key_of_json(once) == key_of_json(again)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", "1.0"), ("1", "1e0"), ("0", "-0"), ("0", "-0.0"), ("1e22", "10000000000000000000000"), ("100", "1e2")],
)
def test_keys__numbers_have_one_form(one: str, other: str) -> None:
    keys = {key_of_json(f'{{"prompt":"a","params":{{"n":{number}}}}}') for number in (one, other)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("18446744073709551616", "18446744073709551617"), ("9007199254740992", "9007199254740993"), ("1", "1.5")],
)
def test_keys__different_numbers_stay_apart_however_big(one: str, other: str) -> None:
    keys = {key_of_json(f'{{"prompt":"a","params":{{"n":{number}}}}}') for number in (one, other)}
    assert len(keys) == 2


def test_keys__names_are_compared_as_they_were_sent() -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    assert len({key({"params": {name: 1}}) for name in (composed, decomposed)}) == 2


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Paths of all leaves, empty containers included."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for at, inner in enumerate(value):
            yield from leaves(inner, (*path, at))
    else:
        yield path


@given(REQUESTS, st.data())
def test_keys__any_meaningful_change_is_another_key(whole: dict[str, Any], data: st.DataObject) -> None:
    whole["normalize"] = "none"
    path = data.draw(st.sampled_from(sorted(leaves(whole), key=str)))
    assume(path != ("normalize",) and path[-1] not in ("role", "type"))
    mutated = json.loads(json.dumps(whole))
    place = mutated
    for step in path[:-1]:
        place = place[step]
    old = place[path[-1]]
    place[path[-1]] = f"{old}x" if isinstance(old, str) else {"other": 1} if isinstance(old, dict) else f"{old}"
    if path[0] == "attributes" and not isinstance(old, str):
        place[path[-1]] = {"other": "1"}
    assert key(mutated) != key(whole)


@pytest.mark.parametrize("steps", [["strip_punctuation"], ["casefold"], ["unicode"], ["trim", "strip_punctuation"]])
@pytest.mark.parametrize("text", ["un café!", "un café.", "ᾴ", "α\u0345\u0301", "\u212bngström."])
def test_keys__unicode_forms_of_prose_are_one_whatever_the_steps(steps: list[str], text: str) -> None:
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")} | {text}
    assert len({key({"prompt": each, "normalize": steps}) for each in forms}) == 1
