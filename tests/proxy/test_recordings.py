"""Recorded once with a provider, replayed without one: `prompt-cache record` and `prompt-cache replay`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from openai import APIStatusError, OpenAI

from stack import Sidecar
from stack.processes import free_port

from .calls import CHAT, KEY, KINDS, Caller, fate, text_of, told
from .conftest import settings
from .upstream import Upstream


def _nobody() -> Upstream:
    """A provider that is not there, at an address of its own."""
    gone = Upstream()
    gone.url = f"http://127.0.0.1:{free_port()}"
    return gone


@contextmanager
def serving(folder: Path, mode: str, file: Path, upstream: Upstream | None = None, **env: str) -> Iterator[Caller]:
    with Sidecar(folder, mode, str(file), env={**settings(upstream or _nobody()), **env}) as sidecar:
        caller = Caller(sidecar.url)
        yield caller
        caller.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cassettes")


@pytest.fixture(scope="module")
def cassette(folder: Path) -> tuple[Path, dict[str, requests.Response]]:
    """A cassette of each kind of call, plain and streamed, and what was answered when it was recorded."""
    file, answers = folder / "all.jsonl", {}
    with Upstream() as upstream, serving(folder, "record", file, upstream) as caller:
        for kind in KINDS:
            answers["stream " + kind.stream_path] = caller.ask(f"Stream {kind.stream_path}?", kind, stream=True)
            answers[kind.path] = caller.ask(f"Plain {kind.path}?", kind)
        assert upstream.calls == 15  # Gemini's two ways to stream share one plain call
        upstream.tool_calls = True
        answers["tools"] = caller.ask("Which tool?")
        answers["vectors"] = caller.send("POST", "/openai/v1/embeddings", json={"model": "e", "input": ["a", "b"]})
    return file, answers


@pytest.fixture(scope="module")
def replay(folder: Path, cassette: tuple[Path, Any]) -> Iterator[Caller]:
    with serving(folder, "replay", cassette[0]) as caller:
        yield caller


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.stream_path)
@pytest.mark.parametrize("stream", [False, True])
def test_every_kind_of_call_is_replayed_as_it_was(
    replay: Caller, cassette: tuple[Path, dict[str, requests.Response]], kind: Any, stream: bool
) -> None:
    path = kind.stream_path if stream else kind.path
    again = replay.ask(f"{'Stream' if stream else 'Plain'} {path}?", kind, stream=stream, key="another-key")
    assert fate(again) == "hit"
    assert told(again) == told(cassette[1]["stream " + path if stream else path])


def test_what_was_recorded_streamed_is_replayed_plain_and_the_reverse(replay: Caller) -> None:
    assert text_of(replay.ask(f"Stream {CHAT.path}?"))
    assert text_of(replay.ask(f"Plain {CHAT.path}?", stream=True))


def test_calls_of_tools_and_vectors_are_replayed(
    replay: Caller, cassette: tuple[Path, dict[str, requests.Response]]
) -> None:
    assert replay.ask("Which tool?").json() == cassette[1]["tools"].json()
    vectors = replay.send("POST", "/openai/v1/embeddings", json={"model": "e", "input": ["b", "a"]}).json()["data"]
    recorded = cassette[1]["vectors"].json()["data"]
    assert [each["embedding"] for each in vectors] == [each["embedding"] for each in reversed(recorded)]


@pytest.mark.parametrize("directive", ["no-cache", "no-store", "max-age=0"])
def test_no_header_leads_past_the_cassette(replay: Caller, directive: str) -> None:
    assert fate(replay.ask(f"Plain {CHAT.path}?", Cache_Control=directive)) == "hit"


def test_whose_organization_pays_is_no_other_question(tmp_path: Path) -> None:
    """Other tests have other keys; what else a header says counts."""
    file = tmp_path / "paid.jsonl"
    with Upstream() as upstream, serving(tmp_path, "record", file, upstream) as caller:
        caller.ask("Who pays?", OpenAI_Organization="org-1", OpenAI_Project="proj-1")
        assert fate(caller.ask("Who pays?")) == "hit"
        assert fate(caller.ask("Who pays?", OpenAI_Beta="assistants=v2")) != "hit"
        assert upstream.seen[0].headers["openai-organization"] == "org-1"
    assert "org-1" not in file.read_text(encoding="utf-8")


def test_keys_and_addresses_are_not_in_the_file(cassette: tuple[Path, Any]) -> None:
    text = cassette[0].read_text(encoding="utf-8")
    assert KEY not in text
    assert "127.0.0.1" not in text
    assert [json.loads(line) for line in text.splitlines()]


def test_the_openai_sdk_is_told_what_differs(replay: Caller) -> None:
    client = OpenAI(base_url=f"{replay.url}/openai/v1", api_key="none")
    with pytest.raises(APIStatusError) as raised:
        client.chat.completions.create(
            model="gpt-4o-mini",
            temperature=0.5,
            messages=[{"role": "user", "content": f"Plain {CHAT.path}?"}],
        )
    assert raised.value.status_code == 424
    assert raised.value.body["type"] == "prompt_cache_not_recorded"  # type: ignore[index]
    assert "params.temperature (recorded nothing, asked 0.5)" in raised.value.message


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.stream_path)
def test_what_is_not_recorded_is_told_in_each_providers_way(replay: Caller, kind: Any) -> None:
    answer = replay.ask("Never asked before?", kind)
    assert answer.status_code == 424
    assert "this request is not recorded in" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/openai/v1/models", None),
        ("POST", "/openai/v1/images/generations", {"prompt": "a cat"}),
        ("POST", "/openai/v1/chat/completions", {"model": "m", "n": 2, "messages": [{"role": "user", "content": "?"}]}),
        ("POST", "/openai/v1/chat/completions", [1]),
        ("POST", "/openai/v1/embeddings", {"model": "e", "input": ["a", "never"]}),
    ],
)
def test_nothing_goes_on_to_a_provider(
    folder: Path, cassette: tuple[Path, Any], method: str, path: str, body: Any
) -> None:
    with Upstream() as upstream, serving(folder, "replay", cassette[0], upstream) as caller:
        answer = caller.send(method, path, json=body)
        assert answer.status_code == 424
        assert "prompt_cache_not_recorded" in answer.text
        assert upstream.seen == []


def test_the_native_api_replays_and_records_too(tmp_path: Path) -> None:
    file = tmp_path / "native.jsonl"
    asked = {"prompt": "What is a cache?", "model": "gpt-4o-mini"}
    with serving(tmp_path, "record", file) as caller:
        miss = caller.send("POST", "/v1/lookup", json=asked).json()
        stored = {"key": miss["key"], "ticket": miss["ticket"], "response": {"text": "A place."}}
        assert caller.send("POST", "/v1/store", json=stored).json()["stored"]
    with serving(tmp_path, "replay", file) as caller:
        assert caller.send("POST", "/v1/lookup", json=asked).json()["response"] == {"text": "A place."}
        another: dict[str, Any] = {**asked, "model": "gpt-4.1"}
        for path, body in (("lookup", another), ("lookup/batch", {"items": [asked, another]})):
            answer = caller.send("POST", f"/v1/{path}", json=body)
            assert answer.status_code == 424
            assert answer.json()["type"] == "urn:prompt-cache:problem:not-recorded"
        assert 'model (recorded "gpt-4o-mini", asked "gpt-4.1")' in answer.json()["detail"]
        assert answer.json()["errors"][0]["loc"] == ["items", 1]


def test_namespaces_may_differ_in_their_modes(tmp_path: Path) -> None:
    """In one server: one namespace is recorded into, others go on caching; several workers write one file."""
    namespaces = json.dumps({"ci": {"mode": "record", "cassette": "ci.jsonl"}})
    with Upstream() as upstream:
        env = {**settings(upstream), "PROMPT_CACHE_NAMESPACES": namespaces}
        with Sidecar(tmp_path, env=env) as sidecar:
            caller = Caller(sidecar.url)
            for at in range(20):
                for _ in range(2):
                    caller.ask(f"Question {at}?", X_Prompt_Cache_Namespace="ci")
                caller.ask(f"Question {at}?")
            caller.close()
        assert upstream.calls == 40
    recorded = [json.loads(line) for line in (tmp_path / "ci.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["request"]["prompt"] for line in recorded[1:]] == [f"Question {at}?" for at in range(20)]


def test_at_its_end_it_says_what_was_done(tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    with Upstream() as upstream, Sidecar(tmp_path, "record", str(file), env=settings(upstream)) as sidecar:
        caller = Caller(sidecar.url)
        for question in ("One?", "Two?", "One?"):
            caller.ask(question)
        caller.close()
    assert f"answers recorded in {file}: 2\n" in sidecar.log.read_text(encoding="utf-8")
    with Sidecar(tmp_path, "replay", str(file), env=settings(_nobody())) as sidecar:
        caller = Caller(sidecar.url)
        assert fate(caller.ask("Two?")) == "hit"
        caller.close()
    assert f"lines of {file} that nothing asked for: 2\n" in sidecar.log.read_text(encoding="utf-8")
