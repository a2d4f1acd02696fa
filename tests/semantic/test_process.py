"""One process has the model for all who embed: it starts, is shared, killed, hangs, and ends with the last of them."""

import json
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prompt_cache.embedded import EmbeddedCache
from prompt_cache.semantic.embedders import local
from prompt_cache.semantic.embedders.base import EmbedderStarting, EmbedderUnavailable
from prompt_cache.semantic.embedders.local import LocalEmbedder
from prompt_cache.semantic.embedders.models import ModelFolder, find_model
from prompt_cache.semantic.embedders.process import LINGER

from .processes import PATIENCE, memory, models, short_folder, the_model, until

_ELSEWHERE = """
import sys, time
from pathlib import Path
from prompt_cache.semantic.embedders.local import LocalEmbedder
from prompt_cache.semantic.embedders.models import find_model
embedder = LocalEmbedder(find_model(sys.argv[2]), folder=Path(sys.argv[1]), patience=60)
print(embedder.embed(["a question"]).vectors[0].hex(), flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
def model() -> ModelFolder:
    return find_model("")


@pytest.fixture
def embedder(model: ModelFolder, folder: Path) -> Iterator[LocalEmbedder]:
    embedder = LocalEmbedder(model, folder=folder, patience=PATIENCE)
    yield embedder
    embedder.close()


def answers(embedder: LocalEmbedder) -> bool:
    try:
        return len(embedder.embed(["a question"]).vectors[0]) == 4 * 384
    except EmbedderUnavailable:
        return False


def elsewhere(folder: Path, model: str = "") -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _ELSEWHERE, str(folder), model]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_embed__does_not_wait_for_the_process_to_start(model: ModelFolder, folder: Path) -> None:
    embedder = LocalEmbedder(model, folder=folder)
    began = time.monotonic()
    with pytest.raises(EmbedderStarting):
        embedder.embed(["a question"])
    assert time.monotonic() - began < 0.1
    assert until(lambda: answers(embedder))
    embedder.close()


def test_a_program_waits_for_its_model_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    cache = EmbeddedCache({"store": "memory://", "embedder": "local", "defaults": {"match": "semantic"}})

    def ask(prompt: str) -> Any:
        return json.loads(cache.call("POST", "/v1/lookup", json.dumps({"prompt": prompt}).encode()).body)

    missed = ask("How do I reset my password?")
    answer = {"key": missed["key"], "ticket": missed["ticket"], "response": {"text": "Under Settings."}}
    assert cache.call("POST", "/v1/store", json.dumps(answer).encode()).status == 201
    assert missed["reason"] == "not_found"
    assert ask("How can I reset my password?")["match"] == "semantic"
    cache.close()


def test_embed__meets_the_process_of_others_at_once(embedder: LocalEmbedder, model: ModelFolder, folder: Path) -> None:
    (vector,) = embedder.embed(["a question"]).vectors
    other = LocalEmbedder(model, folder=folder)
    assert other.embed(["a question"]).vectors == [vector]
    other.close()


def test_embed__is_shared_by_all_and_only_this_user_may(embedder: LocalEmbedder, folder: Path) -> None:
    (vector,) = embedder.embed(["a question"]).vectors
    with elsewhere(folder) as other:
        assert other.stdout
        assert bytes.fromhex(other.stdout.readline()) == vector
        assert the_model(folder)
        (address,) = folder.glob("*.sock")
        assert stat.S_IMODE(address.stat().st_mode) == 0o600
        other.kill()
    assert answers(embedder)


def test_process__takes_one_thread_and_one_copy(embedder: LocalEmbedder, folder: Path) -> None:
    embedder.embed(["a question"])
    pid = the_model(folder)
    assert memory(pid) < 300
    began, used = time.monotonic(), _cpu(pid)
    embedder.embed([f"question {at} of several words that take a moment" for at in range(640)])
    assert _cpu(pid) - used < 1.3 * (time.monotonic() - began)


def test_process__is_started_again_when_it_is_killed(embedder: LocalEmbedder, folder: Path) -> None:
    (vector,) = embedder.embed(["a question"]).vectors
    first = the_model(folder)
    os.kill(first, signal.SIGKILL)
    assert until(lambda: answers(embedder))
    second = the_model(folder)
    assert second != first
    assert embedder.embed(["a question"]).vectors == [vector]


def test_process__is_not_started_over_and_over(
    model: ModelFolder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[float] = []
    start = LocalEmbedder._start

    def noted(self: LocalEmbedder) -> None:
        started.append(time.monotonic())
        start(self)

    monkeypatch.setattr(LocalEmbedder, "_start", noted)
    embedder = LocalEmbedder(model, folder=folder, patience=PATIENCE)
    embedder.begin()
    end = time.monotonic() + 6
    while time.monotonic() < end:
        for pid in models(folder):
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    assert 2 <= len(started) <= 6
    assert until(lambda: answers(embedder))
    embedder.close()


def test_process__ends_with_those_who_were_killed(folder: Path) -> None:
    with elsewhere(folder) as one, elsewhere(folder) as two:
        assert one.stdout
        assert two.stdout
        assert one.stdout.readline() == two.stdout.readline()
        pid = the_model(folder)
        one.kill()
        time.sleep(LINGER + 1)
        assert models(folder) == [pid]
        two.kill()
    assert until(lambda: not models(folder), 10)
    assert not list(folder.glob("*.sock"))


def test_embed__waits_no_longer_for_a_process_that_hangs(
    embedder: LocalEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder.embed(["a question"])
    monkeypatch.setattr(local, "TIMEOUT", 0.5)
    pid = the_model(folder)
    os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(2):  # on a connection that is there, and on a new one
            began = time.monotonic()
            with pytest.raises(EmbedderUnavailable, match=r"did not answer within 0\.5 s"):
                embedder.embed(["another"])
            assert time.monotonic() - began < 2
    finally:
        os.kill(pid, signal.SIGCONT)
    assert until(lambda: answers(embedder))


def test_process__answers_others_while_somebody_talks_nonsense(embedder: LocalEmbedder, folder: Path) -> None:
    (vector,) = embedder.embed(["a question"]).vectors
    (address,) = folder.glob("*.sock")
    pid = the_model(folder)
    for nonsense in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 1000, struct.pack("!I", 5) + b"\xc1" * 5, b"", b"\0\0"):
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(str(address))
            other.sendall(nonsense)
            assert embedder.embed([f"a question {nonsense!r}"])
    assert embedder.embed(["a question"]).vectors == [vector]
    assert models(folder) == [pid]


def test_embed__says_why_a_model_cannot_be_loaded(model: ModelFolder, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(model.path, tmp_path / "broken")
    (tmp_path / "broken/model.safetensors").write_bytes(b"no weights")
    embedder = LocalEmbedder(find_model(str(tmp_path / "broken")), folder=folder, patience=PATIENCE)
    embedder.begin()
    assert until(lambda: embedder._cause)
    for _ in range(2):
        with pytest.raises(EmbedderUnavailable, match="cannot be loaded"):
            embedder.embed(["a question"])
    embedder.close()


def test_embed__works_again_when_its_folder_was_cleaned_up(embedder: LocalEmbedder, folder: Path) -> None:
    embedder.embed(["a question"])
    pid = the_model(folder)
    shutil.rmtree(folder)
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: answers(embedder))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_embed__works_in_a_child(embedder: LocalEmbedder) -> None:
    (vector,) = embedder.embed(["a question"]).vectors
    child = os.fork()
    if child == 0:
        os._exit(embedder.embed(["a question"]).vectors != [vector])
    assert os.waitpid(child, 0)[1] == 0
    assert answers(embedder)


def test_private_folder__is_refused_where_others_may_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with short_folder() as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        assert stat.S_IMODE(local.private_folder().stat().st_mode) == 0o700
        local.private_folder().chmod(0o755)
        with pytest.raises(ValueError, match="open to others"):
            local.private_folder()
        (runtime / f"prompt-cache-{os.getuid()}").rmdir()
        (runtime / f"prompt-cache-{os.getuid()}").symlink_to(tmp_path)
        with pytest.raises(ValueError, match="open to others"):
            local.private_folder()


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
