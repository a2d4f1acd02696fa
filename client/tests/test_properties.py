"""A hit equals its miss, whatever the answer."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prompt_cache_client import PromptCache

TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)
ANYTHING = st.recursive(
    JSON | st.floats() | st.binary() | st.complex_numbers() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(TEXT | st.integers() | st.none(), inner),
    max_leaves=5,
)
MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def kept() -> Iterator[PromptCache]:
    with PromptCache("memory://") as cache:
        yield cache


@MANY
@given(answer=JSON)
def test_json_comes_back_as_it_was(kept: PromptCache, answer: Any) -> None:
    prompt = str(uuid4())
    missed = kept.get_or_call(prompt, lambda: answer)
    again = kept.get_or_call(prompt, lambda: answer)
    assert missed is answer
    assert (type(again), repr(again)) == (type(answer), repr(answer))


@MANY
@given(answer=ANYTHING)
def test_whatever_is_answered_comes_back_or_is_asked_anew(kept: PromptCache, answer: Any) -> None:
    prompt, asked = str(uuid4()), []

    def ask() -> Any:
        asked.append(1)
        return answer

    kept.get_or_call(prompt, ask)
    again = kept.get_or_call(prompt, ask)
    assert again is answer if len(asked) == 2 else repr(again) == repr(answer)


@MANY
@given(items=st.lists(JSON, max_size=5))
def test_a_stream_is_replayed_item_by_item(kept: PromptCache, items: list[Any]) -> None:
    @kept.cached()
    def ask(prompt: str) -> Iterator[Any]:  # noqa: ARG001
        yield from items

    prompt = str(uuid4())
    assert repr(list(ask(prompt))) == repr(list(ask(prompt))) == repr(items)
