"""`prompt-cache doctor`: what it finds, and what it says to do about it."""

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from prompt_cache import __version__
from prompt_cache.cli.doctor import CHECKS, Finding, Situation, examine
from prompt_cache.cli.main import main
from prompt_cache.config import Config
from prompt_cache.config.schema import EmbedderSettings, UpstreamSettings
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.stores import open_store

STRONG = "Zk3v9QmT7xW2bN8cR5yL"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in list(os.environ):
        if name.startswith("PROMPT_CACHE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(
    check: str, *, file: Path | None = None, clock: Callable[[], float] = time.time, **settings: Any
) -> list[Finding]:
    """What one check finds with these settings."""
    settings = {"listen": _free(), "store": "memory://"} | settings
    situation = Situation(config=Config(**settings), file=file, clock=clock)
    return [finding for finding in examine(situation) if finding.check == check]


def only(check: str, **options: Any) -> Finding:
    (finding,) = found(check, **options)
    return finding


def _free() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


# -- the command -----


def test_doctor__says_that_nothing_is_to_mend(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPT_CACHE_LISTEN", _free())
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert out.endswith("\nNothing to mend.\n")
    told = {line.split()[1] for line in out.splitlines() if line.startswith("✓")}
    assert told == {"settings", "versions", "token", "permissions", "address", "disk", "store", "upstreams", "embedder"}


def test_doctor__says_what_to_mend_and_ends_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PROMPT_CACHE_LISTEN", _free())
    monkeypatch.setenv("PROMPT_CACHE_STORE", f"sqlite:///{tmp_path}/there.db")
    (tmp_path / "there.db").write_text("this is no database, and long enough to be taken for one" * 100)
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "✗ store" in out
    assert "there.db is damaged, or is no SQLite file: restore it" in out
    assert "-> " in out
    assert "1 to mend." in out


def test_doctor__tells_programs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMPT_CACHE_STORE", "foo://")
    assert main(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert {"settings", *(check.__name__ for check in CHECKS)} >= {each["check"] for each in report["findings"]}
    (store,) = (each for each in report["findings"] if each["check"] == "store")
    assert store["state"] == "mend"
    assert "the store URL must begin with one of" in store["says"]
    assert store["do"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_doctor__does_without_marks_where_they_cannot_be_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    class Narrow:
        def __init__(self) -> None:
            self.encoding = encoding
            self.written = ""

        def write(self, text: str) -> None:
            text.encode(encoding)
            self.written += text

        def flush(self) -> None: ...

    out = Narrow()
    with capsys.disabled():
        monkeypatch.setattr("sys.stdout", out)
        main(["doctor"])
    assert "ok settings" in out.written


def test_doctor__says_what_is_wrong_with_the_settings(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("listn: x\nworkers: many")
    assert main(["doctor", "--config", "c.yaml"]) == 1
    out = capsys.readouterr().out
    assert "c.yaml: listn: unknown field; did you mean `listen`?" in out
    assert "2 to mend." in out


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_doctor__shows_no_secret(capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "c.yaml").write_text(
        "token: swordfish\nsecret: swordfish\nlisten: 0.0.0.0:1\nstore: redis://me:swordfish@127.0.0.1:1/0?x=swordfish\n"
        "tokens: [{name: bot, token: swordfish2}]\nupstreams: {openai: {url: 'http://127.0.0.1:1', key: swordfish3}}"
    )
    assert main(["doctor", "--config", "c.yaml", *arguments]) == 1
    assert "swordfish" not in "".join(capsys.readouterr())


def test_doctor__leaves_nothing_behind(tmp_path: Path) -> None:
    found("store", store=f"sqlite:///{tmp_path}/new.db")
    assert list(tmp_path.iterdir()) == []
    store = open_store(f"sqlite:///{tmp_path}/new.db")
    found("store", store=f"sqlite:///{tmp_path}/new.db")
    assert store.sizes() == {}
    store.close()


# -- what each check finds -----


def test_versions__are_told() -> None:
    finding = only("versions", store="sqlite:///x.db")
    assert finding.state == "ok"
    assert all(
        name in finding.says
        for name in (f"prompt-cache {__version__}", "Python 3.", "gunicorn ", "uvicorn ", "SQLite 3.")
    )


def test_token__is_not_needed_on_loopback() -> None:
    assert only("token").says == "no token is asked for, and only this machine can call"


@pytest.mark.parametrize(
    ("listen", "token", "state"),
    [
        ("0.0.0.0:1", "short", "mend"),
        ("0.0.0.0:1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "mend"),
        ("127.0.0.1:1", "short", "advice"),
        ("0.0.0.0:1", STRONG, "ok"),
    ],
)
def test_token__that_can_be_guessed(listen: str, token: str, state: str) -> None:
    finding = only("token", listen=listen, token=token)
    assert finding.state == state
    if state != "ok":
        assert "the token is short or simple enough to be guessed" in finding.says
        assert "token_urlsafe" in finding.do


def test_token__of_the_keys_is_judged_too() -> None:
    said = [finding.says for finding in found("token", token=STRONG, secret="short")]
    assert any("secret is short or simple enough" in each for each in said)


@pytest.mark.parametrize(
    ("file", "text", "holds"),
    [
        ("c.yaml", f"token: {STRONG}", "secrets"),
        ("c.yaml", f"tokens: [{{name: a, token: {STRONG}}}]", "secrets"),
        ("c.yaml", "store: redis://u:p@h/0", "secrets"),
        ("c.yaml", f"upstreams: {{openai: {{key: {STRONG}}}, xai: }}", "secrets"),
        ("c.yaml", f"upstreams: \nembedder: {{url: 'http://h', model: m, key: {STRONG}}}", "secrets"),
        ("token", STRONG, "a secret"),
        ("key", STRONG, "a secret"),
        ("embedder-key", STRONG, "a secret"),
        ("cache.db", "", "questions and answers"),
    ],
)
def test_permissions__of_what_others_must_not_read(open_folder: Path, file: str, text: str, holds: str) -> None:
    path = open_folder / file
    path.write_text(text)
    given: dict[str, dict[str, Any]] = {
        "c.yaml": {"file": path},
        "token": {"token_file": str(path)},
        "key": {"upstreams": {"openai": UpstreamSettings(url="http://127.0.0.1:1", key_file=str(path))}},
        "embedder-key": {"embedder": EmbedderSettings(url="http://127.0.0.1:1", model="m", key_file=str(path))},
        "cache.db": {"store": f"sqlite:///{path}"},
    }
    settings = given[file]
    path.chmod(0o644)
    finding = only("permissions", **settings)
    assert (finding.state, finding.do) == ("mend", f"chmod o-rwx {path}")
    assert f"can read {path}, which holds {holds}" in finding.says
    path.chmod(0o640)
    assert only("permissions", **settings).state == "ok"


def test_permissions__are_no_matter_in_a_folder_that_is_shut(open_folder: Path) -> None:
    path = open_folder / "token"
    path.write_text(STRONG)
    path.chmod(0o644)
    open_folder.chmod(0o700)
    assert only("permissions", token_file=str(path)).state == "ok"


def test_permissions__of_settings_without_secrets_are_no_matter(open_folder: Path) -> None:
    path = open_folder / "c.yaml"
    path.write_text("workers: 2\nstore: redis://localhost/0\nembedder: local")
    path.chmod(0o644)
    assert only("permissions", file=path).state == "ok"


@pytest.fixture
def open_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that everybody can look into."""
    folder = tmp_path_factory.mktemp("open")
    changed = [(each, each.stat().st_mode) for each in (folder, *folder.parents) if not each.stat().st_mode & 0o001]
    for each, mode in changed:
        each.chmod(mode | 0o001)
    yield folder
    for each, mode in changed:
        each.chmod(mode)


def test_address__is_free() -> None:
    assert only("address").says.endswith("is free")


def test_address__is_taken_by_somebody_else() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{server.getsockname()[1]}"
        server.listen()
        threading.Thread(target=lambda: server.accept()[0].close(), daemon=True).start()
        finding = only("address", listen=listen)
    assert finding.state == "mend"
    assert f"{listen} is taken by another program" in finding.says
    assert "PROMPT_CACHE_LISTEN" in finding.do


@pytest.mark.parametrize(("version", "state"), [(__version__, "ok"), ("0.0.1", "advice")])
def test_address__is_served_by_us(version: str, state: str) -> None:
    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"status": "ok", "version": version}).encode())

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    finding = only("address", listen=f"127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    assert finding.state == state
    assert f"is served by prompt-cache {version}" in finding.says


@pytest.mark.parametrize(("free", "state"), [(10 * 1024**2, "mend"), (500 * 1024**2, "advice"), (9 * 1024**3, "ok")])
def test_disk__has_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert only("disk", store=f"sqlite:///{tmp_path}/not/there/yet.db").state == state


@pytest.mark.parametrize("store", ["sqlite:///{}/c.db", "file://{}/c"])
def test_store__works(tmp_path: Path, store: str) -> None:
    url = store.format(tmp_path)
    open_store(url).close()
    finding = only("store", store=url)
    assert finding.state == "ok"
    assert "takes, gives back and forgets" in finding.says


def test_store__that_lives_in_memory_is_warned_of() -> None:
    assert [finding.state for finding in found("store", store="memory://")] == ["ok", "advice"]


def test_store__that_keeps_nothing_is_warned_of() -> None:
    assert only("store", store="null://").state == "advice"


def test_store__whose_folder_cannot_be_written_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for any user but root, who may write everywhere
    finding = only("store", store=f"sqlite:///{tmp_path}/c.db")
    assert finding.state == "mend"
    assert "cannot be written to" in finding.says


@pytest.mark.parametrize("scheme", ["sqlite", "file"])
def test_store__whose_url_is_none_is_not_called_ready(scheme: str) -> None:
    url = f"{scheme}://somebody:swordfish@host/cache"
    finding = only("store", store=url)
    assert (finding.state, "path" in finding.says) == ("mend", True)
    assert not any("swordfish" in each.says for each in (finding, *found("disk", store=url)))


def test_store__that_does_not_answer() -> None:
    finding = only("store", store="redis://127.0.0.1:1/0")
    assert finding.state == "mend"
    assert "see that it runs" in finding.do


def test_clock__that_was_set_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/c.db"
    open_store(url).close()
    written = (tmp_path / "c.db").stat().st_mtime
    finding = only("clock", store=url, clock=lambda: written - 3600)
    assert finding.state == "mend"
    assert "the clock was set back" in finding.says
    assert "NTP" in finding.do
    assert found("clock", store=url) == []


# -- prices -----


def test_prices__names_models_without_one(folder: Path) -> None:
    url = f"sqlite:///{folder}/cache.db"
    assert found("prices", store=url) == []
    cache = PromptCache(open_store(url))
    cache.store(NewEntry(request=Request(prompt="a", model="gpt-4o-mini"), response=b'"A"'))
    cache.statistics.flush()
    assert only("prices", store=url).state == "ok"
    cache.store(NewEntry(request=Request(prompt="b", model="house-model"), response=b'"B"'))
    cache.statistics.flush()
    finding = only("prices", store=url)
    assert finding.state == "advice"
    assert "'house-model'" in finding.says
    assert "gpt-4o-mini" not in finding.says


def test_prices__says_nothing_where_the_store_is_away() -> None:
    assert found("prices", store="redis://127.0.0.1:1") == []
