"""What `serve` says when it starts."""

from pathlib import Path

from stack import Sidecar
from stack.web import answers


def test_serve__says_that_the_store_does_not_answer_and_serves_all_the_same(folder: Path) -> None:
    sidecar = Sidecar(folder, env={"PROMPT_CACHE_STORE": "redis://:swordfish@127.0.0.1:1/0"}).launch()
    sidecar.wait_until(lambda: answers(f"{sidecar.url}/healthz"))
    sidecar.stop()
    said = sidecar.log.read_text()
    assert "Connection refused; `prompt-cache doctor` looks closer; every lookup is a 503 until it answers\n" in said
    assert "swordfish" not in said
