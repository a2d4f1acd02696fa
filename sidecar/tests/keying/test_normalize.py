"""Normalization: wording that is not another question, and code that is never touched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.keying.normalize import PRESETS, STEP_NAMES, Normalizer, Normalizers

MASKS = {"date": r"\d{4}-\d{2}-\d{2}", "ticket": r"\b[A-Z]+-\d+\b"}


def normalized(text: str, *steps: str) -> str:
    return Normalizers(MASKS)[list(steps)](text)


# -- step by step -----


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        pytest.param("unicode", "e\u0301", "\u00e9", id="unicode composes"),
        pytest.param("unicode", "a\u00a0b\u2009c\u3000d", "a b c d", id="unicode makes every space a space"),
        pytest.param("unicode", "a\u200bb\ufeff", "ab", id="unicode drops the invisible"),
        pytest.param("unicode", "a\u200db", "a\u200db", id="unicode keeps joiners, which make emoji and letters"),
        pytest.param("unicode", "x² ﬁ", "x² ﬁ", id="unicode keeps what compatibility forms would merge"),
        pytest.param("newlines", "a\r\nb\rc\nd", "a\nb\nc\nd", id="newlines"),
        pytest.param("trim", " \n a  b \t\n", "a  b", id="trim takes the ends alone"),
        pytest.param("collapse_whitespace", "a   b  c", "a b c", id="collapse runs of blanks"),
        pytest.param("collapse_whitespace", "a  \nb \t\n", "a\nb\n", id="collapse blanks at line ends"),
        pytest.param("collapse_whitespace", "a\n\n\n\n\nb", "a\n\nb", id="collapse runs of blank lines"),
        pytest.param("collapse_whitespace", "a\nb\n\nc", "a\nb\n\nc", id="a line break stays a line break"),
        pytest.param("collapse_whitespace", "a\n  b\n   c", "a\n  b\n   c", id="indentation stays"),
        pytest.param("collapse_whitespace", "x\ty\t\tz", "x\ty\t\tz", id="tabs stay: two are an empty cell"),
        pytest.param("casefold", "Straße ÉCOLE", "strasse école", id="casefold"),
        pytest.param("strip_punctuation", "Why, really? Yes!", "Why really Yes", id="punctuation at the end of words"),
        pytest.param("strip_punctuation", "Wait… what?!", "Wait what", id="several marks"),
        pytest.param("strip_punctuation", "3.5 a.b e.g. 5! n! C++ #1", "3.5 a.b e.g 5! n! C++ #1", id="inside words"),
        pytest.param("mask:date", "from 2026-01-31 to 2026-02-01", "from <date> to <date>", id="mask"),
        pytest.param("mask:ticket", "close ABC-12", "close <ticket>", id="another mask"),
    ],
)
def test_normalize__step(step: str, text: str, expected: str) -> None:
    assert normalized(text, step) == expected


def test_normalize__every_step_is_covered_here() -> None:
    tested = {case.values[0] for case in test_normalize__step.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert set(STEP_NAMES) <= tested


@pytest.mark.parametrize(
    ("preset", "text", "expected"),
    [
        ("none", " A\r\n\u00a0 b!  ", " A\r\n\u00a0 b!  "),
        ("whitespace", " A  b!\r\n\r\n\r\n\r\nC\u00a0d ", "A b!\n\nC d"),
        ("loose", " What   is IT?!\r\n", "what is it"),
    ],
)
def test_normalize__preset(preset: str, text: str, expected: str) -> None:
    assert Normalizers()[preset](text) == expected


def test_normalize__presets_are_the_three_that_are_documented() -> None:
    assert set(PRESETS) == {"none", "whitespace", "loose"}


def test_normalize__order_of_steps_counts() -> None:
    assert normalized("Hi ABC-1", "mask:ticket", "casefold") == "hi <ticket>"
    assert normalized("Hi ABC-1", "casefold", "mask:ticket") == "hi abc-1"


def test_normalize__no_steps_change_nothing() -> None:
    assert normalized(" \r\n A\u00a0b ") == " \r\n A\u00a0b "


# -- code -----

BLOCKS = [
    pytest.param("```python\nif  x:\n\ty  =  'A!'\n\n\n\nz.\n```", id="fenced"),
    pytest.param("~~~\nA  b!\n~~~", id="tilde fence"),
    pytest.param("````\n```\nA  b!\n```\nC  d?\n````", id="fence inside a longer fence"),
    pytest.param("~~~\n```\nA  b!\n~~~", id="other fence inside"),
    pytest.param("```\nA  b!\n\n\n\nnever  closed.", id="unclosed fence"),
    pytest.param("    if  X:\n        Y  =  1!\n\n\n    Z.", id="indented"),
    pytest.param("\tif  X:\n\t\tY  =  1!", id="indented by tabs"),
    pytest.param("  ```\n  A  b!\n  ```", id="slightly indented fence"),
]

EVERY_STEP = [*STEP_NAMES, "mask:date", "mask:ticket"]


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("step", EVERY_STEP)
def test_normalize__code_is_never_altered(block: str, step: str) -> None:
    assert block in normalized(f"Look  here:\n\n{block}", step)


@pytest.mark.parametrize("block", BLOCKS)
def test_normalize__prose_around_code_is(block: str) -> None:
    text = f"Look  HERE!\n\n{block}"
    assert Normalizers()["loose"](text) == f"look here\n\n{block}"


def test_normalize__prose_after_a_closed_fence_is() -> None:
    assert Normalizers()["loose"]("```\nA  b!\n```\nAND  then?") == "```\nA  b!\n```\nand then"


def test_normalize__trim_takes_nothing_of_code_at_the_ends() -> None:
    assert normalized("\n\n    x = 1\n    y = 2  ", "trim") == "    x = 1\n    y = 2  "


@pytest.mark.parametrize(
    "text", ["a paragraph\n    that goes  on", "a ``` in  the middle of a line", "1. item\n    more  of it"]
)
def test_normalize__what_looks_like_code_but_is_not_is_prose(text: str) -> None:
    assert "  of" not in Normalizers()["whitespace"](text)
    assert not re.search(r"\S {2,}\S", Normalizers()["whitespace"](text))


# -- properties -----

WORDS = st.text(st.sampled_from("aB1é\u0301.,!? \t\u00a0\u200b-ß"), max_size=12)
CODE_LINES = st.lists(st.text(st.sampled_from("aB= \t.!#"), max_size=10), max_size=4)
STEPS = st.lists(st.sampled_from(EVERY_STEP), max_size=6)


@st.composite
def fenced(draw: st.DrawFn) -> str:
    mark = draw(st.sampled_from(["```", "````", "~~~", "~~~~~"]))
    language = draw(st.sampled_from(["", "python", " sql"]))
    inner = [line for line in draw(CODE_LINES) if not line.strip().startswith(mark[0])]
    return "\n".join([f"{mark}{language}", *inner, mark])


@st.composite
def indented(draw: st.DrawFn) -> str:
    lines = [line for line in draw(CODE_LINES) if line.strip()] or ["x = 1"]
    return "\n".join(f"    {line}" for line in lines)


PARAGRAPHS = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
DOCUMENTS = st.lists(PARAGRAPHS | fenced() | indented(), max_size=5).map("\n\n".join)


@given(DOCUMENTS, st.sampled_from(sorted(PRESETS)))
def test_normalize__presets_are_idempotent(text: str, preset: str) -> None:
    chain = Normalizers()[preset]
    assert chain(chain(text)) == chain(text)


@given(DOCUMENTS, st.sampled_from(STEP_NAMES))
def test_normalize__steps_are_idempotent(text: str, step: str) -> None:
    assert normalized(normalized(text, step), step) == normalized(text, step)


@given(st.text(), st.sampled_from(sorted(PRESETS)))
def test_normalize__presets_are_idempotent_on_anything(text: str, preset: str) -> None:
    chain = Normalizers()[preset]
    assert chain(chain(text)) == chain(text)


@given(st.lists(st.tuples(PARAGRAPHS, fenced() | indented()), min_size=1, max_size=3), STEPS)
def test_normalize__no_chain_alters_code(pairs: list[tuple[str, str]], steps: list[str]) -> None:
    text = "\n\n".join(part for pair in pairs for part in pair)
    result = normalized(text, *steps)
    at = 0
    for _, code in pairs:
        at = result.find(code, at)
        assert at >= 0
        at += len(code)


@given(st.lists(st.text(st.sampled_from("ab \t"), min_size=1).filter(str.strip), min_size=1, max_size=6))
def test_normalize__a_line_break_stays_a_line_break(lines: list[str]) -> None:
    text = "\n".join(f"x{line}" for line in lines)
    assert Normalizers()["whitespace"](text).count("\n") == text.count("\n")


@given(st.lists(st.sampled_from(["", "a", "b c"]), min_size=2, max_size=6))
def test_normalize__cells_of_a_table_stay(cells: list[str]) -> None:
    row = "\t".join(["id", *cells, "end"])
    assert Normalizers()["whitespace"](row) == row


# -- unknown names -----


def test_normalize__unknown_step_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="unknown normalization step 'trimm'") as raised:
        normalized("x", "trimm")
    assert all(name in str(raised.value) for name in [*STEP_NAMES, "mask:date", "mask:ticket"])


def test_normalize__unknown_mask_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="no mask named 'phone' is configured") as raised:
        normalized("x", "mask:phone")
    assert "mask:date" in str(raised.value)


def test_normalize__unknown_preset_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="unknown normalization preset 'lose'") as raised:
        Normalizers()["lose"]
    assert all(preset in str(raised.value) for preset in PRESETS)


def test_normalize__a_preset_is_no_step() -> None:
    with pytest.raises(ValueError, match="unknown normalization step"):
        Normalizers()[["whitespace"]]


def test_normalize__more_chains_are_served_than_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Normalizers, "MOST_CHAINS", 3)
    chains = Normalizers()
    for count in range(1, 6):
        assert chains[["trim"] * count](" x ") == "x"


def test_normalizer__names_itself_by_its_steps() -> None:
    assert Normalizer(["trim", "casefold"]).steps == ("trim", "casefold")
