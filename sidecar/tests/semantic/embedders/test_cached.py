"""Texts that are known: embedded once, however many ask."""

import threading
from collections.abc import Sequence

import pytest

from prompt_cache.semantic.embedders.base import Embedded, Embedder, EmbedderUnavailable
from prompt_cache.semantic.embedders.cached import CachedEmbedder


class Counting(Embedder):
    """Tells what it was asked; waits for a gate, and fails when it is told to."""

    name, threshold = "counting", 0.6

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.failure: BaseException | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)

    def embed(self, texts: Sequence[str]) -> Embedded:
        self.asked.append(list(texts))
        self.entered.release()
        assert self.gate.wait(10)
        if self.failure:
            raise self.failure
        return Embedded([text.encode() * 4 for text in texts], len(texts))


@pytest.fixture
def counting() -> Counting:
    return Counting()


def test_embed__asks_for_what_is_new_alone_and_keeps_the_order(counting: Counting) -> None:
    cached = CachedEmbedder(counting)
    assert (cached.name, cached.threshold) == ("counting", 0.6)
    assert cached.embed(["a", "b"]) == Embedded([b"aaaa", b"bbbb"], 2)
    assert cached.embed(["b", "c", "a", "c"]) == Embedded([b"bbbb", b"cccc", b"aaaa", b"cccc"], 1)
    assert cached.embed(["c", "a"]) == Embedded([b"cccc", b"aaaa"], 0)
    assert counting.asked == [["a", "b"], ["c"]]


def test_embed__forgets_what_was_asked_longest_ago(counting: Counting) -> None:
    cached = CachedEmbedder(counting, room=2 * 204)
    cached.embed(["a", "b"])
    cached.embed(["a"])
    cached.embed(["c"])
    counting.asked.clear()
    cached.embed(["a", "c"])
    assert counting.asked == []
    cached.embed(["b"])
    assert counting.asked == [["b"]]


def test_embed__knows_nothing_that_is_larger_than_its_room(counting: Counting) -> None:
    cached = CachedEmbedder(counting, room=100)
    assert cached.embed(["a", "b"]).vectors == [b"aaaa", b"bbbb"]
    assert cached.embed(["a"]).tokens == 1


def test_embed__asks_once_for_what_several_ask_at_the_same_time(counting: Counting) -> None:
    cached = CachedEmbedder(counting)
    counting.gate.clear()
    found: list[Embedded] = []
    first = threading.Thread(target=lambda: found.append(cached.embed(["a", "b"])))
    first.start()
    assert counting.entered.acquire(timeout=10)
    others = [threading.Thread(target=lambda: found.append(cached.embed(["b", "a"]))) for _ in range(8)]
    others.append(threading.Thread(target=lambda: found.append(cached.embed(["c", "a"]))))
    for each in others:
        each.start()
    assert counting.entered.acquire(timeout=10)
    counting.gate.set()
    for each in (first, *others):
        each.join(10)
    assert sorted(counting.asked) == [["a", "b"], ["c"]]
    assert len(found) == 10
    assert sum(each.tokens for each in found) == 3
    assert {tuple(each.vectors) for each in found} == {(b"aaaa", b"bbbb"), (b"bbbb", b"aaaa"), (b"cccc", b"aaaa")}


@pytest.mark.parametrize("failure", [EmbedderUnavailable("gone"), RuntimeError("a bug")])
def test_embed__tells_who_waits_that_it_failed_and_forgets_it(counting: Counting, failure: Exception) -> None:
    cached = CachedEmbedder(counting)
    counting.gate.clear()
    counting.failure = failure
    told: list[BaseException] = []

    def ask() -> None:
        try:
            cached.embed(["a"])
        except Exception as error:
            told.append(error)

    first = threading.Thread(target=ask)
    first.start()
    assert counting.entered.acquire(timeout=10)
    second = threading.Thread(target=ask)
    second.start()
    counting.gate.set()
    for each in (first, second):
        each.join(10)
    assert failure in told
    assert all(error is failure or isinstance(error, EmbedderUnavailable) for error in told)
    counting.failure = None
    assert cached.embed(["a"]).vectors == [b"aaaa"]


def test_embed__takes_halves_of_characters(counting: Counting) -> None:
    cached = CachedEmbedder(counting)
    assert cached.embed(["half \ud83d"]).vectors == cached.embed(["half \ud83d"]).vectors
    assert counting.asked == [["half ?"]]
