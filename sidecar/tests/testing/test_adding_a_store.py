"""docs/adding-a-store.md, followed word for word: the package it builds passes the suite and can be chosen by URL."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from prompt_cache import stores
from sidecar.tests.distributions import lay_down

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "adding-a-store.md"
_NO_ENGINES = ("__init__", "__pycache__", "base", "breaker", "holding", "through", "vectors")
ENGINES = sorted(path.stem for path in Path(stores.__file__).parent.iterdir() if path.stem not in _NO_ENGINES)


def blocks() -> dict[str, str]:
    """The code of each file that the document names in a heading."""
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.findall(r"^### \d\. [^`\n]*`([^`\n]+)`\n.*?^```\w+\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return dict(found)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package as its files and its metadata would be installed."""
    for name, code in blocks().items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(code, encoding="utf-8")
    project = tomllib.loads((tmp_path / "pyproject.toml").read_text())
    lay_down(tmp_path, project["project"]["name"], project["project"]["entry-points"]["prompt_cache.stores"])
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python that finds what lies in the folder."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def said(folder: Path, url: str) -> str:
    """The sentence with which a URL is refused."""
    code = (
        "import sys; from prompt_cache.stores import open_store\n"
        "try: print(type(open_store(sys.argv[1])).__name__)\n"
        "except ValueError as error: print(error)"
    )
    return python(folder, "-c", code, url).stdout.strip()


def test_document__builds_a_store_that_passes_the_suite(package: Path) -> None:
    run = python(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_tiny.py")
    assert re.search(r"\b[1-9]\d+ passed", run.stdout), run.stdout
    assert run.returncode == 0, run.stdout


def test_document__the_store_is_chosen_by_url(package: Path) -> None:
    assert said(package, "tiny://") == "TinyStore"
    assert "tiny of prompt-cache-tiny cannot be opened: tiny:// takes nothing after" in said(package, "tiny://x")


def test_document__a_cache_on_it_answers(package: Path) -> None:
    code = (
        "from prompt_cache.config import Config\n"
        "from prompt_cache.core.lookup import Lookup\n"
        "from prompt_cache.core.store import NewEntry\n"
        "from prompt_cache.keying.request import Request\n"
        "from prompt_cache.service.open import open_cache\n"
        "cache = open_cache(Config(store='tiny://'), print)\n"
        "asked = Lookup(request=Request(prompt='one'))\n"
        "cache.store(NewEntry(key=cache.lookup(asked).key, response=b'\"answer\"'))\n"
        "print(cache.lookup(asked).status)"
    )
    assert python(package, "-c", code).stdout.strip() == "hit"


def test_document__its_example_is_written_as_all_our_code_is(package: Path) -> None:
    # It has no use for two arguments; that it may leave them is no lesson for the first store somebody writes.
    for check in (("check", "--extend-ignore", "ARG003"), ("format", "--check")):
        run = python(package, "-m", "ruff", *check, "--config", str(ROOT / "pyproject.toml"), "prompt_cache_tiny")
        assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("engine", ENGINES)
def test_repository__an_engine_is_a_file_a_line_and_a_test(engine: str) -> None:
    named = re.findall(rf'"{engine}:(\w+)"', Path(stores.__file__).read_text(encoding="utf-8"))
    assert len(named) == 1
    tests = [folder / f"test_{engine}.py" for folder in (ROOT / "sidecar/tests/stores", ROOT / "tests/stores")]
    (test,) = [path for path in tests if path.exists()]
    if engine != "null":  # which keeps nothing
        assert "StoreConformance" in test.read_text(encoding="utf-8")
