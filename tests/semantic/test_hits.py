"""A question that is worded differently is answered: the real model, in a server and in a program of its own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prompt_cache.embedded import EmbeddedCache
from stack import Sidecar

from .processes import short_folder, the_model, until

ASKED, AGAIN, OTHER = (
    "How do I cancel my subscription?",
    "Hi, could you please tell me how I can cancel my subscription?",
    "How do I renew my subscription?",
)
Call = Callable[[str, dict[str, Any]], dict[str, Any]]


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
def embedded(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Call]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    store = f"sqlite:///{tmp_path}/embedded.db"
    cache = EmbeddedCache({"store": store, "embedder": "local", "defaults": {"match": "semantic"}})

    def call(route: str, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(cache.call("POST", route, json.dumps(body).encode()).body)
        return answer

    yield call
    cache.close()


@pytest.fixture
def served(folder: Path, tmp_path: Path) -> Iterator[Call]:
    env = {
        "PROMPT_CACHE_STORE": "sqlite:///served.db",
        "PROMPT_CACHE_EMBEDDER": "local",
        "PROMPT_CACHE_DEFAULTS": "{match: semantic}",
        "XDG_RUNTIME_DIR": str(folder),
    }
    with Sidecar(tmp_path, env=env) as sidecar:
        yield sidecar.client().post


def answered(call: Call) -> None:
    """What is close is served, and what only looks so is not."""
    assert until(lambda: call("/v1/lookup", {"prompt": "Hello?"})["reason"] != "embedder_unavailable")
    missed = call("/v1/lookup", {"prompt": ASKED})
    call("/v1/store", {"key": missed["key"], "ticket": missed["ticket"], "response": "In the settings."})
    hit = call("/v1/lookup", {"prompt": AGAIN})
    assert (hit["status"], hit["match"], hit["response"]) == ("hit", "semantic", "In the settings.")
    assert hit["similarity"] > 0.6
    assert call("/v1/lookup", {"prompt": OTHER})["status"] == "miss"
    assert call("/v1/lookup", {"prompt": ASKED})["match"] == "exact"


def test_a_server_answers_what_is_worded_differently(served: Call) -> None:
    answered(served)


def test_a_program_answers_too_by_the_same_model(embedded: Call, served: Call, folder: Path) -> None:
    answered(embedded)
    answered(served)
    assert the_model(folder)
