"""The providers' own clients, LiteLLM, LangChain and Vercel's AI SDK, unchanged but for their base URL.

Each has a file of tests in its own language, which is run where the clients are installed.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import Sidecar
from stack.node import node_environment
from stack.paths import REPOSITORY

from ..proxy.upstream import Upstream
from . import environments

_SETTINGS = {
    "PROMPT_CACHE_STORE": "sqlite:///cache.db",
    "PROMPT_CACHE_WORKERS": "2",
    "PROMPT_CACHE_NAMESPACES": "{tools: {cache_tool_calls: true}}",
}
_PYTHON = sorted(path.name for path in environments.PYTHON.glob("with_*.py"))
_JAVASCRIPT = sorted(path.name for path in environments.JAVASCRIPT.glob("*.test.mjs"))


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Of the proxy, and of the provider that it asks."""
    with Upstream() as upstream:
        provider = {
            "PROMPT_CACHE_UPSTREAM_OPENAI_URL": f"{upstream.url}/v1",
            "PROMPT_CACHE_UPSTREAM_ANTHROPIC_URL": upstream.url,
            "PROMPT_CACHE_UPSTREAM_GEMINI_URL": upstream.url,
            "PROMPT_CACHE_UPSTREAM_OLLAMA_URL": upstream.url,
        }
        with Sidecar(tmp_path_factory.mktemp("proxy"), env={**_SETTINGS, **provider}) as sidecar:
            yield {"PROXY_URL": sidecar.url, "PROVIDER_URL": upstream.url, "NO_PROXY": "*"}


@pytest.mark.parametrize("file", _PYTHON)
def test_in_python(addresses: dict[str, str], file: str) -> None:
    folder = environments.PYTHON
    options = ["-q", "-p", "no:cacheprovider", "-W", "ignore", f"--confcutdir={folder}", f"--rootdir={REPOSITORY}"]
    _run([environments.python(), "-m", "pytest", *options, folder / file], addresses, REPOSITORY)


@pytest.mark.parametrize("file", _JAVASCRIPT)
def test_in_javascript(addresses: dict[str, str], file: str, tmp_path: Path) -> None:
    for source in environments.JAVASCRIPT.glob("*.mjs"):
        shutil.copy(source, tmp_path)  # since Node looks for packages beside the file
    (tmp_path / "node_modules").symlink_to(environments.node_modules())
    _run(["node", "--test", "--test-reporter=spec", file], {**addresses, **node_environment()}, tmp_path)


def test_every_client_is_tried_here() -> None:
    assert (len(_PYTHON), len(_JAVASCRIPT)) == (6, 3)


def _run(command: list[str | Path], env: dict[str, str], folder: Path) -> None:
    finished = subprocess.run(
        command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"
