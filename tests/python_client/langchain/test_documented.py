"""What the example and the documentation show, run as it stands there."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from langchain_core.globals import set_llm_cache

from stack import DemoModel, Sidecar
from stack.paths import REPOSITORY

_PAGE = REPOSITORY / "docs/langchain.md"


def test_the_router_asks_nobody_a_second_time(server: Sidecar, demo: DemoModel) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PROMPT_CACHE_")}
    where = {"PROMPT_CACHE_URL": server.url, "PROMPT_CACHE_TOKEN": "admin-token", "MODEL_URL": f"{demo.url}/v1"}

    def run() -> tuple[list[str], int]:
        demo.reset()
        finished = subprocess.run(
            [sys.executable, REPOSITORY / "client/examples/router_agent.py"],
            env={**inherited, **where, "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.splitlines(), demo.calls()

    (first, asked), (second, asked_again) = run(), run()
    assert asked == 6  # of two questions each: the router, the call of a tool, the answer
    assert asked_again == 0
    assert first[:2] == second[:2]
    assert "Order 1024 left the house" in first[0]
    assert "Order 7 left the house" in first[1]
    assert second[2] == "6 of 12 answers came from the cache"


def test_the_page_runs_as_it_stands_there(server: Sidecar, demo: DemoModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "demo")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{demo.url}/v1")
    blocks = re.findall(r"^```python\n(.*?)^```$", _PAGE.read_text(), re.MULTILINE | re.DOTALL)
    program = "\n".join(blocks).replace("http://127.0.0.1:8787", server.url)
    program = program.replace('namespace="support"', 'namespace="support", token="admin-token"')
    names: dict[str, Any] = {"__name__": "page"}
    try:
        exec(compile(program, str(_PAGE), "exec"), names)  # noqa: S102 - our own page
    finally:
        set_llm_cache(None)
    assert demo.calls() == 3  # each part of the page asks once
    assert names["cache"].stats()["hits"] == 2
