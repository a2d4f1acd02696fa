"""The guide is run: whatever of its code is for our cache."""

import json
import re
import subprocess
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from prompt_cache.cli.main import main
from prompt_cache_client import PromptCache
from stack import Sidecar
from stack.python import venv

from ..docs.pages import page
from ..proxy.upstream import Upstream
from .environment import PROGRAMS, program

_ADDRESS = "http://localhost:8787"


class _Block(NamedTuple):
    language: str
    code: str


_BLOCKS = [
    _Block(*found)
    # What other programs' code was `before` is not ours to run.
    for found in re.findall(r"^```(\w+)\n(.*?)^```", page("docs/migrating.md"), re.MULTILINE | re.DOTALL)
]
_OTHERS = [
    "prompt-cache import --from gptcache",  # in test_gptcache
    "python -m prompt_cache_client.langchain",  # in test_langchain
]


def _blocks(language: str, sign: str) -> list[str]:
    return [block.code for block in _BLOCKS if block.language == language and sign in block.code]


_ASKING = _blocks("python", "answer = ")


def test_every_block_is_run() -> None:
    counts = [
        len(_ASKING),
        len(_blocks("python", "pairs.jsonl")),
        len(_blocks("yaml", _ADDRESS)),
        len(_blocks("json", "")),
    ]
    assert counts == [4, 1, 1, 1]
    assert len(_blocks("bash", "--from pairs pairs.jsonl --namespace faq")) == 1
    assert [len(_blocks("bash", each)) for each in _OTHERS] == [1, 1]
    assert len(_BLOCKS) == 10


@pytest.mark.parametrize("code", _ASKING, ids=[re.findall(r"import (\w+)", code)[-1] for code in _ASKING])
def test_python__asked_again_is_answered_from_the_cache(
    code: str, server: Sidecar, provider: Upstream, keys: dict[str, str], tmp_path: Path
) -> None:
    assert _ADDRESS in code
    provider.reset()
    here = code.replace(_ADDRESS, server.url)
    first, again = program(PROGRAMS / "block.py", here, folder=tmp_path, env=keys).splitlines()
    assert first == again
    assert "answer" in first
    assert provider.calls == 1


def test_yaml__litellm_s_proxy_asks_through_the_cache(
    server: Sidecar, provider: Upstream, keys: dict[str, str], tmp_path: Path
) -> None:
    (code,) = _blocks("yaml", _ADDRESS)
    provider.reset()
    settings = json.dumps(yaml.safe_load(code.replace(_ADDRESS, server.url)))
    first, again = program(PROGRAMS / "litellm_router.py", settings, folder=tmp_path, env=keys).splitlines()
    assert first == again
    assert provider.calls == 1
    (entry,) = server.client().get("/v1/entries")["items"]
    assert _seconds(entry["expires"]) - _seconds(entry["created"]) == pytest.approx(3600, abs=1)


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def test_map__gptcache_writes_out_its_pickle_itself(server: Sidecar, tmp_path: Path) -> None:
    said = json.loads(program(PROGRAMS / "gptcache_map.py", folder=tmp_path))
    assert main(["import", "--from", "gptcache", str(tmp_path / "data_map.txt"), "--namespace", "faq"]) == 2
    (code,) = _blocks("python", "pairs.jsonl")
    program("-c", code, folder=tmp_path)
    _import(tmp_path)
    with PromptCache(server.url, namespace="faq") as cache:
        assert {question: cache.lookup(question).response for question in said} == said


def test_json__a_line_is_imported(server: Sidecar, tmp_path: Path) -> None:
    (line,) = _blocks("json", "")
    (tmp_path / "pairs.jsonl").write_text(line)
    _import(tmp_path)
    said = json.loads(line)
    with PromptCache(server.url, namespace="faq") as cache:
        assert cache.lookup(said["request"]).response == said["response"]
        assert cache.lookup(said["request"], max_age="7d").reason == "too_old"


def _import(folder: Path) -> None:
    (command,) = _blocks("bash", "--from pairs pairs.jsonl --namespace faq")
    _, *arguments = command.split()
    subprocess.run([venv() / "prompt-cache", *arguments], cwd=folder, check=True)
