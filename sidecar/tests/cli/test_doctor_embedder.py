"""What `prompt-cache doctor` finds of what embeds."""

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

from prompt_cache.cli.doctor import Finding, Situation
from prompt_cache.cli.doctor.embedder import embedder as check
from prompt_cache.config import Config
from prompt_cache.config.schema import EmbedderSettings, NamespaceSettings
from prompt_cache.semantic.embedders.base import Embedded
from sidecar.tests.semantic.embedders.servers import FakeServer, fake_server

KEY = "sk-swordfish"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server


def found(embedder: Any, **settings: Any) -> list[Finding]:
    findings = list(check(Situation(config=Config(embedder=embedder, **settings))))
    assert KEY not in str(findings)
    return findings


def remote(server: FakeServer, **settings: Any) -> EmbedderSettings:
    return EmbedderSettings(url=server.url, model="m", key=KEY, **settings)


def test_embedder__is_not_needed() -> None:
    (finding,) = found(None)
    assert finding.state == "ok"


def test_embedder__is_asked_for_two_words(server: FakeServer) -> None:
    (finding,) = found(remote(server, threshold=0.7))
    assert finding.state == "ok"
    assert f"m at {server.url} makes vectors of 3 numbers; a text takes" in finding.says
    assert server.sizes == [1, 1]


def test_embedder__was_not_measured(server: FakeServer) -> None:
    finding, advice = found(remote(server))
    assert (finding.state, advice.state) == ("ok", "advice")
    assert "calibrate" in advice.do


@pytest.mark.parametrize(
    ("answer", "says"), [((401, b""), "does not accept the key"), (b"<html>", "did not answer with embeddings")]
)
def test_embedder__does_not_work(server: FakeServer, answer: Any, says: str) -> None:
    server.answer = lambda _asked, _: answer
    (finding,) = found(remote(server, threshold=0.7))
    assert finding.state == "mend"
    assert says in finding.says


@pytest.mark.parametrize(("url", "others"), [("http://embed.example.com/v1", 1), ("https://embed.example.com/v1", 0)])
def test_embedder__whose_key_could_be_read_on_its_way(monkeypatch: pytest.MonkeyPatch, url: str, others: int) -> None:
    vectors = Embedded([b"\0" * 16], 1)
    monkeypatch.setattr("prompt_cache.semantic.embedders.http.HttpEmbedder.embed", lambda *_: vectors)
    findings = found(EmbedderSettings(url=url, model="m", key=KEY, threshold=0.7))
    assert [finding.state for finding in findings] == ["ok"] + ["advice"] * others
    assert all("unencrypted" in finding.says for finding in findings[1:])


def test_embedder__needs_a_threshold(server: FakeServer) -> None:
    (finding,) = found(remote(server), namespaces={"faq": NamespaceSettings(match="semantic")})
    assert finding.state == "mend"
    assert "`embedder.threshold`, or `namespaces.faq.threshold`" in finding.says
    assert server.asked == []


def test_embedder__is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "prompt_cache.service.embedder.find_spec", lambda name: None if name == "ctranslate2" else find(name)
    )
    (finding,) = found("local")
    assert finding.state == "mend"
    assert finding.says == "needs what is not installed (ctranslate2)"
    assert finding.do == "pip install 'prompt-cache-sidecar[local]'"
