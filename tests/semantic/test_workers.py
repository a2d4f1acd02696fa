"""Several workers of a server, and the real model: one copy, whatever happens to it, and no lookup that fails."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stack import Sidecar

from .processes import children, has_model, memory, models, short_folder, the_model, until

SETTINGS = {
    "PROMPT_CACHE_STORE": "sqlite:///cache.db",
    "PROMPT_CACHE_WORKERS": "2",
    "PROMPT_CACHE_EMBEDDER": "local",
    "PROMPT_CACHE_DEFAULTS": "{match: semantic}",
}


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
def sidecar(folder: Path, tmp_path: Path) -> Iterator[Sidecar]:
    with Sidecar(tmp_path, env={**SETTINGS, "XDG_RUNTIME_DIR": str(folder)}) as sidecar:
        yield sidecar


def looked_up(sidecar: Sidecar, prompt: str) -> dict[str, Any]:
    outcome: dict[str, Any] = sidecar.client().post("/v1/lookup", {"prompt": prompt, "explain": True})
    return outcome


def embeds(sidecar: Sidecar, prompt: str) -> bool:
    """Whether a question was looked for by its meaning."""
    return looked_up(sidecar, prompt).get("reason") != "embedder_unavailable"


def test_workers__share_one_model(sidecar: Sidecar, folder: Path) -> None:
    assert until(lambda: embeds(sidecar, "the first question"))
    assert all(embeds(sidecar, f"question number {at}") for at in range(40))
    model = the_model(folder)
    workers = children(sidecar.pid)
    assert len(workers) == 2
    assert has_model(model)
    assert not any(has_model(pid) for pid in (sidecar.pid, *workers))
    assert memory(model) < 400
    assert "embedder all-MiniLM-L6-v2 on this machine" in sidecar.log.read_text()


def test_workers__go_on_while_the_model_is_killed_and_comes_back(sidecar: Sidecar, folder: Path) -> None:
    sidecar.client().post("/v1/store", {"prompt": "known", "response": "an answer"})
    assert until(lambda: embeds(sidecar, "the first question"))
    for turn in range(3):
        model = the_model(folder)
        os.kill(model, signal.SIGKILL)
        assert looked_up(sidecar, "known")["response"] == "an answer"
        assert looked_up(sidecar, f"never asked {turn}")["status"] == "miss"
        assert until(lambda turn=turn: embeds(sidecar, f"another question {turn}"))  # type: ignore[misc]
        assert the_model(folder)


def test_workers__take_the_model_with_them_when_all_are_killed(sidecar: Sidecar, folder: Path) -> None:
    assert until(lambda: embeds(sidecar, "the first question"))
    for pid in (sidecar.pid, *children(sidecar.pid)):
        os.kill(pid, signal.SIGKILL)
    assert until(lambda: not models(folder), 10)


def test_workers__are_not_waited_for_by_the_model_of_a_server_that_stops(sidecar: Sidecar, folder: Path) -> None:
    assert until(lambda: embeds(sidecar, "the first question"))
    sidecar.stop()
    assert until(lambda: not models(folder), 10)


def test_workers__answer_without_a_model_and_say_so_once_in_a_while(folder: Path, tmp_path: Path) -> None:
    nowhere = '{url: "http://127.0.0.1:9/v1", model: m, threshold: 0.5, timeout: 1s, key: sk-nobody-may-see-this}'
    env = {**SETTINGS, "PROMPT_CACHE_EMBEDDER": nowhere, "XDG_RUNTIME_DIR": str(folder), "PROMPT_CACHE_WORKERS": "1"}
    with Sidecar(tmp_path, env=env) as sidecar:
        for at in range(20):
            outcome = looked_up(sidecar, f"a marker {at}")
            assert (outcome["status"], outcome["reason"]) == ("miss", "embedder_unavailable")
        log = sidecar.log.read_text()
    told = [json.loads(line) for line in log.splitlines() if '"embedder_unavailable"' in line and '"cause"' in line]
    assert [each["cause"] for each in told][:1] == ["it cannot be reached"]
    assert len(told) <= 3
    assert "a marker" not in log
    assert "sk-nobody" not in log
