"""What holds of any two texts."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompt_cache.semantic.guards.comparing import compare
from prompt_cache.semantic.reading import read, read_long, read_short

from .questions import ENGLISH

questions = st.sampled_from(ENGLISH)
SIGNS = """
“ ” " « » ` ``` ' : ; , . ? ! ( ) - – 5 30 1,000 $5 10:30 5pm 2024-03-05 first of and between if not please thank you
twenty hundred anna@a.io https://a.io a_b C++ 👍🏽 שלום Å
"""
pieces = st.sampled_from((*" ".join(ENGLISH).split(), *SIGNS.split(), "\n", "I was wondering"))
texts = st.one_of(st.text(max_size=80), st.lists(pieces, max_size=25).map(" ".join), questions)


def agrees(one: str, other: str) -> bool:
    return all(verdict.agrees for verdict in compare(one, other))


@given(texts)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert agrees(text, text)
    assert agrees(text, f"  {text}\n")


@given(texts, texts)
def test_it_does_not_matter_which_of_two_was_asked_first(one: str, other: str) -> None:
    assert agrees(one, other) == agrees(other, one)


@given(questions, st.data())
def test_words_left_out_and_put_elsewhere_are_judged_alike_from_both_sides(question: str, data: st.DataObject) -> None:
    words = question.split()
    other = " ".join(data.draw(st.permutations(words))[data.draw(st.integers(0, 2)) :])
    assert agrees(question, other) == agrees(other, question)


@given(
    questions,
    st.sampled_from(("{} Thanks!", "Hello! {}", "Hi there, {}", "{} Thank you very much.", "  {}  ", "Please, {}")),
)
def test_politeness_and_blanks_do_not_matter(question: str, polite: str) -> None:
    asked = polite.format(question)
    if ":" in question and not polite.startswith(("H", "P", " ")):
        return  # what stands behind a colon is compared to the letter
    assert agrees(asked, question)


@given(questions, questions)
def test_capitals_do_not_matter(one: str, other: str) -> None:
    if ":" not in one:
        assert agrees(one.lower(), one)
    assert agrees(one, other) == (one == other)


@given(st.one_of(texts, st.text(alphabet="0123456789., :/-$€%kmhape", max_size=40)), st.data())
def test_one_changed_digit_is_always_refused(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    digits = data.draw(st.text("0123456789", min_size=1, max_size=3))
    before, after = (
        text[:at] + digits + text[at:],
        text[:at] + digits[:-1] + str((int(digits[-1]) + 1) % 10) + text[at:],
    )
    assert not agrees(before, after)


@given(questions, st.sampled_from(("not", "never", "without", "no")), st.data())
def test_one_more_no_is_always_refused(question: str, no: str, data: st.DataObject) -> None:
    words = question.split()
    at = data.draw(st.integers(0, len(words)))
    assert not agrees(question, " ".join([*words[:at], no, *words[at:]]))


@given(questions, st.data())
def test_two_words_that_change_places_are_refused_or_say_the_same(question: str, data: st.DataObject) -> None:
    """Names and numbers that stand in one sentence are not interchangeable."""
    one, other = data.draw(st.permutations(("Anna", "Ben", "Clara")))[:2]
    assert not agrees(f"{question} Does {one} owe {other} money?", f"{question} Does {other} owe {one} money?")


HOSTILE = {
    "one word": "a" * 2000,
    "quotes": '"' * 2000,
    "quotes that open": "“" * 2000,
    "apostrophes": "'a " * 660,
    "colons": "please: " * 250,
    "dots": "a." * 1000,
    "numbers": "1 000 " * 330,
    "owners": "a of " * 400,
    "pairs": "between a and b " * 120,
    "frames": "how do i " * 220,
    "wondering": "i was wondering if " * 100,
    "thanks": "thank you very much " * 100,
    "number words": "twenty hundred " * 130,
    "marks": "a\u0301\u0302" * 660,
    "addresses": "a" * 1000 + "@" + "b." * 500,
    "lines": "please\n" * 280,
    "fences": "```" * 600,
    "emoji": "👍🏽" * 900,
    "different words": " ".join(f"w{number}ord" for number in range(250)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long(name: str) -> None:
    """A hundred times what a question takes, on a machine that does much else."""
    text = HOSTILE[name]
    start = time.perf_counter()
    compare(text, f"{text[:-20]} x")
    compare(f"How do I {text[:1900]}", f"How can I not {text[:1900]}")
    assert time.perf_counter() - start < 1


@settings(max_examples=30)
@given(texts)
def test_what_was_read_is_kept_and_what_was_kept_is_bounded(text: str) -> None:
    assert read(text) is read(text)
    for kept in (read_short, read_long):
        bound = kept.cache_info().maxsize
        assert bound is not None
        assert kept.cache_info().currsize <= bound


def test_threads_read_the_same_at_once() -> None:
    pairs = [
        (f"{one} {number}", f"Please, {one} {number}") for number in range(40) for one in ENGLISH if ":" not in one
    ]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda pair: agrees(*pair), pairs))
