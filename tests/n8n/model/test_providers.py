"""The Prompt Cache Model with the chat models of every package that n8n ships, as LangChain calls them."""

import json
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stack import Sidecar, node_package
from stack.installation import run
from stack.n8n import n8n_program
from stack.node import node_home

PROVIDERS = (
    "openai-chat",
    "openai-responses",
    "azure",
    "anthropic",
    "gemini",
    "vertex",
    "ollama",
    "mistral",
    "groq",
)
HARNESS = Path(__file__).with_name("harness.cjs")
NODE_FILE = "package/dist/nodes/PromptCacheModel/PromptCacheModel.node.js"

Observation = Mapping[str, Any]


class Observed:
    """What one provider's models did, observation by observation."""

    def __init__(self, printed: str) -> None:
        told = json.loads(printed)
        self.seen: dict[str, Observation] = told["seen"]
        self.neighbours: dict[str, Observation] = told["neighbours"]
        self.leaks: list[str] = told["leaks"]

    def pair(self, name: str, first: str = "Miss") -> tuple[Observation, Observation]:
        return self.seen[name + first], self.seen[name + "Hit"]


@pytest.fixture(scope="module")
def observe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("models")
    with tarfile.open(node_package()) as package:
        package.extractall(folder, filter="data")
    modules = n8n_program().parents[2]
    with Sidecar(folder, env={"PROMPT_CACHE_STORE": "memory://"}) as sidecar:

        @cache
        def observed(provider: str) -> Observed:
            sidecar.client().post("/v1/flush", {"all": True})
            node = node_home() / "bin/node"
            command: list[str | Path] = [node, "--no-warnings", HARNESS, folder / NODE_FILE, provider, sidecar.url]
            printed = run(command, cwd=folder, env={"NODE_PATH": str(modules)})
            return Observed(printed.splitlines()[-1])

        yield observed


@pytest.fixture(params=PROVIDERS)
def observed(request: pytest.FixtureRequest, observe: Any) -> Observed:
    found: Observed = observe(request.param)
    return found


def assert_replayed(hit: Observation, text: str) -> None:
    """The provider was not asked, the answer is the same, and it cost nothing."""
    assert (hit["calls"], hit["text"]) == (0, text)
    assert [receipt["status"] for receipt in hit["receipts"]] == ["hit"]
    assert hit["traced"] == []


def test_repeated_call__is_answered_from_the_cache_however_it_is_made(observed: Observed) -> None:
    first = observed.seen["miss"]
    assert (first["calls"], first["cached"]) == (1, False)
    assert first["receipts"][0]["stored"] is True
    assert len(first["traced"]) == 1
    for name in ("hit", "sameInstanceHit", "streamAfterGenerateHit", "eventsAfterGenerateHit"):
        assert_replayed(observed.seen[name], first["text"])
    assert observed.seen["hit"]["usage"]["total_tokens"] == 0
    assert observed.seen["hit"]["receipts"][0]["saved"]["tokens"] == 12


@pytest.mark.parametrize("name", ["stream", "events", "nativeEvents", "bound", "configured", "resumed"])
def test_repeated_call__of_every_kind_makes_no_second_call(observed: Observed, name: str) -> None:
    miss, hit = observed.pair(name)
    assert miss["calls"] == 1
    assert_replayed(hit, miss["text"])


def test_streamed_answer__serves_calls_that_do_not_stream(observed: Observed) -> None:
    assert_replayed(observed.seen["generateAfterStreamHit"], observed.seen["streamMiss"]["text"])
    assert_replayed(observed.seen["boundStreamHit"], observed.seen["boundMiss"]["text"])


def test_neighbours__never_share_an_answer(observed: Observed) -> None:
    for name, neighbour in observed.neighbours.items():
        assert (neighbour["calls"], neighbour["cached"]) == (1, False), name
        assert "failed" not in neighbour, name
    texts = [neighbour["text"] for neighbour in observed.neighbours.values()]
    assert len(set(texts)) == len(texts)
    assert_replayed(observed.seen["imageHit"], observed.neighbours["image"]["text"])


def test_tool_calls__are_not_kept_by_default(observed: Observed) -> None:
    for name in ("toolCall", "toolCallAgain"):
        assert observed.seen[name]["calls"] == 1
        assert observed.seen[name]["receipts"][0]["refused"] == "tool_calls"


def test_tool_calls__kept_on_demand_are_replayed_exactly(observed: Observed) -> None:
    kept = observed.seen["keptToolCall"]
    assert [(call["name"], call["args"]) for call in kept["tool_calls"]] == [("calculator", {"input": "2+2"})]
    for name in ("keptToolCallHit", "keptToolCallStreamHit"):
        assert (observed.seen[name]["calls"], observed.seen[name]["tool_calls"]) == (0, kept["tool_calls"])
    streamed, again = observed.seen["streamedToolCall"], observed.seen["streamedToolCallHit"]
    assert (again["calls"], again["tool_calls"]) == (0, streamed["tool_calls"])
    assert streamed["tool_calls"]


def test_structured_output__is_an_answer_though_it_comes_as_a_tool_call(observed: Observed) -> None:
    miss, hit = observed.pair("structured")
    assert (miss["calls"], hit["calls"]) == (1, 0)
    assert hit["tool_calls"] == miss["tool_calls"] != []


@pytest.mark.parametrize("name", ["truncated", "truncatedStream"])
def test_truncated_answer__is_never_kept(observed: Observed, name: str) -> None:
    for observation in (observed.seen[name], observed.seen[f"{name}Again"]):
        assert (observation["calls"], observation["cached"]) == (1, False)
        assert observation["receipts"][0]["stored"] is False


def test_stream_that_is_broken_off__is_not_kept(observed: Observed) -> None:
    assert observed.seen["afterStop"]["calls"] == 1


def test_failure_of_the_model__reaches_the_caller_and_is_not_kept(observed: Observed) -> None:
    for name in ("refused", "refusedAgain"):
        assert observed.seen[name]["calls"] == 1
        assert observed.seen[name]["failed"]
        assert observed.seen[name]["receipts"][0]["refused"] == "model_failed"


def test_identical_calls_at_once__make_one_call(observed: Observed) -> None:
    together = observed.seen["together"]
    assert together["calls"] == 1
    assert len(set(together["texts"])) == 1


def test_secrets__never_leave(observed: Observed) -> None:
    assert observed.leaks == []
