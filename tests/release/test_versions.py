"""All that is published has one version, and a release begins where the changelog tells of it."""

import re
import shutil
from pathlib import Path

import pytest

import prompt_cache
import stack.release
from stack.paths import REPOSITORY
from stack.progress import Failure
from stack.release import release, version

WRITTEN = list(stack.release._WRITTEN)
NAMES = [file.relative_to(REPOSITORY).as_posix() for file in WRITTEN]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that have the version, on which everything works."""

    def moved(file: Path) -> Path:
        copy = tmp_path / file.relative_to(REPOSITORY)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(file, copy)
        return copy

    written = {moved(file): pattern for file, pattern in stack.release._WRITTEN.items()}
    told = {moved(file): form for file, form in stack.release._TOLD.items()}
    monkeypatch.setattr(stack.release, "_WRITTEN", written)
    monkeypatch.setattr(stack.release, "_TOLD", told)
    monkeypatch.setattr(stack.release, "REPOSITORY", tmp_path)
    return tmp_path


def _tell(tree: Path, number: str) -> None:
    for name, line in {"CHANGELOG.md": f"## {number} (2027-01-31)", "n8n-node/README.md": f"- {number}: more."}.items():
        with (tree / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")


def test_everything_has_the_version_that_is_installed() -> None:
    assert version() == prompt_cache.__version__


def test_no_file_has_it_that_is_not_among_those() -> None:
    """A manifest, a lock file or an image that is added has to be raised too."""
    manifests = {
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("sidecar", "client", "n8n-node")
        for name in ("pyproject.toml", "package.json", "package-lock.json", "Dockerfile")
        for path in (REPOSITORY / folder).glob(name)
    }
    assert manifests == set(NAMES)


def test_the_changelog_and_the_packages_page_tell_of_it() -> None:
    number = version()
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## (Unreleased$|{re.escape(number)}\b)", changelog, flags=re.MULTILINE)
    assert f"\n- {number}: " in (REPOSITORY / "n8n-node/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_version_that_differs_in_one_place_is_named(tree: Path, name: str) -> None:
    number = version()
    text = (tree / name).read_text(encoding="utf-8")
    pattern = stack.release._WRITTEN[tree / name]
    found = list(re.finditer(pattern, text, flags=re.MULTILINE))
    for match in found:
        start, end = match.span(match.lastindex or 0)
        (tree / name).write_text(f"{text[:start]}9.9.9{text[end:]}", encoding="utf-8")
        with pytest.raises(Failure) as failure:
            version()
        line = text.count("\n", 0, end) + 1
        assert f"9.9.9  in {name}:{line}\n" in str(failure.value)
        assert f"{number}  in " in str(failure.value)
    (tree / name).write_text(re.sub(pattern, "", text, flags=re.MULTILINE), encoding="utf-8")
    with pytest.raises(Failure, match=f"^{re.escape(name)} has no version"):
        version()


def test_a_release_is_written_everywhere_and_changes_nothing_else(tree: Path) -> None:
    before = {name: (tree / name).read_text(encoding="utf-8") for name in NAMES}
    old = version()
    _tell(tree, "10.20.30")
    release("10.20.30")
    assert version() == "10.20.30"
    assert version("v10.20.30") == "10.20.30"
    for name, text in before.items():
        changed = (tree / name).read_text(encoding="utf-8")
        differing = [
            (ours, theirs)
            for ours, theirs in zip(text.splitlines(), changed.splitlines(), strict=True)
            if ours != theirs
        ]
        assert differing
        assert all(theirs == ours.replace(old, "10.20.30") for ours, theirs in differing)
    lock = before["n8n-node/package-lock.json"]
    assert lock.count(f'"version": "{old}"') - 2 == (tree / "n8n-node/package-lock.json").read_text().count(
        f'"version": "{old}"'
    )


def test_nothing_is_released_that_is_not_told_of(tree: Path) -> None:
    before = {name: (tree / name).read_text(encoding="utf-8") for name in NAMES}
    with pytest.raises(Failure, match=r"CHANGELOG\.md does not tell of 10\.0\.0 yet: a line there begins with '## 10"):
        release("10.0.0")
    _tell(tree, "10.0.01")
    with pytest.raises(Failure, match=r"CHANGELOG\.md"):
        release("10.0.0")
    (tree / "CHANGELOG.md").write_text("## 10.0.0\n", encoding="utf-8")
    with pytest.raises(Failure, match=r"n8n-node/README\.md"):
        release("10.0.0")
    assert before == {name: (tree / name).read_text(encoding="utf-8") for name in NAMES}


@pytest.mark.parametrize("number", ["1.0", "v1.0.0", "1.0.0rc1", "1.0.0-rc.1", "latest", "", "1.0.0\n"])
def test_what_pypi_and_npm_would_write_differently_is_no_version(tree: Path, number: str) -> None:
    _tell(tree, number)
    with pytest.raises(Failure, match="three numbers"):
        release(number)


def test_a_version_never_goes_back(tree: Path) -> None:
    _tell(tree, "1.10.0")
    release("1.10.0")
    _tell(tree, "1.9.0")
    with pytest.raises(Failure, match=r"1\.9\.0 is older than 1\.10\.0"):
        release("1.9.0")
    release("1.10.0")


def test_a_tag_publishes_its_own_version_alone(tree: Path) -> None:
    number = version()
    _tell(tree, number)
    assert version(f"v{number}") == number
    for tag in (number, "v9.9.9", f"v{number}.1", f"sidecar-{number}"):
        with pytest.raises(Failure, match="is not the version"):
            version(tag)


def test_a_tag_publishes_nothing_that_the_changelog_does_not_tell_of(tree: Path) -> None:
    (tree / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n", encoding="utf-8")
    with pytest.raises(Failure, match="does not tell of"):
        version(f"v{version()}")
