"""`prompt-cache evaluate` as a program of its own, with an embedder on a server."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.embedding import Embedding

PAIRS = [
    {"a": "How do I cancel my plan?", "b": "How do I cancel my plan, please?", "same": True},
    {"a": "Is 30 days enough?", "b": "Is 60 days enough?", "same": False},
]


def _run(folder: Path, *arguments: str, embedder: str) -> subprocess.CompletedProcess[str]:
    (folder / "pairs.jsonl").write_text("\n".join(map(json.dumps, PAIRS)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROMPT_CACHE_")}
    return subprocess.run(
        [sys.executable, "-m", "prompt_cache.cli", *arguments, "--embedder", embedder],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_evaluate__asks_the_server_once_for_all_texts(tmp_path: Path) -> None:
    with Embedding() as embedding:
        done = _run(tmp_path, "evaluate", "pairs.jsonl", "--json", embedder=embedding.settings)
    told = json.loads(done.stdout)
    assert (told["positives"], told["negatives"], told["served_positives"], told["served_negatives"]) == (1, 1, 1, 0)
    assert (told["embedder"], told["threshold"], done.stderr) == ("words", 0.6, "")
    assert [sorted(call) for call in embedding.calls] == [
        sorted(str(pair[side]) for pair in PAIRS for side in ("a", "b"))
    ]


def test_evaluate__says_that_the_server_is_away(tmp_path: Path) -> None:
    with Embedding() as embedding:
        embedding.away = True
        done = _run(tmp_path, "evaluate", "pairs.jsonl", embedder=embedding.settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("prompt-cache: embedder: words: ")
    assert done.stderr.count("\n") == 1


def test_calibrate__says_what_to_write_with_the_embedder_that_was_asked(tmp_path: Path) -> None:
    with Embedding() as embedding:
        settings = embedding.settings.replace("model: words", "model: words, key: swordfish")
        done = _run(tmp_path, "calibrate", "pairs.jsonl", embedder=settings)
    assert done.returncode == 1
    assert "swordfish" not in done.stdout + done.stderr
    assert "Too few pairs to promise 1%" in done.stdout
    assert "model: words" in done.stdout
