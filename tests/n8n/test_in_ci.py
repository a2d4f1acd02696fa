"""docs/testing.md, done as it says: a workflow is recorded, and n8n's command line runs it without a model."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stack import DemoModel, node_package
from stack.n8n import n8n_program
from stack.node import node_environment, node_home, npm
from stack.paths import REPOSITORY, WORKFLOWS
from stack.processes import free_port
from stack.python import venv
from stack.versions import N8N

from ..docs.pages import blocks, files, page

PAGE = page("docs/testing.md")
JOB = ".github/workflows/workflows.yml"
SAMPLE = WORKFLOWS / "01-cache-an-llm-call"
STEPS = {
    step["name"]: step["run"]
    for step in yaml.safe_load(files(PAGE)[JOB])["jobs"]["workflows"]["steps"]
    if "run" in step
}


class Machine:
    """A machine with n8n, its node and the cache server on it, and a clone of what the page has somebody commit."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "clone"
        self.model_port = free_port()
        self._ports = {"8787": str(free_port()), "8788": str(self.model_port)}
        home, programs = folder / "home", folder / "bin"
        nodes = home / ".n8n/nodes"
        for each in (self.clone / "cassettes", programs, nodes):
            each.mkdir(parents=True)
        n8n = programs / "n8n"
        n8n.write_text(f'#!/bin/sh\nexec "{node_home()}/bin/node" "{n8n_program()}" "$@"\n')
        n8n.chmod(0o755)
        npm("install", "--legacy-peer-deps", "--ignore-scripts", node_package(), cwd=nodes)
        path = [str(programs), str(venv()), node_environment()["PATH"]]
        self._environment = {
            **os.environ,
            "HOME": str(home),
            "PATH": os.pathsep.join(path),
            "PROMPT_CACHE_LISTEN": f"127.0.0.1:{self._ports['8787']}",
            "N8N_RUNNERS_BROKER_PORT": str(free_port()),
            **yaml.safe_load(files(PAGE)[JOB])["jobs"]["workflows"]["env"],
        }
        for name, text in files(PAGE).items():
            file = self.clone / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self._here(text), encoding="utf-8")
        self.workflow = (SAMPLE / "workflow.json").read_text(encoding="utf-8")
        self.commit(self.workflow, SAMPLE / "cassette.jsonl")

    def commit(self, workflow: str, cassette: Path | None) -> None:
        (self.clone / "workflows").mkdir(exist_ok=True)
        (self.clone / "workflows/support.json").write_text(workflow, encoding="utf-8")
        self.cassette.unlink(missing_ok=True)
        if cassette:
            self.cassette.write_bytes(cassette.read_bytes())

    @property
    def cassette(self) -> Path:
        return self.clone / "cassettes/support.jsonl"

    def bash(self, *scripts: str) -> tuple[int, str]:
        """Run scripts as one job does, to the first that fails, and end what they left; returns status and output."""
        script = self._here("\n".join(scripts))
        log = self.clone.parent / "job.log"
        with log.open("w") as out:
            job = subprocess.Popen(
                ["bash", "-e", "-c", script],
                cwd=self.clone,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status = job.wait(timeout=300)
            finally:
                os.killpg(job.pid, signal.SIGTERM)
        return status, log.read_text(encoding="utf-8")

    def _here(self, text: str) -> str:
        for port, here in self._ports.items():
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{here}")
        return text


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


def _jobs_steps() -> list[str]:
    """All that the job runs but what installs it."""
    install, *others = STEPS.values()
    assert "prompt-cache-sidecar" in install
    assert "n8n-nodes-prompt-cache" in install
    assert f"n8n@{N8N}\n" in install
    return others


def test_what_the_sample_records__is_the_cassette_beside_it(machine: Machine, tmp_path: Path) -> None:
    machine.commit(machine.workflow, None)
    record, execute = blocks(PAGE, "bash")[0].splitlines()
    _, wait = STEPS["Replay what was recorded"].splitlines()
    with DemoModel(tmp_path, port=machine.model_port) as model:
        status, log = machine.bash(STEPS["Bring the workflow into n8n"], record, wait, execute)
        assert status == 0, log
        assert model.calls() == 1
    committed = SAMPLE / "cassette.jsonl"
    assert machine.cassette.read_text("utf-8") == committed.read_text("utf-8"), f"copy it to {committed}"
    shown = [json.loads(line) for line in blocks(PAGE, "json")[0].splitlines()]
    recorded = [json.loads(line) for line in machine.cassette.read_text("utf-8").splitlines()]
    assert shown[0] == recorded[0]
    assert shown[1]["request"]["prompt"] == recorded[1]["request"]["prompt"]


def test_the_job__passes_without_a_model(machine: Machine) -> None:
    machine.commit(machine.workflow, SAMPLE / "cassette.jsonl")
    status, log = machine.bash(*_jobs_steps())
    assert status == 0, log
    assert "Answer put out what is expected: 1 items" in log.splitlines()


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("the same side of the moon", "the far side of the moon", "which differs in question"),
        ('"={{ $json.question }}"\n', '"={{ $json.question }} In one sentence."\n', "attributes.n8n.aiNodes"),
    ],
    ids=["another question", "another prompt"],
)
def test_the_job__fails_where_something_else_is_asked_and_names_it(
    machine: Machine, was: str, becomes: str, told: str
) -> None:
    changed = machine.workflow.replace(was, becomes)
    assert changed != machine.workflow
    machine.commit(changed, SAMPLE / "cassette.jsonl")
    status, log = machine.bash(*_jobs_steps())
    assert status == 1, log
    title = "Item 0: This question is not in the cassette"
    lines = log.splitlines()
    description = lines[lines.index(title) + 1]
    assert "The nearest is line 2" in description
    assert '"Why do we see the same side of the moon every night?"' in description
    assert told in description
    shown = blocks(PAGE, "text")[0].replace("\n(", " (").splitlines()
    assert shown[0] == title
    if "question" in told:
        assert description.startswith(shown[1].partition(". To go on")[0])


