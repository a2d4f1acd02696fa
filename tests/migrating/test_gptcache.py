"""What GPTCache itself has written is imported, and answers as GPTCache did."""

import json
from pathlib import Path

import pytest

from prompt_cache.cli.main import main
from prompt_cache_client import PromptCache
from stack import Sidecar

from .environment import PROGRAMS, program


@pytest.fixture
def said(tmp_path: Path) -> dict[str, str]:
    """What GPTCache answers, by question."""
    answers: dict[str, str] = json.loads(program(PROGRAMS / "gptcache_sqlite.py", folder=tmp_path))
    assert len(answers) == 3
    return answers


def test_sqlite__its_answers_are_ours(
    said: dict[str, str], server: Sidecar, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["import", "--from", "gptcache", str(tmp_path / "gptcache/sqlite.db"), "--namespace", "faq"]
    assert main(command) == 0
    told = capsys.readouterr().err
    assert "3 entries, 1 left out: not of text alone" in told
    assert "1 left out: of a conversation" in told
    assert main(command) == 0
    assert "0 entries, 3 present" in capsys.readouterr().err

    with PromptCache(server.url, namespace="faq") as cache:
        assert {question: cache.lookup(question).response for question in said} == said
        others = ["What is in the picture?", "And then?", "Evicted?", "Be brief."]
        assert [each.status for each in cache.lookup_many(others)] == ["miss"] * 4
        # What GPTCache did not keep may have been anything.
        more = [{"model": "gpt-4o-mini"}, {"system": "Be brief."}, {"params": {"temperature": 0}}]
        assert [cache.lookup("Who are you?", **each).status for each in more] == ["miss"] * 3  # type: ignore[arg-type]
        assert cache.lookup("Who are you?", namespace="other").status == "miss"
        assert cache.invalidate(tags=["imported:gptcache"]) == 3
        assert cache.lookup("Who are you?").status == "miss"


def test_sqlite__with_a_model_that_was_named(said: dict[str, str], server: Sidecar, tmp_path: Path) -> None:
    where = ["--namespace", "faq", "--model", "gpt-4o-mini"]
    assert main(["import", "--from", "gptcache", str(tmp_path / "gptcache/sqlite.db"), *where]) == 0
    with PromptCache(server.url, namespace="faq") as cache:
        for question, answer in said.items():
            assert cache.lookup(question, model="gpt-4o-mini").response == answer
            assert cache.lookup(question).status == "miss"
