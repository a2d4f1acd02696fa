"""What the commands that move answers do, as one sees it from a shell."""

from pathlib import Path
from typing import cast

import pytest
from msgspec import Raw

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


# -- from others -----


def _pairs(folder: Path, *lines: str) -> str:
    (folder / "pairs.jsonl").write_text("\n".join(lines))
    return str(folder / "pairs.jsonl")


_GOOD = '{"request": {"prompt": "Hello"}, "response": "Hi"}'


def test_import__from_others_what_came_is_a_hit_in_its_namespace(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["import", "--from", "pairs", "--namespace", "old-bot", "--ttl", "30d", _pairs(home, _GOOD, "nonsense")]
    assert main(command) == 0
    said = capsys.readouterr().err
    assert "1 entries, 1 left out: unreadable (first: line 2)" in said
    assert "namespace old-bot, tag imported:pairs, for 720 hours or longer" in said
    asked = Lookup(request=Request(prompt="Hello", namespace="old-bot"))
    hit = _cache(_url(home, "old")).lookup(asked)
    assert hit.status == "hit"
    assert bytes(cast(Raw, hit.response)) == b'"Hi"'
    assert isinstance(hit.ttl, float)
    assert 29 * 86400 < hit.ttl <= 30 * 86400


def test_import__from_others_twice_brings_nothing_twice(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["import", "--from", "pairs", "--namespace", "old-bot", _pairs(home, _GOOD)]
    main(command)
    capsys.readouterr()
    assert main(command) == 0
    assert capsys.readouterr().err == "0 entries, 1 present\n"


def test_import__from_others_counts_as_no_traffic(home: Path) -> None:
    before = list(open_store(_url(home, "old")).counters("", "~"))
    main(["import", "--from", "pairs", "--namespace", "old-bot", _pairs(home, _GOOD)])
    assert list(open_store(_url(home, "old")).counters("", "~")) == before


def test_import__from_others_progress_where_it_is_asked_for(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["import", "--from", "pairs", "--namespace", "old-bot", "--progress", _pairs(home, _GOOD)])
    assert "100% of 1 rows" in capsys.readouterr().err


def test_import__from_others_not_where_a_cassette_answers(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROMPT_CACHE_NAMESPACES", f"{{ci: {{mode: record, cassette: {home}/ci.jsonl}}}}")
    assert main(["import", "--from", "pairs", "--namespace", "ci", _pairs(home, _GOOD)]) == 2
    assert "answered from a cassette" in capsys.readouterr().err
    assert not (home / "ci.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "pairs", "FILE"], "--namespace"),
        (["--from", "pairs", "--namespace", "a b", "FILE"], "--namespace"),
        (["--from", "pairs", "--namespace", "x", "--ttl", "soon", "FILE"], "not a duration"),
        (["--from", "gptcache", "--namespace", "x"], "name the FILE"),
        (["--from", "pairs", "--namespace", "x", "--model", "", "FILE"], "--model"),
        (["--from", "gptcache", "--namespace", "x", "FILE"], "is no SQLite database"),
        (["--from", "gptcache", "--namespace", "x", "/nowhere/at/all"], "/nowhere/at"),
        (["--model", "gpt-4o", "FILE"], "--model goes with --from"),
    ],
)
def test_import__from_others_names_what_is_wrong_in_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    file = _pairs(home, _GOOD)
    assert main(["import", *(file if each == "FILE" else each for each in arguments)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
