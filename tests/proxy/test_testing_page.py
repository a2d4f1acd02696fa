"""docs/testing.md for programs, done as it says: recorded once, replayed without a model."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import indent

from stack import DemoModel, Sidecar

from ..docs.pages import blocks, files, page

PAGE = page("docs/testing.md")
FILES = files(PAGE)
BLOCKS = blocks(PAGE, "bash")


def _run(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    words = (sys.executable, *words)
    return subprocess.run(words, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False)


def test_a_program_is_recorded_and_replayed_by_its_base_url(tmp_path: Path) -> None:
    command, mode, file = BLOCKS[1].removesuffix(" &\n").split()
    assert (command, mode) == ("prompt-cache", "record")
    with DemoModel(tmp_path) as model:
        upstream = {"PROMPT_CACHE_UPSTREAM_OPENAI_URL": f"{model.url}/v1"}
        with Sidecar(tmp_path, "record", file, env=upstream) as sidecar:
            program = FILES["program.py"].replace("127.0.0.1:8787", f"127.0.0.1:{sidecar.port}")
            (tmp_path / "program.py").write_text(program, encoding="utf-8")
            recorded = _run(tmp_path, "program.py")
            assert model.calls() == 1
    assert recorded.returncode == 0, recorded.stderr
    assert 'You asked: "What is a cassette?"' in recorded.stdout
    with Sidecar(tmp_path, "replay", file, port=sidecar.port) as sidecar:
        assert _run(tmp_path, "program.py").stdout == recorded.stdout
        other = tmp_path / "other.py"
        program = program.replace("gpt-4.1-mini", "gpt-4.1")
        caught = "except openai.APIStatusError as error:\n print(error.type, error)"
        typed = f"import openai\ntry:\n{indent(program, ' ')}\n{caught}"
        other.write_text(typed, encoding="utf-8")
        failed = _run(tmp_path, "other.py")
    assert failed.stdout.startswith("prompt_cache_not_recorded Error code: 424"), failed
    assert 'model (recorded "gpt-4.1-mini", asked "gpt-4.1")' in failed.stdout


def test_tests_in_python_are_recorded_and_replayed_by_the_address_of_the_cache(tmp_path: Path) -> None:
    raising = '    raise RuntimeError("this would cost money")  # your call of a model\n'
    assert raising in FILES["support.py"]
    for name in ("support.py", "test_support.py"):
        (tmp_path / name).write_text(FILES[name], encoding="utf-8")
    settings = [line.split()[0].split("=") for line in BLOCKS[2].splitlines()]
    (_, recording), (_, replaying) = settings

    def tested(url: str) -> subprocess.CompletedProcess[str]:
        return _run(tmp_path, "-m", "pytest", "-q", PROMPT_CACHE_URL=url, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

    assert "this would cost money" in tested(recording).stdout
    answering = FILES["support.py"].replace(raising, '    return "A place to keep things."\n')
    (tmp_path / "support.py").write_text(answering, encoding="utf-8")
    recorded = tested(recording)
    assert recorded.returncode == 0, recorded.stdout
    (tmp_path / "support.py").write_text(FILES["support.py"], encoding="utf-8")
    replayed = tested(replaying)
    assert replayed.returncode == 0, replayed.stdout
    changed = FILES["test_support.py"].replace("What is a cache?", "What is a cash?")
    (tmp_path / "test_support.py").write_text(changed, encoding="utf-8")
    failed = tested(replaying)
    assert "NotRecorded" in failed.stdout
    assert "this would cost money" not in failed.stdout
