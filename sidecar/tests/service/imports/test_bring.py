"""What becomes of rows: stored once, refused as any answer would be, and never in the way of another."""

from collections.abc import Sequence
from typing import Any

import pytest

from prompt_cache.core.filters import EntryFilter
from prompt_cache.core.outcome import Saved
from prompt_cache.service.imports.bring import Brought, bring
from prompt_cache.service.imports.source import Found, Left, Row

from ...support import Asker, decoded, request


def _row(prompt: str, response: bytes = b'"Paris"', **more: Any) -> Row:
    return Row(place=f"the row of {prompt[:10]}", request=request(prompt=prompt), response=response, **more)


def _bring(asker: Asker, *rows: Row | Left, **options: Any) -> Brought:
    return bring(asker.cache, Found(iter(rows), len(rows)), tags=["imported:test"], **options)


def test_bring__what_came_is_a_hit_as_it_was(asker: Asker) -> None:
    assert _bring(asker, _row("France?")) == Brought(entries=1, shortest=86400.0)
    hit = asker.ask(prompt="France?")
    assert (hit.status, decoded(hit)) == ("hit", "Paris")


def test_bring__again_brings_nothing_twice_and_leaves_what_is_newer(asker: Asker) -> None:
    _bring(asker, _row("France?"))
    assert _bring(asker, _row("France?", b'"Lyon"'), _row("Italy?", b'"Rome"')) == Brought(
        entries=1, present=1, shortest=86400.0
    )
    assert decoded(asker.ask(prompt="France?")) == "Paris"


def test_bring__the_first_of_equal_questions_counts(asker: Asker) -> None:
    assert _bring(asker, _row("France?", b'"new"'), _row("France?", b'"old"')).present == 1
    assert decoded(asker.ask(prompt="France?")) == "new"


def test_bring__more_than_a_batch(asker: Asker) -> None:
    told: list[tuple[int, int | None]] = []
    rows = [_row(f"question {at}") for at in range(1200)]
    assert _bring(asker, *rows, progress=lambda *step: told.append(step)).entries == 1200
    assert told == [(500, 1200), (1000, 1200), (1200, 1200)]


def test_bring__all_of_it_can_be_taken_out_together(asker: Asker) -> None:
    _bring(asker, _row("France?"), _row("Italy?"))
    assert asker.cache.invalidate(EntryFilter(namespace="default", tags=("imported:test",))) == 2


def test_bring__what_a_row_says_of_its_cost_is_what_a_hit_saves(asker: Asker) -> None:
    _bring(asker, _row("France?", usage={"input_tokens": 7, "output_tokens": 3}, latency=2.0, cost_usd=0.5, tags=["a"]))
    saved = asker.ask(prompt="France?").saved
    assert isinstance(saved, Saved)
    assert (saved.input_tokens, saved.output_tokens, saved.seconds, saved.cost_usd) == (7, 3, 2.0, 0.5)
    assert asker.cache.invalidate(EntryFilter(namespace="default", tags=("a",))) == 1


def test_bring__an_answer_is_as_old_as_it_is_and_lives_from_now_on(asker: Asker) -> None:
    _bring(asker, _row("France?", created=asker.clock.now - 1000), ttl=60.0)
    hit = asker.ask(prompt="France?")
    assert (hit.age, hit.ttl) == (1000.0, 60.0)
    assert asker.ask(prompt="France?", max_age=999).reason == "too_old"
    asker.clock.turn(61)
    assert asker.ask(prompt="France?").reason == "expired"


def test_bring__no_answer_is_from_the_future(asker: Asker) -> None:
    _bring(asker, _row("France?", created=asker.clock.now + 1000))
    assert asker.ask(prompt="France?").age == 0.0


def test_bring__a_rows_own_life_goes_first(asker: Asker) -> None:
    assert _bring(asker, _row("France?", ttl=5.0), _row("Italy?"), ttl=60.0).shortest == 5.0
    assert asker.ask(prompt="France?").ttl == 5.0


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ([_row("France?", b'""')], {"empty_response": 1}),
        ([_row("France?", b'{"error": {"message": "no"}}')], {"error_response": 1}),
        ([_row("France?", b"{")], {"unreadable": 1}),
        ([_row("\ud800")], {"no request": 1}),
        ([Left("question 7", "too large"), Left("question 9", "too large")], {"too large": 2}),
    ],
    ids=["empty", "an error", "no JSON", "no Unicode", "left already"],
)
def test_bring__what_cannot_come_is_counted_and_the_others_do(
    asker: Asker, rows: Sequence[Row | Left], left: dict[str, int]
) -> None:
    done = _bring(asker, _row("before"), *rows, _row("after"))
    assert (done.entries, done.left) == (2, left)
    assert done.first == {next(iter(left)): rows[0].place}
    assert [asker.ask(prompt=each).status for each in ("before", "after")] == ["hit", "hit"]
