"""docs/adding-a-store.md, followed word for word: the package it builds passes the suite and can be chosen by URL."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[3] / "docs" / "adding-a-store.md"


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
    install(tmp_path, project["project"]["name"], project["project"]["entry-points"]["prompt_cache.stores"])
    return tmp_path


def install(folder: Path, distribution: str, stores: Mapping[str, str]) -> None:
    """Lay down a distribution's metadata, which is all that an installer adds to its files."""
    info = folder / f"{distribution.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1.0\n")
    lines = [f"{scheme} = {value}" for scheme, value in stores.items()]
    (info / "entry_points.txt").write_text("\n".join(["[prompt_cache.stores]", *lines]) + "\n")


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
    assert said(package, "tiny://x") == "tiny:// takes nothing after the slashes"


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


def test_plugins__an_unknown_scheme_lists_what_there_is(package: Path) -> None:
    sentence = said(package, "tinny://user:password@host")
    assert "tiny://" in sentence
    assert "sqlite://" in sentence
    assert "password" not in sentence


def test_plugins__our_own_schemes_cannot_be_taken_over(package: Path) -> None:
    install(package, "thief", {"memory": "prompt_cache_tiny:TinyStore"})
    assert said(package, "memory://") == "MemoryStore"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("not_there:Store", r"broken of bad cannot be loaded: ModuleNotFoundError.*not_there"),
        ("prompt_cache_tiny:_hex", r"broken of bad is not a Store: prompt_cache_tiny:_hex must be a subclass of it"),
        ("prompt_cache_tiny:Nothing", r"broken of bad cannot be loaded: AttributeError"),
    ],
)
def test_plugins__a_broken_one_is_said_with_its_distribution(package: Path, value: str, sentence: str) -> None:
    install(package, "bad", {"broken": value})
    assert re.search(sentence, said(package, "broken://password"))
    assert "password" not in said(package, "broken://password")


def test_plugins__two_of_one_scheme_are_refused(package: Path) -> None:
    install(package, "rival", {"tiny": "prompt_cache.stores.memory:MemoryStore"})
    assert re.search(r"tiny is brought by several: .*uninstall all but one", said(package, "tiny://"))
