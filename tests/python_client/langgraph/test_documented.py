"""What the example and the documentation show, run as it stands there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from stack import DemoModel, Sidecar
from stack.paths import REPOSITORY

PAGE = REPOSITORY / "docs/langgraph.md"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoModel]:
    with DemoModel(tmp_path_factory.mktemp("model")) as model:
        yield model


@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "sidecar"])
def test_the_rag_graph_asks_anew_only_when_the_knowledge_base_changed(
    server: Sidecar, model: DemoModel, embedded: bool
) -> None:
    model.reset()
    where = {} if embedded else {"PROMPT_CACHE_URL": server.url, "PROMPT_CACHE_TOKEN": "admin-token"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PROMPT_CACHE_")}
    finished = subprocess.run(
        [sys.executable, REPOSITORY / "client/examples/rag_graph.py"],
        env={**inherited, **where, "MODEL_URL": f"{model.url}/v1", "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    steps, answers = [line for line in lines if "day: " in line], [line for line in lines if "day: " not in line]
    assert steps == [
        f"{day}: {node} {how}"
        for day, how in (("monday", "ran"), ("tuesday", "came from the cache"), ("wednesday", "ran"))
        for node in ("retrieve", "answer")
    ]
    assert [re.findall(r"\d+ days", answer) for answer in answers] == [["14 days"], ["14 days"], ["30 days"]]
    assert model.calls() == 2


@dataclass
class Invoice:
    number: int


def test_the_page_runs_as_it_stands_there(server: Sidecar) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    program = "\n".join(blocks).replace("http://127.0.0.1:8787", server.url)
    program = program.replace('namespace="support"', 'namespace="support", token="admin-token"')
    searched: list[str] = []

    def search(question: str) -> list[str]:
        searched.append(question)
        return ["Refunds take 14 days."]

    names: dict[str, Any] = {"search": search, "reload_knowledge_base": lambda: None, "Invoice": Invoice}
    exec(compile(program, str(PAGE), "exec"), names)  # noqa: S102 - our own page
    # At the start; by the graph that depends on kb; and after the bump.
    assert searched == ["How long do refunds take?"] * 3
