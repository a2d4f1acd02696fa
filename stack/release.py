"""What is published: its one version, and the files that a release is made of."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from .community_package import node_package
from .dashboard import dashboard_script
from .installation import run
from .paths import CLIENT, NODE_PACKAGE, REPOSITORY, SIDECAR
from .progress import Failure, step
from .python import venv

DISTRIBUTIONS = {"prompt-cache-sidecar": SIDECAR, "prompt-cache-client": CLIENT}
NODE = "n8n-nodes-prompt-cache"
IMAGES = {"prompt-cache-sidecar": SIDECAR / "Dockerfile", "prompt-cache-n8n": NODE_PACKAGE / "Dockerfile"}

_NUMBER = r"\d+\.\d+\.\d+"
_PROJECT = r'^version = "([^"]+)"'
_LABEL = r"^LABEL org\.opencontainers\.image\.version=(\S+)$"

# Where the version is written, and around what: a file may have it several times.
_WRITTEN = {
    SIDECAR / "pyproject.toml": _PROJECT,
    CLIENT / "pyproject.toml": rf'{_PROJECT}|"prompt-cache-sidecar\b[^"]*==([^",;]+)',
    NODE_PACKAGE / "package.json": r'^\t"version": "(.+)",$',
    NODE_PACKAGE / "package-lock.json": rf'"name": "{NODE}",\s+"version": "(.+)",$',
    **dict.fromkeys(IMAGES.values(), _LABEL),
}
# Where what is new in a version is told, and how its line begins.
_TOLD = {REPOSITORY / "CHANGELOG.md": "## {}", NODE_PACKAGE / "README.md": "- {}:"}


def version(tag: str = "") -> str:
    """The version of everything. Raises Failure where a file has another, or where a `tag` is not this version's."""
    found = {where: text for file in _WRITTEN for where, text in _written(file)}
    if len(set(found.values())) > 1:
        differing = "\n".join(f"  {text}  in {where}" for where, text in found.items())
        raise Failure(f"The version differs:\n{differing}\nMake it one: python3 -m stack release VERSION")
    number = next(iter(found.values()))
    if tag:
        if tag != f"v{number}":
            raise Failure(f"The tag {tag} is not the version: that is {number}, and its tag v{number}.")
        _require_told(number)
    return number


def release(number: str) -> None:
    """Write a new version everywhere. Raises Failure before anything is written."""
    if not re.fullmatch(_NUMBER, number):
        # PyPI and npm write anything but three numbers in different ways.
        raise Failure(f"{number!r} is no version: it has three numbers, as in 0.2.0.")
    latest = max((text for file in _WRITTEN for _, text in _written(file)), key=_order)
    if _order(number) < _order(latest):
        raise Failure(f"{number} is older than {latest}, which is what the files have.")
    _require_told(number)
    for file, pattern in _WRITTEN.items():
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(pattern, lambda match: _with(match, number), text, flags=re.MULTILINE), encoding="utf-8")


def build(target: Path) -> None:
    """Make what is published, a folder for each package in `target`: source and wheel, or npm's tarball."""
    python = venv("dev") / "python"
    dashboard_script()
    # So that the tools which build are pinned like all others; an isolated environment heeds nothing else.
    pinned = {"PIP_CONSTRAINT": str(SIDECAR / "constraints.txt")}
    for name, folder in DISTRIBUTIONS.items():
        with step(f"Build {name}"):
            shutil.rmtree(target / name, ignore_errors=True)
            run([python, "-m", "build", "--outdir", target / name, folder], env=pinned)
    package = node_package()
    shutil.rmtree(target / NODE, ignore_errors=True)
    (target / NODE).mkdir(parents=True)
    shutil.copy(package, target / NODE)


def _written(file: Path) -> Iterator[tuple[str, str]]:
    """Where a file has the version, and which."""
    text = file.read_text(encoding="utf-8")
    name = file.relative_to(REPOSITORY).as_posix()
    matches = list(re.finditer(_WRITTEN[file], text, flags=re.MULTILINE))
    if not matches:
        raise Failure(f"{name} has no version where one is expected.")
    for match in matches:
        yield f"{name}:{text.count(chr(10), 0, match.end()) + 1}", match[match.lastindex or 0]


def _with(match: re.Match[str], number: str) -> str:
    group = match.lastindex or 0
    start, end = match.start(group) - match.start(), match.end(group) - match.start()
    return match[0][:start] + number + match[0][end:]


def _require_told(number: str) -> None:
    for file, form in _TOLD.items():
        begin = form.format(number)
        if not re.search(rf"^{re.escape(begin)}(?!\S)", file.read_text(encoding="utf-8"), flags=re.MULTILINE):
            name = file.relative_to(REPOSITORY).as_posix()
            raise Failure(f"{name} does not tell of {number} yet: a line there begins with {begin!r}.")


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", number))
