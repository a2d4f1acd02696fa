"""Dates and times that `mask:clock` makes one, and what looks like one and stays."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_cache.keying.clockless import without_clock
from prompt_cache.keying.normalize import Normalizers

CLOCK = "\ufdd0<clock>"


def masked(text: str) -> str:
    return Normalizers()[["mask:clock"]](text)


@pytest.mark.parametrize(
    "clock",
    [
        "2026-11-25T16:10:00.123-05:00",  # n8n's {{ $now }}
        "2026-11-25T16:10:00.123+01:00",
        "2026-11-25T16:10:00Z",
        "2026-11-25 16:10",
        "2026-11-25 16:10:00.123456 UTC",
        "2026-11-25",
        "2026/11/25",
        "16:10",
        "16:10:07",
        "9:05:07",
        "9:05 am",
        "9:05 AM PST",
        "4 pm",
        "4:10 p.m.",
        "16:10 UTC",
        "16:10 +01:00",
        "16:10 Uhr",
        "9.05 Uhr",
        "9 Uhr",
        "16h10",
        "16 h 10",
        "November 25, 2026",
        "Nov 25",
        "Nov. 25th, 2026",
        "25 November",
        "25th of November 2026",
        "Wed Nov 25 2026 16:10:00 GMT+0000 (Coordinated Universal Time)",  # JavaScript's
        "Wed Nov 25 2026 17:10:00 GMT+0100 (Mitteleuropäische Normalzeit)",
        "Wed, 25 Nov 2026 16:10:00 GMT",
        "Wednesday, November 25, 2026 at 4:10 PM Coordinated Universal Time",
        "Wednesday 16:10",
        "11/25/2026, 4:10:00 PM",
        "25/11/26",
        "25-11-2026",
        "25.11.2026, 16:10:00",
        "25. November 2026 um 16:10 Uhr",
        "Mittwoch, den 25. November 2026",
        "Mittwoch, der 25. November",
        "Samstag, 7. März 2026",
        "mercredi 25 novembre 2026 à 16:10",
        "1er août 2026",
        "miércoles, 25 de noviembre de 2026",
        "sábado, 7 de marzo",
    ],
)
@pytest.mark.parametrize("around", ["Now: {}. Hi", "{}", "It is {}, `x  1`", "\n{}\n"])
def test_clock__dates_and_times(clock: str, around: str) -> None:
    assert masked(around.format(clock)) == around.format(CLOCK)


@pytest.mark.parametrize(
    "text",
    [
        "John 3:16",
        "v1.2.13",
        "10.12.24.5",
        "2:1",
        "16:9",
        "16:105",
        "12/7",
        "1-2-3",
        "555-12-34",
        "order 20261125",
        "2026",
        "May 2026",
        "May I? You may.",
        "Wednesday",
        "Sun and mar and so 5",
        "3h",
        "12.50",
        "the 25",
        "13 pm",
        "25:61",
        "2026-13-25",
        "99/99/2026",
        "A16:10B",
    ],
)
def test_clock__what_may_be_something_else_stays(text: str) -> None:
    assert masked(text) == text


def test_clock__two_times_of_a_day_are_one_question_and_other_words_are_not() -> None:
    assert masked("At 16:10 on Nov 25?") == masked("At 09:30 on Dec 1?") != masked("By 16:10 on Nov 25?")
    assert masked(f"At {CLOCK}?") != masked("At 16:10?")


def test_clock__a_mask_of_that_name_in_the_configuration_takes_its_place() -> None:
    own = Normalizers({"clock": "tick"})[["mask:clock"]]
    assert own("tick 16:10") == f"{CLOCK} 16:10"


@given(st.lists(st.sampled_from(["16:10", "Nov ", "25", " ", "2026-11-25", "T", "Z", "x", ":", "."]), max_size=9))
def test_clock__masking_twice_is_masking_once_but_for_frames(pieces: list[str]) -> None:
    once = masked("".join(pieces))
    assert once.count("\ufdd0") == once.count(CLOCK)


@pytest.mark.parametrize("piece", ["a", "1", "2026-", "25 ", "mon ", "März ", "16:1", "25. ", "de ", "(time) "])
def test_clock__long_texts_cost_little(piece: str) -> None:
    text = piece * (10_000_000 // len(piece))
    started = time.process_time()
    masked(text)
    assert time.process_time() - started < 5


def test_clockless__a_text_full_of_dates_costs_little() -> None:
    parts = {"messages": [{"role": "user", "content": "16:10 " * 1_500_000}]}
    started = time.process_time()
    assert without_clock(parts)
    assert time.process_time() - started < 2
