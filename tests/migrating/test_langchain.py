"""What LangChain's own caches keep: that of SQLite is imported and answers the same calls, those of Redis cannot be."""

import json
from pathlib import Path

import pytest

from prompt_cache.cli.main import main
from stack import Sidecar
from stack.redis import Redis

from ..proxy.upstream import Upstream
from .environment import PROGRAMS, program

_ANSWERS = PROGRAMS / "langchain_answers.py"


def test_sqlite__the_same_calls_are_hits(
    server: Sidecar, provider: Upstream, keys: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.reset()
    filled, again = (program(_ANSWERS, "sqlite", ".langchain.db", folder=tmp_path, env=keys) for _ in range(2))
    before = json.loads(again)
    assert provider.calls == len(json.loads(filled)) == 6

    lines = program("-m", "prompt_cache_client.langchain", ".langchain.db", folder=tmp_path)
    (tmp_path / "pairs.jsonl").write_text(lines)
    command = ["import", "--from", "pairs", str(tmp_path / "pairs.jsonl"), "--namespace", "my-app"]
    assert main(command) == 0
    assert "6 entries" in capsys.readouterr().err
    assert main(command) == 0
    assert "0 entries, 6 present" in capsys.readouterr().err

    after = json.loads(program(_ANSWERS, "ours", server.url, folder=tmp_path, env=keys))
    assert provider.calls == 6
    assert after == before
    program(_ANSWERS, "other", server.url, folder=tmp_path, env=keys)
    assert provider.calls == 7
    deleted = server.client().post("/v1/invalidate", {"namespace": "my-app", "tags": ["imported:langchain-sqlite"]})
    assert deleted["deleted"] == 6


def test_redis__what_is_kept_tells_neither_question_nor_model(tmp_path: Path) -> None:
    with Redis(tmp_path) as redis:
        kept = json.loads(program(PROGRAMS / "kept_in_redis.py", redis.url, folder=tmp_path))
    assert len(kept) == 2
    for key, value in kept.items():
        assert "the answer" in value
        assert "itself" not in key + value
