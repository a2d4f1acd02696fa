"""How much a call sends and allows, in every protocol."""

from typing import Any

import pytest

from prompt_cache.http.proxy.extent import model_of, most_tokens, rough_input_tokens


@pytest.mark.parametrize(
    ("body", "most"),
    [
        ({}, None),
        ({"max_tokens": 100}, 100),
        ({"max_tokens": 100, "max_completion_tokens": 50}, 50),
        ({"max_output_tokens": 70}, 70),
        ({"generationConfig": {"maxOutputTokens": 60, "candidateCount": 2}}, 120),
        ({"options": {"num_predict": 40}}, 40),
        ({"options": {"num_predict": -1}}, None),
        ({"max_tokens": 100, "n": 3}, 300),
        ({"n": 3}, None),
        ({"max_tokens": True, "options": None, "generationConfig": "x"}, None),
        ({"max_tokens": "many"}, None),
        ({"max_tokens": 2**62, "n": 2**62}, 1_000_000),
    ],
)
def test_most_tokens(body: dict[str, Any], most: int | None) -> None:
    assert most_tokens(body) == most


def test_texts_count_and_pictures_do_not() -> None:
    text = "four " * 100
    said = {"messages": [{"role": "user", "content": [{"type": "text", "text": text}]}]}
    assert 125 <= rough_input_tokens(said) <= 130
    picture = {"image_url": {"url": "data:image/png;base64," + "A" * 100_000}}
    assert rough_input_tokens({**said, "picture": picture}) == rough_input_tokens(said)
    assert rough_input_tokens({"input": [list(range(500)), [1, 2]]}) == 502
    assert rough_input_tokens("日本語" * 1000) == 3000, "a text without blanks is one nevertheless"
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert rough_input_tokens(deep) == 0


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        ("chat/completions", {"model": "gpt-4o"}, "gpt-4o"),
        ("models/gemini-2.5-flash:generateContent", {}, "gemini-2.5-flash"),
        ("chat/completions", {"model": 7}, ""),
    ],
)
def test_model_of(path: str, body: dict[str, Any], model: str) -> None:
    assert model_of(path, body) == model
