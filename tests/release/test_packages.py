"""What is published, as whoever installs it meets it: built as for a release, alone in an empty environment."""

import email
import email.message
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.installation import run
from stack.paths import REPOSITORY, SIDECAR
from stack.release import DISTRIBUTIONS, NODE, build, version

PACKAGES = {"prompt-cache-sidecar": "prompt_cache", "prompt-cache-client": "prompt_cache_client"}
EXTRAS = {
    "prompt-cache-sidecar": {"postgres", "semantic", "local", "otel", "dev"},
    "prompt-cache-client": {"async", "embedded", "langchain", "langgraph", "dev"},
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    build(target)
    return target


def _only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def _wheel(built: Path, name: str) -> Path:
    return _only(built / name, "*.whl")


def _metadata(built: Path, name: str) -> email.message.Message:
    with zipfile.ZipFile(_wheel(built, name)) as wheel:
        (file,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(wheel.read(file))


def _sources(name: str) -> set[str]:
    """The files of a package that belong to the repository."""
    folder = DISTRIBUTIONS[name]
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", PACKAGES[name]]
    listed = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()
    return {each for each in listed if (folder / each).exists()}


def _built_files(name: str) -> set[str]:
    """What the package carries beside its sources."""
    folder = "prompt_cache/http/dashboard/static/built"
    return {f"{folder}/dashboard.css", f"{folder}/dashboard.js"} if name == "prompt-cache-sidecar" else set()


def test_nothing_else_is_published(built: Path) -> None:
    number = version()
    files = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    assert files == {
        *(f"{name}/{name.replace('-', '_')}-{number}.tar.gz" for name in DISTRIBUTIONS),
        *(f"{name}/{name.replace('-', '_')}-{number}-py3-none-any.whl" for name in DISTRIBUTIONS),
        f"{NODE}/{NODE}-{number}.tgz",
    }


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_wheel__has_the_whole_package_and_nothing_else(built: Path, name: str) -> None:
    with zipfile.ZipFile(_wheel(built, name)) as wheel:
        info = f"{name.replace('-', '_')}-{version()}.dist-info"
        assert {each for each in wheel.namelist() if not each.startswith(f"{info}/")} == _sources(name) | _built_files(
            name
        )
        assert wheel.read(f"{info}/licenses/LICENSE") == (REPOSITORY / "LICENSE").read_bytes()
    assert f"{PACKAGES[name]}/py.typed" in _sources(name)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_source_distribution__has_what_it_is_built_of_and_nothing_else(built: Path, name: str) -> None:
    """The wheel is built of it, so that it is whole is proved already."""
    with tarfile.open(_only(built / name, "*.tar.gz")) as archive:
        files = {each.name.partition("/")[2] for each in archive.getmembers() if each.isfile()}
    own = {each for each in files if ".egg-info/" not in each}
    assert own == _sources(name) | _built_files(name) | {
        "LICENSE",
        "MANIFEST.in",
        "PKG-INFO",
        "README.md",
        "pyproject.toml",
        "setup.cfg",
    }


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_metadata__says_what_an_index_shows(built: Path, name: str) -> None:
    metadata = _metadata(built, name)
    assert metadata["Name"] == name
    assert metadata["Version"] == version()
    assert metadata["License-Expression"] == "MIT"
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Summary"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert {"Typing :: Typed", "Programming Language :: Python :: 3.14"} <= set(metadata.get_all("Classifier", []))
    assert set(metadata.get_all("Provides-Extra", [])) == EXTRAS[name]
    links = dict(each.split(", ", 1) for each in metadata.get_all("Project-URL", []))
    assert set(links) == {"Documentation", "Source", "Issues", "Changelog"}
    assert all(link.startswith("https://github.com/prompt-cache/prompt-cache") for link in links.values())


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_page__leads_somewhere_from_an_index_too(built: Path, name: str) -> None:
    metadata = _metadata(built, name)
    assert metadata["Description-Content-Type"] == "text/markdown"
    page = str(metadata.get_payload())
    assert f"pip install {name}" in page or f"`{name}`" in page
    links = re.findall(r"\]\(([^)\s]+)", page)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []


def test_the_client__asks_for_the_sidecar_of_its_own_version(built: Path) -> None:
    asked = [each for each in _metadata(built, "prompt-cache-client").get_all("Requires-Dist", []) if "sidecar" in each]
    assert asked == [f'prompt-cache-sidecar=={version()}; extra == "embedded"']


def test_the_n8n_package__has_its_build_and_nothing_else(built: Path) -> None:
    with tarfile.open(_only(built / NODE, "*.tgz")) as archive:
        files = {each.name.removeprefix("package/") for each in archive.getmembers() if each.isfile()}
        manifest = json.loads(archive.extractfile("package/package.json").read())  # type: ignore[union-attr]
    assert {each for each in files if not each.startswith("dist/")} == {"LICENSE", "README.md", "package.json"}
    assert not [each for each in files if re.search(r"tests?/|\.test\.|docs/", each)]
    assert manifest["version"] == version()
    assert {*manifest["n8n"]["nodes"], *manifest["n8n"]["credentials"]} <= files
    assert manifest["repository"]["url"] == "git+https://github.com/prompt-cache/prompt-cache.git"
    assert "dependencies" not in manifest


class Environment:
    """An environment that holds nothing but what is installed into it."""

    def __init__(self, folder: Path, built: Path) -> None:
        self.folder = folder
        self._wheels = [f"--find-links={built / name}" for name in DISTRIBUTIONS]
        run([sys.executable, "-m", "venv", folder])

    def install(self, *wanted: str) -> None:
        pip = self.folder / "bin/pip"
        ours = ["--only-binary", ",".join(DISTRIBUTIONS), *self._wheels]
        run([pip, "install", "-q", "-c", SIDECAR / "constraints.txt", *ours, *wanted])

    def python(self, code: str) -> str:
        """What a program prints there, away from the sources."""
        return run([self.folder / "bin/python", "-I", "-c", code], cwd=self.folder).strip()

    def program(self, *words: str) -> str:
        return run([self.folder / "bin" / words[0], *words[1:]], cwd=self.folder).strip()

    def names(self) -> set[str]:
        listed = json.loads(self.program("pip", "list", "--format", "json", "--disable-pip-version-check"))
        return {each["name"].lower() for each in listed} - {"pip", "setuptools"}


@pytest.fixture(scope="module")
def client(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("client"), built)
    environment.install(f"prompt-cache-client=={version()}")
    return environment


@pytest.fixture(scope="module")
def sidecar(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("sidecar"), built)
    environment.install(f"prompt-cache-sidecar=={version()}")
    return environment


IMPORT_ALL = """
import importlib, pkgutil, {package} as package
for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".", onerror=lambda name: None):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except Exception as error:
            print(module.name, (error.__cause__ or error).name)
"""


def _missing(environment: Environment, package: str) -> Iterator[tuple[str, str]]:
    """The modules that cannot be imported, and what each misses."""
    for line in environment.python(IMPORT_ALL.format(package=package)).splitlines():
        name, missing = line.split()
        yield name, missing


def test_the_sidecar__works_by_itself(sidecar: Environment) -> None:
    assert sidecar.program("prompt-cache", "version") == version()
    assert "sqlite" in sidecar.program("prompt-cache", "check-config")
    assert not {"pytest", "mypy", "ruff", "psycopg", "prompt-cache-client"} & sidecar.names()
    missing = set(_missing(sidecar, "prompt_cache"))
    semantic = {"numpy", "rapidfuzz", "wordfreq", "text_to_num", "ctranslate2"}
    assert {what for _, what in missing} <= {
        "psycopg",
        *semantic,
        "opentelemetry",
        "pytest",
        "hypothesis",
    }  # extras; suites for stores
    rooms = (
        "prompt_cache.stores.postgres",
        "prompt_cache.semantic",
        "prompt_cache.observability.otel",
        "prompt_cache.testing",
    )
    assert all(name.startswith(rooms) for name, _ in missing)


def test_the_client__brings_requests_and_nothing_else(client: Environment) -> None:
    requests = {"requests", "certifi", "charset-normalizer", "idna", "urllib3"}
    assert client.names() == {"prompt-cache-client", *requests}
    missing = {name.removeprefix("prompt_cache_client.") for name, _ in _missing(client, "prompt_cache_client")}
    extras = ("langchain", "langgraph", "async_client", "transports.asynchronous", "transports.embedded")
    assert {name for name in missing if not name.startswith(extras)} == set()
    code = """
from prompt_cache_client import CacheUnavailable, PromptCache
cache = PromptCache("http://127.0.0.1:9", timeout=0.5)
print(cache.get_or_call("What is a cache?", lambda: "A place."))
try:
    cache.lookup("What is a cache?")
except CacheUnavailable:
    print("away")
"""
    warning, *said = client.python(code).splitlines()
    assert "calls are made without it" in warning
    assert said == ["A place.", "away"]


def test_the_client__names_the_extra_that_is_missing(client: Environment) -> None:
    code = """
from prompt_cache_client import PromptCache
try:
    PromptCache("memory://").lookup("What is a cache?")
except ImportError as error:
    print(error)
"""
    assert "prompt-cache-client[embedded]" in client.python(code)


def test_the_embedded_cache__works_from_the_wheels(sidecar: Environment) -> None:
    """Into the sidecar's environment, where nothing but the client itself is missing."""
    before = sidecar.names()
    sidecar.install(f"prompt-cache-client[embedded]=={version()}")
    assert sidecar.names() - before == {"prompt-cache-client", "requests", "charset-normalizer", "urllib3", "certifi"}
    code = """
from prompt_cache_client import PromptCache
for said in ("A place to keep things.", "Never said."):
    with PromptCache("sqlite:///cache.db") as cache:
        print(cache.get_or_call("What is a cache?", lambda: said))
"""
    assert sidecar.python(code).splitlines() == ["A place to keep things."] * 2
