"""The workflows of .github/ against the tree: what they name is there, and nothing goes out unchecked."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from stack.paths import REPOSITORY, VENV
from stack.release import DISTRIBUTIONS, IMAGES, NODE
from stack.versions import NODE as NODE_VERSION

from ..docs.pages import files, page

WORKFLOWS = {
    file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in REPOSITORY.glob(".github/workflows/*")
}
PUBLISH = WORKFLOWS["publish.yml"]
JOBS: dict[str, dict[str, Any]] = PUBLISH["jobs"]
ALL_JOBS = {
    f"{file}: {name}": (file, job) for file, workflow in WORKFLOWS.items() for name, job in workflow["jobs"].items()
}


def _before(name: str) -> set[str]:
    """The jobs that have to succeed before this one begins."""
    needs = JOBS[name].get("needs", [])
    direct = {needs} if isinstance(needs, str) else set(needs)
    return direct.union(*(_before(each) for each in direct))


def _steps(name: str, key: str) -> list[str]:
    return [step[key] for step in JOBS[name]["steps"] if key in step]


def _step(name: str, action: str) -> dict[str, Any]:
    """What an action is given in the only step of a job that uses it."""
    step: dict[str, Any]
    (step,) = [step for step in JOBS[name]["steps"] if step.get("uses", "").startswith(f"{action}@")]
    return step


def _audit(folder: Path, *options: str) -> tuple[int, str]:
    """What zizmor says of the workflows in a folder: its status, 0 where it finds nothing, and why."""
    words = [str(VENV / "bin/zizmor"), "--offline", "--no-progress", "--no-config", *options, str(folder)]
    audit = subprocess.run(words, capture_output=True, text=True, check=False)
    return audit.returncode, audit.stdout


def test_an_audit_finds_nothing() -> None:
    """Actions by their digest, no more rights than needed, nothing foreign in a command: what zizmor knows of."""
    status, found = _audit(REPOSITORY / ".github")
    assert status == 0, found


def test_an_audit_finds_nothing_in_the_workflow_that_the_documentation_has_people_copy(tmp_path: Path) -> None:
    name = ".github/workflows/workflows.yml"
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text(files(page("docs/testing.md"))[name], encoding="utf-8")
    status, found = _audit(tmp_path / ".github", "--min-severity=medium")
    assert status == 0, found
    file.write_text(re.sub("@[0-9a-f]{40}", "@v6", file.read_text(encoding="utf-8")), encoding="utf-8")
    status, found = _audit(tmp_path / ".github")
    assert status != 0
    assert "unpinned-uses" in found


@pytest.mark.parametrize(("file", "job"), ALL_JOBS.values(), ids=ALL_JOBS)
def test_a_job__ends_and_says_which_release_of_an_action_it_uses(file: str, job: dict[str, Any]) -> None:
    assert 0 < job["timeout-minutes"] <= 90
    text = (REPOSITORY / ".github/workflows" / file).read_text(encoding="utf-8")
    for step in job["steps"]:
        if action := step.get("uses"):
            assert re.search(rf"uses: {re.escape(action)} # v\d+\.\d+\.\d+$", text, flags=re.MULTILINE), action
        if action and action.startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_a_tag_alone_publishes() -> None:
    assert PUBLISH[True] == {"push": {"tags": ["v*.*.*"]}}  # YAML 1.1 takes `on` for a truth
    assert PUBLISH["concurrency"] == {"group": "publish", "cancel-in-progress": False}


def test_versions_are_compared_before_anything_else() -> None:
    assert [name for name in JOBS if not _before(name)] == ["version"]
    (command,) = _steps("version", "run")
    assert 'python3 -m stack version --tag "$GITHUB_REF_NAME"' in command
    assert JOBS["version"]["steps"][-1]["id"] == "version"
    assert JOBS["version"]["outputs"] == {"version": "${{ steps.version.outputs.version }}"}


def test_what_is_published_is_checked_and_built_where_nothing_may_be_published() -> None:
    commands = _steps("build", "run")
    assert commands == ["make check", "python3 -m stack build dist"]
    assert _step("build", "actions/upload-artifact")["with"]["path"] == "dist"
    assert PUBLISH["permissions"] == {}
    rights = {
        name: {right for right, how in job["permissions"].items() if how == "write"} for name, job in JOBS.items()
    }
    assert rights == {
        "version": set(),
        "build": set(),
        "pypi": {"id-token"},
        "npm": {"id-token"},
        "images": {"packages"},
    }
    for name in ("pypi", "npm"):
        assert "build" in _before(name)
        assert not [step for step in _steps(name, "uses") if "checkout" in step], "runs no code of the repository"
        assert _step(name, "actions/download-artifact")["with"] == {"name": "dist", "path": "dist"}


def test_every_distribution_is_published_in_an_environment_of_its_own() -> None:
    """PyPI tells two projects that are to be made by one workflow apart by the environment."""
    assert JOBS["pypi"]["strategy"]["matrix"]["package"] == list(DISTRIBUTIONS)
    assert JOBS["pypi"]["strategy"]["max-parallel"] == 1
    assert JOBS["pypi"]["environment"] == "${{ matrix.package }}"
    assert JOBS["npm"]["environment"] == NODE
    assert _step("pypi", "pypa/gh-action-pypi-publish")["with"] == {
        "packages-dir": "dist/${{ matrix.package }}",
        "attestations": True,
        "skip-existing": True,
    }


def test_npm_gets_the_tarball_that_was_built(tmp_path: Path) -> None:
    (command,) = _steps("npm", "run")
    assert f'npm publish "./dist/{NODE}/{NODE}-$VERSION.tgz" --provenance --access public --ignore-scripts' in command
    for known, expected in (("", "published: publish ./dist"), ("1.2.3", "1.2.3 is published already")):
        npm = tmp_path / "npm"
        npm.write_text(f'#!/bin/sh\n[ "$1" = view ] && {{ echo "{known}"; exit; }}\necho "published: $*"\n')
        npm.chmod(0o755)
        told = subprocess.run(
            ["/bin/bash", "-e", "-c", command],
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "VERSION": "1.2.3"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert told.startswith(expected)


def test_every_image_is_published_for_both_processors_with_its_papers() -> None:
    included = JOBS["images"]["strategy"]["matrix"]["include"]
    assert {each["image"]: REPOSITORY / each["file"] for each in included} == IMAGES
    assert all(file.exists() for file in IMAGES.values())
    push = _step("images", "docker/build-push-action")
    assert push["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert push["with"]["provenance"] == "mode=max"
    assert push["with"]["sbom"] is True
    assert push["if"] == "steps.published.outputs.already != 'true'"
    assert set(push["with"]["tags"].split()) == {"${{", "env.IMAGE", "}}:${{", "env.VERSION", "}}", "}}:latest"}


def test_no_registry_is_named_in_a_file() -> None:
    """It is the repository's own affair which one; without the variable no image is published."""
    assert JOBS["images"]["if"] == "vars.IMAGE_REGISTRY != ''"
    text = (REPOSITORY / ".github/workflows/publish.yml").read_text(encoding="utf-8")
    assert not re.search(r"https?://|\b(ghcr|docker|quay|registry)\.\w+", text)


