"""The real model gives the vectors that sentence-transformers gives."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from prompt_cache.semantic.embedders.bert import Bert
from prompt_cache.semantic.embedders.models import find_model

REFERENCE: dict[str, list[float]] = json.loads((Path(__file__).parent / "reference.json").read_text())["vectors"]
TEXTS = list(REFERENCE)


@pytest.fixture(scope="module")
def bert() -> Bert:
    return Bert(find_model("all-MiniLM-L6-v2"))


def vectors(bert: Bert, texts: list[str]) -> NDArray[np.float32]:
    return np.stack([np.frombuffer(each, "<f4") for each in bert.embed(texts)])


def test_embed__gives_the_reference_vectors(bert: Bert) -> None:
    found = vectors(bert, TEXTS)
    assert np.abs(found - np.array(list(REFERENCE.values()))).max() < 1e-3
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-6


def test_embed__gives_each_text_its_own_whatever_it_is_embedded_with(bert: Bert) -> None:
    many = [f"{TEXTS[at % len(TEXTS)]}" for at in range(100)]
    alone = {text: vectors(bert, [text])[0] for text in TEXTS}
    for text, vector in zip(many, vectors(bert, many), strict=True):
        assert np.abs(vector - alone[text]).max() < 1e-5


@pytest.mark.parametrize("text", ["", " ", "\0", "\n" * 100, "🚀" * 3000, "中文", "x" * 100_000, "[MASK] [PAD] [SEP]"])
def test_embed__takes_any_text(bert: Bert, text: str) -> None:
    (vector,) = vectors(bert, [text])
    assert np.isfinite(vector).all()
    assert vector.shape == (384,)
