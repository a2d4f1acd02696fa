"""Answers to other words, by a cache server with an embedder and by a cache in this process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from langchain_core.language_models import FakeListChatModel

from prompt_cache_client import BadRequest, PromptCache
from prompt_cache_client.langchain import PromptCacheLLMCache
from stack import Sidecar

from ..embedding import Embedding
from .conftest import TOKEN

RESET, RESET_TOO = "How do I reset my password?", "How can I reset my password?"
ENABLE, DISABLE = "How do I enable two-factor login?", "How do I disable two-factor login?"
SEMANTIC: dict[str, Any] = {"match": "semantic"}


@pytest.fixture(scope="module")
def embedding() -> Iterator[Embedding]:
    with Embedding() as embedding:
        yield embedding


@pytest.fixture(scope="module")
def similar(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Sidecar]:
    settings = {"PROMPT_CACHE_STORE": "memory://", "PROMPT_CACHE_EMBEDDER": embedding.settings}
    with Sidecar(tmp_path_factory.mktemp("similar"), env=settings, token=TOKEN) as sidecar:
        yield sidecar


@pytest.fixture(params=["http", "memory", "sqlite"])
def cache(
    request: pytest.FixtureRequest, similar: Sidecar, embedding: Embedding, tmp_path: Path
) -> Iterator[PromptCache]:
    embedding.away = False
    settings = {"embedder": yaml.safe_load(embedding.settings)}
    how: dict[str, Any] = {"namespace": f"n-{uuid4().hex[:12]}", "timeout": 10}
    match request.param:
        case "http":
            how |= {"url": similar.url, "token": TOKEN}
        case "memory":
            how |= {"url": "memory://", "settings": settings}
        case "sqlite":
            how |= {"url": f"sqlite:///{tmp_path}/cache.db", "settings": settings}
    with PromptCache(**how) as cache:
        yield cache
    embedding.away = False


def learn(cache: PromptCache, question: str, answer: str) -> str:
    """As a call does it: what is looked up by meaning is kept for other words."""
    missed = cache.lookup(question, match="semantic")
    assert missed.status == "miss"
    return cache.store(answer, key=missed.key, ticket=missed.ticket).key


def test_other_words_are_answered_and_what_differs_is_told(cache: PromptCache) -> None:
    key = learn(cache, RESET, "Under Settings.")
    learn(cache, ENABLE, "With an app.")
    found = cache.lookup(RESET_TOO, match="semantic")
    assert (found.status, found.response, found.match) == ("hit", "Under Settings.", "semantic")
    assert found.matched is not None
    assert (found.matched.key, found.matched.question) == (key, RESET)
    assert found.key != key
    assert found.similarity is not None
    assert cache.lookup(RESET_TOO).status == "miss"
    assert cache.lookup(RESET_TOO, match="semantic", threshold=0.99).status == "miss"

    alike, missed = cache.lookup_many([RESET_TOO, DISABLE], match="semantic", explain=True)
    assert alike.matched == found.matched
    assert (missed.status, (missed.reason or "")[:6]) == ("miss", "guard:")
    assert missed.explanation is not None
    assert missed.explanation["nearest"][0]["question"] == ENABLE


def test_what_was_said_of_an_answer_holds(cache: PromptCache) -> None:
    key = learn(cache, RESET, "Under Settings.")
    assert cache.reject(key, RESET_TOO) is True
    missed = cache.lookup(RESET_TOO, match="semantic")
    assert (missed.status, missed.reason) == ("miss", "rejected")
    assert cache.accept(key, "Where do I put in a new one?") is True
    assert cache.lookup("Where do I put in a new one?").response == "Under Settings."
    assert cache.reject(key, RESET) is True
    assert cache.lookup(RESET).status == "miss"
    assert cache.accept(key, RESET_TOO) is False


def test_calls_and_functions_take_the_answer_to_other_words(cache: PromptCache) -> None:
    asked: list[str] = []

    @cache.cached(match="semantic")
    def answer(question: str) -> str:
        asked.append(question)
        return f"to: {question}"

    assert answer(RESET) == answer(RESET_TOO) == f"to: {RESET}"
    assert [answer(ENABLE), answer(DISABLE)] == [f"to: {ENABLE}", f"to: {DISABLE}"]
    assert asked == [RESET, ENABLE, DISABLE]
    assert cache.get_or_call(RESET, lambda: "one", **SEMANTIC) == "one"
    assert cache.get_or_call(RESET_TOO, lambda: "two", **SEMANTIC) == "one"
    assert cache.get_or_call(RESET_TOO, lambda: "two") == "two"


def test_models_of_langchain_take_the_answer_to_other_words(cache: PromptCache) -> None:
    model = FakeListChatModel(responses=["one", "two"], cache=PromptCacheLLMCache(cache, match="semantic"))
    assert [model.invoke(each).content for each in (RESET, RESET_TOO, ENABLE)] == ["one", "one", "two"]


def test_an_embedder_that_is_away_fails_no_call(cache: PromptCache, embedding: Embedding) -> None:
    cache.get_or_call(RESET, lambda: "one", **SEMANTIC)
    embedding.away = True
    other = f"How might {uuid4().hex} reset my password?"
    assert cache.lookup(other, match="semantic").reason == "embedder_unavailable"
    assert cache.get_or_call(other, lambda: "two", **SEMANTIC) == "two"
    assert cache.get_or_call(RESET, lambda: "three", **SEMANTIC) == "one"


def test_what_cannot_be_matched_so_is_refused(cache: PromptCache, server: Sidecar) -> None:
    with pytest.raises(BadRequest, match="threshold"):
        cache.lookup("q", match="semantic", threshold=0.1)
    with PromptCache(server.url, token=TOKEN) as without:
        with pytest.raises(BadRequest, match="embedder"):
            without.lookup("q", match="semantic")
        assert without.get_or_call("q", lambda: "answered", **SEMANTIC) == "answered"
