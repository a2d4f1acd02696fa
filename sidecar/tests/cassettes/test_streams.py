"""A secret that a model tells piece by piece is in no piece."""

from collections.abc import Callable
from typing import Any

import pytest

from prompt_cache.cassettes.scrub import SCRUBBED, scrubber
from prompt_cache.cassettes.streams import joined_secrets

KEY = "sk-proj-abcDEF0123456789_abcDEF"
TOLD = f"Your key is {KEY}, keep it."
Event = Callable[[str], Any]

EVENTS: dict[str, Event] = {
    "openai_chat": lambda text: {"id": "c", "choices": [{"index": 0, "delta": {"content": text}}]},
    "openai_tools": lambda text: {
        "choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}}]
    },
    "openai_completions": lambda text: {"choices": [{"index": 0, "text": text}]},
    "openai_responses": lambda text: {"type": "response.output_text.delta", "item_id": "m", "delta": text},
    "anthropic": lambda text: {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": text},
    },
    "anthropic_tools": lambda text: {
        "type": "content_block_delta",
        "index": 1,
        "delta": {"type": "input_json_delta", "partial_json": text},
    },
    "gemini": lambda text: {"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}}]},
    "ollama_chat": lambda text: {"model": "m", "message": {"role": "assistant", "content": text}, "done": False},
    "ollama_generate": lambda text: {"model": "m", "response": text, "done": False},
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_secret_in_pieces_is_scrubbed(event: Event, size: int) -> None:
    pieces = [TOLD[at : at + size] for at in range(0, len(TOLD), size)]
    events = scrubber()(joined_secrets([event(piece) for piece in pieces], scrubber()))
    texts = [next(text for text in pieces_of(each, event)) for each in events]
    assert "".join(texts) == f"Your key is {SCRUBBED}, keep it."


def pieces_of(made: Any, event: Event) -> list[str]:
    """The text that an event was made of."""
    found: list[str] = []

    def search(one: Any, other: Any) -> None:
        if isinstance(one, dict):
            for name in one:
                search(one[name], other[name])
        elif isinstance(one, list):
            for at, item in enumerate(one):
                search(item, other[at])
        elif one != other:
            found.append(other)

    search(event("\0"), made)
    return found


def test_what_holds_no_secret_stays_as_it_came() -> None:
    events = [EVENTS["openai_chat"](piece) for piece in ("Hello", ", ", "you")]
    assert joined_secrets([dict(event) for event in events], scrubber()) == events


def test_texts_that_grow_side_by_side_are_not_mixed() -> None:
    def choice(index: int, text: str) -> Any:
        return {"choices": [{"index": index, "delta": {"content": text}}]}

    events = [choice(0, "sk-proj-abcDEF01"), choice(1, "Hello"), choice(0, "23456789_abcDEF"), choice(1, " you")]
    told = joined_secrets(events, scrubber())
    assert told == [choice(0, SCRUBBED), choice(1, "Hello"), choice(0, ""), choice(1, " you")]
