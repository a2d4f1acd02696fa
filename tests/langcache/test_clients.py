"""LangCache's own clients, unchanged but for their server's address and key.

Each has a file of tests in its own language, which is run where the client is installed.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from stack import Redis, Sidecar
from stack.node import node_environment
from stack.paths import REPOSITORY

from . import environments
from .servers import SETTINGS, failing

_SHIPPED = 21
"""Tests that RedisVL ships, without those which want a cache that refuses attributes it was not told of."""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Of a cache server; of one whose store is away; and of one that fails in the way that is asked for."""
    folder = tmp_path_factory.mktemp("langcache")
    with failing() as broken, Redis(folder) as redis:
        away = {**SETTINGS, "PROMPT_CACHE_STORE": redis.url, "PROMPT_CACHE_STORE_TIMEOUT": "500ms"}
        with Sidecar(folder, env=SETTINGS) as sidecar, Sidecar(folder, env=away) as storeless:
            redis.stop()
            yield {
                "CACHE_SERVER_URL": sidecar.url,
                "STORELESS_SERVER_URL": storeless.url,
                "FAILING_SERVER_URL": broken,
                "NO_PROXY": "*",
            }


@pytest.mark.parametrize("version", environments.SDKS)
def test_sdk(addresses: dict[str, str], version: str) -> None:
    passed = _pytest(environments.sdk(version), [environments.PYTHON / "with_sdk.py"], addresses)
    assert passed >= 70


@pytest.mark.parametrize("file", ["with_redisvl.py", "with_langchain_redis.py"])
def test_wrapper(addresses: dict[str, str], file: str) -> None:
    options: list[str | Path] = ["-o", "asyncio_mode=auto", environments.PYTHON / file]
    assert _pytest(environments.wrappers(), options, addresses) >= 7


def test_wrapper__by_the_tests_that_it_ships(addresses: dict[str, str], tmp_path: Path) -> None:
    copy = shutil.copy(environments.shipped_with_redisvl(), tmp_path)
    account = {"API_KEY": "ours-token", "URL": addresses["CACHE_SERVER_URL"]}
    told = {f"LANGCACHE_WITH_ATTRIBUTES_{name}": value for name, value in {**account, "CACHE_ID": "ours-1"}.items()}
    told |= {f"LANGCACHE_NO_ATTRIBUTES_{name}": value for name, value in {**account, "CACHE_ID": "ours-2"}.items()}
    options = ["-o", "asyncio_mode=auto", copy, "-k", "not no_attributes_configured", "-o", "markers=requires_api_keys"]
    assert _pytest(environments.wrappers(), options, {**addresses, **told}) == _SHIPPED


def test_sdk__in_javascript(addresses: dict[str, str], tmp_path: Path) -> None:
    shutil.copy(environments.JAVASCRIPT / "sdk.test.mjs", tmp_path)  # since Node looks for packages beside the file
    (tmp_path / "node_modules").symlink_to(environments.node_modules())
    _run(["node", "--test", "--test-reporter=spec", "sdk.test.mjs"], {**addresses, **node_environment()}, tmp_path)


def _pytest(python: Path, arguments: Sequence[str | Path], env: dict[str, str]) -> int:
    """How many tests passed; none may fail. The clone's own configuration of pytest has plugins that are not there."""
    options = [
        "-q",
        "-c",
        os.devnull,
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-W",
        "ignore",
        f"--rootdir={REPOSITORY}",
    ]
    said = _run([python, "-m", "pytest", *options, f"--confcutdir={environments.PYTHON}", *arguments], env, REPOSITORY)
    passed = re.search(r"(\d+) passed", said)
    return int(passed[1]) if passed else 0


def _run(command: Sequence[str | Path], env: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
