"""The command line: one sentence and an exit status for whatever cannot be done."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from prompt_cache import __version__
from prompt_cache.cli import commands
from prompt_cache.cli.main import COMMANDS, main


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("PROMPT_CACHE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def taken() -> Iterator[str]:
    """An address somebody else listens on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"127.0.0.1:{server.getsockname()[1]}"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence on standard error of a command that fails."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("prompt-cache: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_version__is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_check_config__shows_what_is_in_force(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "c.yaml").write_text("workers: 3\nsecret: swordfish\nstore: redis://:swordfish@localhost/0")
    monkeypatch.setenv("PROMPT_CACHE_TOKEN", "swordfish")
    assert main(["check-config", "--config", "c.yaml"]) == 0
    out, err = capsys.readouterr()
    assert "swordfish" not in out + err
    shown = yaml.safe_load(out)
    assert (shown["workers"], shown["threads"], shown["token"], shown["secret"]) == (3, 4, "(set)", "(set)")


def test_check_config__says_what_is_wrong(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("listn: x")
    assert "c.yaml: listn: unknown field; did you mean `listen`?" in said(capsys, "check-config", "--config", "c.yaml")
    (tmp_path / "c.yaml").write_text("embedder: {url: 'http://127.0.0.1:9/v1', model: m}\ndefaults: {match: semantic}")
    assert "defaults.threshold: is needed, since m was not" in said(capsys, "check-config", "--config", "c.yaml")


def test_serve__refuses_a_taken_port_with_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    monkeypatch.setenv("PROMPT_CACHE_LISTEN", taken)
    assert f"listen: {taken} is taken by another program" in said(capsys, "serve")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://localhost", "the store URL must begin with one of"),
        ("memory", "the store URL must begin with one of"),
        ("memory://localhost", "memory://"),
    ],
)
def test_serve__refuses_a_store_that_is_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    monkeypatch.setenv("PROMPT_CACHE_LISTEN", f"127.0.0.1:{free}")
    monkeypatch.setenv("PROMPT_CACHE_STORE", url)
    message = said(capsys, "serve")
    assert "store: " in message
    assert sentence in message


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["serve", "--nonsense"]])
def test_usage__is_explained(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    assert "usage: prompt-cache" in capsys.readouterr().err


def test_help__names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(command in out for command in ("serve", "check-config", "version", "demo-model"))


def test_help__waits_for_nothing_that_only_pages_need() -> None:
    told = "import sys\nfrom prompt_cache.cli.main import _parser\n_parser()\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    assert "prompt_cache.cli.commands.report" in loaded
    assert not {"babel", "jinja2", "flask", "prompt_cache.http"} & set(loaded)


def test_commands__are_all_the_files_there_are() -> None:
    assert sorted(COMMANDS) == sorted(file.stem for file in Path(commands.__file__).parent.glob("[a-z]*.py"))
