"""Tests of programs, without a model: recorded once, replayed from then on."""

from pathlib import Path

import pytest

from prompt_cache_client import NotRecorded, PromptCache


@pytest.mark.parametrize("slashes", ["", "//"])
def test_what_was_recorded_is_replayed(tmp_path: Path, slashes: str) -> None:
    file = tmp_path / "cassettes/faq.jsonl"
    with PromptCache(f"record:{slashes}{file}") as cache:
        miss = cache.lookup("What is a cache?", model="gpt-4o-mini")
        assert cache.store({"text": "A place."}, key=miss.key, ticket=miss.ticket).stored
    with PromptCache(f"replay:{slashes}{file}") as cache:
        assert cache.lookup("What is a cache?", model="gpt-4o-mini").response == {"text": "A place."}
        with pytest.raises(NotRecorded, match=r"line 2.*model \(recorded \"gpt-4o-mini\", asked \"gpt-4.1\"\)"):
            cache.lookup("What is a cache?", model="gpt-4.1")


def test_what_is_not_there_cannot_be_replayed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not there: record it first"):
        PromptCache(f"replay:{tmp_path / 'no.jsonl'}")
