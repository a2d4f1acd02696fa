"""Every error a person meets at a shell: a sentence that says what happened and what to do, nothing done by halves."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from prompt_cache.cli.main import main
from prompt_cache.stores import open_store


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the commands work: with a store `there.db` and a folder `folder`."""
    for name in list(os.environ):
        if name.startswith("PROMPT_CACHE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("no export")
    open_store("sqlite:///there.db").close()
    return tmp_path


@pytest.fixture
def taken() -> Iterator[str]:
    """An address somebody else listens on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"127.0.0.1:{server.getsockname()[1]}"


DEAD = "redis://:swordfish@127.0.0.1:1/0"


@pytest.mark.parametrize(
    ("command", "settings", "happened", "do"),
    [
        ("serve", {"LISTEN": "TAKEN"}, "is taken by another program", "PROMPT_CACHE_LISTEN to another port"),
        ("serve", {"LISTEN": "8787"}, "'8787' is not host:port", "such as 127.0.0.1:8787"),
        (
            "serve",
            {"LISTEN": "192.0.2.1:9", "TOKEN": "t"},
            "cannot listen on 192.0.2.1:9",
            "an address of this machine",
        ),
        ("serve", {"LISTEN": "0.0.0.0:1"}, "so a token is needed", "set PROMPT_CACHE_TOKEN"),
        ("serve", {"TOKEN_FILE": "nowhere"}, "nowhere cannot be read: No such file", "write the token into it"),
        ("serve", {"TOKEN_FILE": "folder"}, "folder cannot be read: Is a directory", "write the token into it"),
        ("serve", {"CONFIG": "nowhere"}, "nowhere: cannot be read: No such file", "name a YAML file, or none"),
        ("serve", {"TOKENS": "[{"}, "PROMPT_CACHE_TOKENS: not valid YAML", "config.example.yaml shows"),
        ("serve", {"TOKN": "x"}, "PROMPT_CACHE_TOKN is not a setting", "did you mean PROMPT_CACHE_TOKEN?"),
        ("serve", {"STORE": "sqlite:///folder"}, "folder cannot be opened", "check its folder and permissions"),
        ("export", {"STORE": "sqlite:///gone.db"}, "gone.db is not there", "see that the path is right"),
        ("export", {"STORE": DEAD}, "Connection refused", "`prompt-cache doctor` looks closer"),
        ("export nowhere/x", {"STORE": "sqlite:///there.db"}, "nowhere/x: its folder is not there", "make it first"),
        ("export folder", {"STORE": "sqlite:///there.db"}, "folder: is a folder", "name a file in it"),
        ("import nowhere", {}, "nowhere: there is no such file", "see that the path is right"),
        ("import folder", {}, "folder: is a folder", "name a file in it"),
        ("import text", {}, "line 1 is not one that an export wrote", "all before it is stored"),
        ("import text", {"STORE": DEAD}, "Connection refused", "`prompt-cache doctor` looks closer"),
        ("migrate foo sqlite:///x.db", {}, "FROM: the store URL", "must begin with one of"),
        ("migrate sqlite:///there.db foo", {}, "TO: the store URL", "must begin with one of"),
        ("migrate sqlite:///gone.db sqlite:///x.db", {}, "FROM: ", "gone.db is not there"),
        ("migrate sqlite:///there.db sqlite:///there.db", {}, "FROM and TO are the same store", "name two"),
        (f"migrate sqlite:///there.db {DEAD}", {}, "Connection refused", "`prompt-cache doctor` looks closer"),
        ("purge --older-than soon", {}, "'soon' is not a duration", "use seconds, or a number with"),
        ("purge --namespace a/b", {"STORE": "sqlite:///there.db"}, "--namespace 'a/b'", "1 to 64 letters"),
        ("purge", {"STORE": "sqlite:///gone.db"}, "gone.db is not there", "see that the path is right"),
        ("demo-model --listen TAKEN", {}, "--listen: ", "give --listen another one"),
        ("demo-model --listen nonsense", {}, "--listen: 'nonsense' is not host:port", "such as 127.0.0.1:8787"),
        ("demo-model --delay -1", {}, "--delay is the seconds", "0 or more"),
    ],
)
def test_error__says_what_happened_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    taken: str,
    command: str,
    settings: dict[str, str],
    happened: str,
    do: str,
) -> None:
    monkeypatch.setenv("PROMPT_CACHE_LISTEN", "127.0.0.1:1")
    for name, value in settings.items():
        monkeypatch.setenv(f"PROMPT_CACHE_{name}", value.replace("TAKEN", taken))
    before = {*folder.iterdir()}
    assert main(command.replace("TAKEN", taken).split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("prompt-cache: ")
    assert err.count("\n") == 1
    assert happened in err
    assert do in err
    assert "swordfish" not in err
    assert "Errno" not in err
    made = {file.name for file in {*folder.iterdir()} - before if not file.name.startswith("prompt-cache.db")}
    assert made <= {"there.db-wal", "there.db-shm"}