@pytest.mark.parametrize(
    ("put_out", "told"),
    [
        ([{"question": "?", "answer": "A place.", "more": 1}], ""),
        ([{"question": "?", "answer": "No place."}], '"answer": "No place."'),
        ([{"question": "?"}], "and not"),
        ([], "and not"),
        ([{"question": "?", "answer": "A place."}] * 2, "and not"),
    ],
)
def test_the_script__tells_what_came_out_instead(tmp_path: Path, put_out: list[dict[str, str]], told: str) -> None:
    """n8n's own log, broken lines of JSON among it, comes before what the run put out."""
    run = {
        "data": {"resultData": {"runData": {"Answer": [{"data": {"main": [[{"json": each} for each in put_out]]}}]}}}
    }
    (tmp_path / "printed").write_text("n8n Task Broker ready {\n" + json.dumps(run, indent=2), encoding="utf-8")
    (tmp_path / "expected.json").write_text('[{"question": "?", "answer": "A place."}]', encoding="utf-8")
    (tmp_path / "run.py").write_text(files(PAGE)["tests/run_workflow.py"], encoding="utf-8")
    n8n = tmp_path / "n8n"
    n8n.write_text(f'#!/bin/sh\ncat "{tmp_path}/printed"\n')
    n8n.chmod(0o755)
    words = [sys.executable, str(tmp_path / "run.py"), "id", "Answer", str(tmp_path / "expected.json")]
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(words, env={"PATH": path}, capture_output=True, text=True, check=False)
    assert ended.returncode == (1 if told else 0), ended.stderr
    assert told in ended.stderr


def test_the_job__uses_actions_as_this_projects_own_do() -> None:
    ours = "".join(file.read_text("utf-8") for file in REPOSITORY.glob(".github/workflows/*.yml"))
    used = [line.strip() for line in files(PAGE)[JOB].splitlines() if "uses:" in line]
    assert len(used) == 3
    assert [line for line in used if line.removeprefix("- ") not in ours] == []
