"""docs/python.md and the README's Python: every block runs, against a cache in memory, and does what is said of it."""

import asyncio
import inspect
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from openai.types.chat import ChatCompletion

import prompt_cache_client
from prompt_cache_client import AsyncPromptCache, PromptCache
from prompt_cache_client.fields import CallFields

from ..embedding import Embedding
from .pages import code, page, section

PYTHON = page("docs/python.md")
SERVER = "http://127.0.0.1:8787"
COMPLETION = ChatCompletion.model_validate(
    {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4.1-mini",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "A place."}, "finish_reason": "stop"}],
    }
)


def blocks(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page(name), re.DOTALL)


class Models:
    """What the blocks call in place of models; each may be called once for a prompt."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        create = self.complete
        self.openai = SimpleNamespace(chat=SimpleNamespace(completions=SimpleNamespace(create=create)))

    def call(self, prompt: str) -> dict[str, str]:
        self.asked.append(prompt)
        return {"text": "A place to keep things."}

    async def call_async(self, prompt: str) -> dict[str, str]:
        return self.call(prompt)

    def complete(self, **asked: Any) -> ChatCompletion:
        self.asked.append(asked)
        return COMPLETION

    def names(self) -> dict[str, Any]:
        return {"call_model": self.call, "call_model_async": self.call_async, "openai": self.openai}


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Models]:
    monkeypatch.chdir(tmp_path)
    yield Models()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def run(name: str, names: dict[str, Any]) -> None:
    """All blocks of a page, one after another, as in one program; a stub embeds their texts."""
    found = blocks(name)
    assert found
    with Embedding() as embedding:
        local = f'"embedder": {yaml.safe_load(embedding.settings)!r}'
        for block in found:
            text = block.replace(SERVER, "memory://").replace('"embedder": "local"', local)
            exec(compile(text, name, "exec"), names)  # noqa: S102


@pytest.mark.parametrize("name", ["docs/python.md", "README.md", "client/README.md"])
def test_every_block_runs_and_its_calls_are_cached(name: str, models: Models) -> None:
    names = models.names() | {"prompt": "What is a cache?", "__name__": "page"}
    run(name, names)
    assert models.asked
    if name == "docs/python.md":
        assert names["found"].matched.question == "How do I reset my password?"
        assert (asyncio.run(names["ask"]("q")), models.asked[-1]) == ({"text": "A place to keep things."}, "q")
    before = len(models.asked)
    if "summarize" in names:
        assert names["summarize"]("What is a cache?", language="de") == "A place to keep things."
        assert list(names["words"]("What is a cache?")) == ["A", "place", "to", "keep", "things."]
    else:
        names["cache"].get_or_call("What is a cache?", lambda: models.call("again"), model="gpt-4.1-mini")
    assert len(models.asked) == before


def test_every_field_and_method_is_told() -> None:
    told = {word for each in code(PYTHON) for word in re.findall(r"\w+", each)}
    assert set(CallFields.__annotations__) - {"prompt", "messages"} <= told
    block = "".join(blocks("docs/python.md"))
    for client in (PromptCache, AsyncPromptCache):
        methods = {name for name, _ in inspect.getmembers(client, inspect.isfunction) if name[0] != "_"}
        assert {name for name in methods if name not in told and f".{name}(" not in block} <= {"close"}
    errors = {name for name in prompt_cache_client.__all__ if name.endswith(("Error", "able", "Request", "ed"))}
    assert errors - {"Saved", "Stored"} <= told


def test_what_can_be_cached_of_a_function_is_told() -> None:
    options = inspect.signature(PromptCache.cached).parameters
    told = {word for each in code(section(PYTHON, "A function")) for word in re.findall(r"\w+", each)}
    assert {name for name in options if name not in ("self", "how")} <= told
