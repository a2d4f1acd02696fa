"""What the commands that move answers do, as one sees it from a shell."""

from pathlib import Path

import pytest

from prompt_cache.cli.main import main
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.stores import open_store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROMPT_CACHE_STORE", _url(tmp_path, "old"))
    _cache(_url(tmp_path, "old")).store_many([_deposit(at) for at in range(3)])
    return tmp_path


def _url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder}/{name}.db"


def _cache(url: str) -> PromptCache:
    return PromptCache(open_store(url))


def _deposit(at: int) -> NewEntry:
    return NewEntry(request=Request(prompt=f"question {at}"), response=b'{"text":"answer %d"}' % at)


def _answers(url: str) -> list[str]:
    cache = _cache(url)
    return [cache.lookup(Lookup(request=Request(prompt=f"question {at}"))).status for at in range(3)]


def test_export_and_import__answers_are_hits_in_the_new_store(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["export", str(home / "all.jsonl")]) == 0
    monkeypatch.setenv("PROMPT_CACHE_STORE", _url(home, "new"))
    assert main(["import", str(home / "all.jsonl")]) == 0
    assert _answers(_url(home, "new")) == ["hit"] * 3


def test_import__says_which_line_it_cannot_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "bad.jsonl").write_text("{}\nnonsense\n")
    assert main(["import", str(home / "bad.jsonl")]) == 2
    assert "line 1" in capsys.readouterr().err


def test_migrate__twice_brings_nothing_twice(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["migrate", _url(home, "old"), f"file:///{home}/files"]
    assert main(command) == 0
    assert "3 entries" in capsys.readouterr().err
    assert main(command) == 0
    assert "0 entries, 3 present" in capsys.readouterr().err
    assert _answers(f"file:///{home}/files") == ["hit"] * 3


def test_migrate__progress_where_it_is_asked_for(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate", "--progress", _url(home, "old"), _url(home, "new")])
    assert "100% of 3 entries" in capsys.readouterr().err


def test_purge__a_namespace_is_emptied_and_counted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["purge", "--namespace", "default"]) == 0
    assert "3 deleted" in capsys.readouterr().err
    assert _answers(_url(home, "old")) == ["miss"] * 3


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["export", "/nowhere/at/all.jsonl"], "/nowhere/at"),
        (["import", "/nowhere/at/all.jsonl"], "/nowhere/at"),
        (["migrate", "foo://x", "memory://"], "must begin with"),
        (["purge", "--older-than", "soon"], "not a duration"),
    ],
)
def test_commands__name_what_is_wrong_in_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str], said: str
) -> None:
    assert home.exists()
    assert main(command) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
