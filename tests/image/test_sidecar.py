"""The sidecar's image as whoever runs it meets it: built from its Dockerfile, run as its own user."""

import json
import re
from pathlib import Path

import pytest
import requests

from prompt_cache import __version__
from stack.image import Image, ServingImage
from stack.processes import free_port
from stack.progress import Failure

USER = 1000


def test_image__says_what_it_is(image: Image) -> None:
    labels = image.config["Labels"]
    assert labels["org.opencontainers.image.title"] == "Prompt Cache sidecar"
    assert labels["org.opencontainers.image.licenses"] == "MIT"
    assert labels["org.opencontainers.image.version"] == __version__
    assert image.config["User"] == "prompt-cache"
    assert list(image.config["ExposedPorts"]) == ["8787/tcp"]
    assert image.config["Healthcheck"]["Test"][0] == "CMD"


def test_image__holds_no_tools_and_no_secrets(image: Image) -> None:
    assert image.run("prompt-cache", "version").strip() == __version__
    assert image.run("id", "-u").strip() == str(USER)
    assert "/build" not in image.run("ls", "-d", "/data", "/secrets", "/opt/prompt-cache")
    assert not any(word in json.dumps(image.config["Env"]).lower() for word in ("token", "secret", "password"))


def test_image__stores_and_looks_up(serving: ServingImage) -> None:
    client = serving.client()
    asked = {"prompt": "What is the capital of France?", "model": "gpt-4o-mini"}
    missed = client.post("/v1/lookup", asked)
    assert missed["status"] == "miss"
    client.post("/v1/store", {"key": missed["key"], "response": {"text": "Paris."}})
    assert client.post("/v1/lookup", asked)["response"] == {"text": "Paris."}


def test_image__has_the_dashboard_with_its_charts(serving: ServingImage) -> None:
    page = requests.get(f"{serving.url}/login", timeout=10).text
    (script,) = re.findall(r'<script src="([^"]+)"', page)
    answer = requests.get(f"{serving.url}{script}", timeout=10)
    assert answer.status_code == 200
    assert "uPlot" in answer.text or "u-over" in answer.text


def test_image__runs_nothing_as_root(serving: ServingImage) -> None:
    assert serving.running
    users = {user for process in Path("/proc").glob("[0-9]*") if (user := _user_of_ours(process)) is not None}
    assert users == {USER}


def test_image__keeps_answers_to_itself(image: Image, serving: ServingImage) -> None:
    assert serving.client().get("/v1/stats") is not None
    told = image.run("stat", "--format", "%U %a", "/data", "/data/prompt-cache.db").splitlines()
    assert told[0] == "prompt-cache 700"
    assert told[1].startswith("prompt-cache ")


def test_image__is_healthy_only_while_it_serves(image: Image, serving: ServingImage) -> None:
    check = [word.replace("8787", str(serving.port)) for word in image.config["Healthcheck"]["Test"][1:]]
    image.run(*check)
    with pytest.raises(Failure):
        image.run(*(word.replace(str(serving.port), str(free_port())) for word in check))


def _user_of_ours(process: Path) -> int | None:
    """Who runs a process of the image's virtual environment; None for other processes."""
    try:
        ours = (process / "cmdline").read_bytes().startswith(b"/opt/prompt-cache/bin/")
        return process.stat().st_uid if ours else None
    except OSError:
        return None
