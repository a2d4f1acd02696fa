"""Normalization: which wording is not another question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.keying.normalize import MOST_STEPS, PRESETS, STEP_NAMES, Normalizer, Normalizers

MASKS = {"date": r"\d{4}-\d{2}-\d{2}", "ticket": r"\b[A-Z]+-\d+\b"}


def normalized(text: str, *steps: str) -> str:
    return Normalizers(MASKS)[list(steps)](text)


# -- step by step -----


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        pytest.param("unicode", "e\u0301", "\u00e9", id="unicode composes"),
        pytest.param("unicode", "a\u00a0b\u2009c\u3000d", "a b c d", id="unicode makes every space a space"),
        pytest.param("unicode", "a\u200bb\ufeff\u2060c\u00add", "abcd", id="unicode drops the invisible"),
        pytest.param("unicode", "a\u200db", "a\u200db", id="unicode keeps joiners, which make emoji and letters"),
        pytest.param("unicode", "x² ﬁ", "x² ﬁ", id="unicode keeps what compatibility forms would merge"),
        pytest.param("newlines", "a\r\nb\rc\nd", "a\nb\nc\nd", id="newlines"),
        pytest.param("trim", "\n\nan  egg \t\n", "an  egg", id="trim takes the ends alone"),
        pytest.param("collapse_whitespace", "one   or  two", "one or two", id="collapse runs of blanks"),
        pytest.param("collapse_whitespace", "a  \nb \n", "a\nb\n", id="collapse blanks at line ends"),
        pytest.param("collapse_whitespace", "a\n\n\n\n\nb", "a\n\nb", id="collapse runs of blank lines"),
        pytest.param("collapse_whitespace", "a\nb\n\nc", "a\nb\n\nc", id="a line break stays a line break"),
        pytest.param("casefold", "Straße ÉCOLE", "strasse école", id="casefold"),
        pytest.param("strip_punctuation", "Why, really? Yes!", "Why really Yes", id="punctuation at the end of words"),
        pytest.param("strip_punctuation", "Wait… what?!", "Wait what", id="several marks"),
        pytest.param("strip_punctuation", "3.5 a.b e.g. 5! n! C++ #1", "3.5 a.b e.g 5! n! C++ #1", id="inside words"),
        pytest.param("mask:date", "from 2026-01-31 to 2026-02-01", "from \ufdd0<date> to \ufdd0<date>", id="mask"),
        pytest.param("mask:ticket", "close ABC-12", "close \ufdd0<ticket>", id="another mask"),
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
        ("whitespace", "A  b!\r\n\r\n\r\n\r\nC\u00a0d ", "A b!\n\nC d"),
        ("loose", " What   is IT?!\r\n", "what is it"),
    ],
)
def test_normalize__preset(preset: str, text: str, expected: str) -> None:
    assert Normalizers()[preset](text) == expected


def test_normalize__presets_are_the_three_that_are_documented() -> None:
    assert set(PRESETS) == {"none", "whitespace", "loose"}


def test_normalize__order_of_steps_counts() -> None:
    assert normalized("Hi ABC-1", "mask:ticket", "casefold") == "hi \ufdd0<ticket>"
    assert normalized("Hi ABC-1", "casefold", "mask:ticket") == "hi abc-1"


def test_normalize__no_steps_change_nothing() -> None:
    assert normalized(" \r\n A\u00a0b ") == " \r\n A\u00a0b "


# -- parts -----


def test_normalize__parts_are_never_trimmed_apart() -> None:
    loose = Normalizers()["loose"]
    assert loose.parts(["No ", "where.", "E\u0301t\u00e9  "]) == ["no ", "where.", "\u00e9t\u00e9 "]
    assert loose.parts([" No. "]) == ["no"]
    assert loose.parts(["No", " where"]) == ["No", " where"]  # which might be indented


def test_normalize__what_one_part_shows_counts_for_all() -> None:
    parts = ["Explain  this: ", "```", "a  b", "```"]
    assert Normalizers()["loose"].parts(parts) == parts


def test_normalize__columns_may_show_in_several_parts_together() -> None:
    assert Normalizers()["whitespace"].parts(["ab  cd", "ef  gh"]) == ["ab  cd", "ef  gh"]
    assert Normalizers()["whitespace"].parts(["ab  cd"]) == ["ab cd"]


# -- properties -----

WORDS = st.text(st.sampled_from("aB1é\u0301.,!? \t\u00a0\u200b-ß'`"), max_size=12)
DOCUMENTS = st.lists(WORDS, max_size=6).map("\n".join)
STEPS = st.lists(st.sampled_from([*STEP_NAMES, "mask:date", "mask:ticket"]), max_size=6)


@given(DOCUMENTS | st.text(), st.sampled_from(sorted(PRESETS)))
def test_normalize__presets_are_idempotent(text: str, preset: str) -> None:
    chain = Normalizers()[preset]
    assert chain(chain(text)) == chain(text)


@given(DOCUMENTS | st.text(), st.sampled_from(STEP_NAMES))
def test_normalize__steps_are_idempotent(text: str, step: str) -> None:
    assert normalized(normalized(text, step), step) == normalized(text, step)


@given(st.lists(st.sampled_from("ab"), min_size=1), st.lists(st.sampled_from(["\n", "\n\n"])))
def test_normalize__a_line_break_stays_a_line_break(lines: list[str], breaks: list[str]) -> None:
    text = "".join(f"{line} {end}" for line, end in zip(lines, breaks, strict=False)) + "x"
    assert Normalizers()["whitespace"](text).count("\n") == text.count("\n")


@given(DOCUMENTS, STEPS, st.lists(st.text(max_size=5), min_size=2, max_size=4))
def test_normalize__parts_stay_as_many_as_they_were(text: str, steps: list[str], more: list[str]) -> None:
    assert len(Normalizers(MASKS)[steps].parts([text, *more])) == 1 + len(more)


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


def test_normalize__takes_so_many_steps_and_no_more() -> None:
    assert normalized(" x ", *["trim"] * MOST_STEPS) == "x"
    with pytest.raises(ValueError, match=f"33 steps; give at most {MOST_STEPS}"):
        normalized("x", *["trim"] * 33)


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