def test_it_is_tried_on_every_python_that_the_packages_name() -> None:
    tried = WORKFLOWS["ci.yml"]["jobs"]["check"]["strategy"]["matrix"]["python"]
    for folder in DISTRIBUTIONS.values():
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        begin = "Programming Language :: Python :: "
        named = [each.removeprefix(begin) for each in project["classifiers"] if each.startswith(begin + "3.")]
        assert named == tried
        assert project["requires-python"] == f">={tried[0]}"


def test_node_is_of_the_pinned_line() -> None:
    majors = {
        str(step["with"]["node-version"])
        for _, job in ALL_JOBS.values()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/setup-node@")
    }
    assert majors == {NODE_VERSION.split(".")[0]}


def test_commands_name_what_is_there() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for _, job in ALL_JOBS.values():
        for command in (step["run"] for step in job["steps"] if "run" in step):
            for target in re.findall(r"^make (\w+)", command, flags=re.MULTILINE):
                assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
            for script in re.findall(r"^bash (\S+)", command, flags=re.MULTILINE):
                assert (REPOSITORY / script).exists(), script


def test_dependabot_watches_every_manifest() -> None:
    updates = yaml.safe_load((REPOSITORY / ".github/dependabot.yml").read_text(encoding="utf-8"))["updates"]
    watched = {
        (each["package-ecosystem"], folder)
        for each in updates
        for folder in (each.get("directories") or [each["directory"]])
    }
    files = {"pip": "pyproject.toml", "npm": "package.json", "docker": "Dockerfile"}
    there = {
        (kind, f"/{folder.name}")
        for kind, name in files.items()
        for folder in (*DISTRIBUTIONS.values(), REPOSITORY / "n8n-node", REPOSITORY / "dashboard")
        if (folder / name).exists()
    }
    assert watched == there | {("github-actions", "/")}
