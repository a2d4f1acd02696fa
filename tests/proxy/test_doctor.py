"""`prompt-cache doctor` in front of providers that are there, and one that is not."""

import json
import subprocess
from pathlib import Path

from stack.python import venv

from .conftest import settings
from .upstream import Upstream

KEY = "sk-held-here"


def test_the_doctor_calls_the_upstreams_with_their_keys_and_costs_nothing(tmp_path: Path, upstream: Upstream) -> None:
    names = ("OPENAI", "ANTHROPIC", "GEMINI", "OLLAMA")
    environment = {**settings(upstream), **{f"PROMPT_CACHE_UPSTREAM_{name}_KEY": KEY for name in names}}
    environment["PROMPT_CACHE_UPSTREAM_XAI_URL"] = "http://127.0.0.1:1/v1"
    told = subprocess.run(
        [venv() / "prompt-cache", "doctor", "--json"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert KEY not in told.stdout
    found = [each for each in json.loads(told.stdout)["findings"] if each["check"] == "upstreams"]
    states = {each["says"].partition(" ")[0]: each["state"] for each in found}
    assert states == {**{name.lower(): "ok" for name in names}, "xai": "mend"}
    paths = {request.raw_path for request in upstream.seen}
    assert paths == {"/v1/models", "/v1/models?limit=1", "/v1beta/models?pageSize=1", "/api/tags"}
    assert upstream.calls == 0
