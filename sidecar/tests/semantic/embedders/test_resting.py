"""An embedder that failed is left alone, and said to be so once."""

from collections.abc import Sequence

import pytest

from prompt_cache.semantic.embedders.base import Embedded, Embedder, EmbedderStarting, EmbedderUnavailable
from prompt_cache.semantic.embedders.resting import REST, RestingEmbedder
from sidecar.tests.support import Clock


class Failing(Embedder):
    name, threshold = "failing", None

    def __init__(self) -> None:
        self.asked = 0
        self.failure: EmbedderUnavailable | None = EmbedderUnavailable("it did not answer within 5 s")

    def embed(self, texts: Sequence[str]) -> Embedded:
        self.asked += 1
        if self.failure:
            raise self.failure
        return Embedded([b"vector"] * len(texts))


class Resting:
    def __init__(self, clock: Clock) -> None:
        self.reports: list[tuple[str, str]] = []
        self.failing = Failing()
        self.embedder = RestingEmbedder(self.failing, lambda *told: self.reports.append(told), clock=clock)

    def fails(self, match: str = "did not answer") -> None:
        with pytest.raises(EmbedderUnavailable, match=match):
            self.embedder.embed(["a"])


@pytest.fixture
def resting(clock: Clock) -> Resting:
    return Resting(clock)


def test_embed__is_not_asked_again_for_a_while(resting: Resting, clock: Clock) -> None:
    for _ in range(10):
        resting.fails()
    assert resting.failing.asked == 1
    assert resting.reports == [("embedder_unavailable", "it did not answer within 5 s")]
    clock.turn(REST - 0.01)
    resting.fails("left alone")
    clock.turn(0.02)
    resting.fails()
    resting.fails("left alone")
    assert resting.failing.asked == 2
    assert len(resting.reports) == 2


def test_embed__is_asked_by_everybody_once_it_answers(resting: Resting, clock: Clock) -> None:
    resting.fails()
    resting.failing.failure = None
    clock.turn(REST)
    for _ in range(3):
        assert resting.embedder.embed(["a"]).vectors == [b"vector"]
    assert resting.failing.asked == 4


def test_embed__lets_one_try_while_the_others_go_on_failing(resting: Resting, clock: Clock) -> None:
    resting.fails()
    clock.turn(REST)
    during: list[str] = []

    def embed(texts: Sequence[str]) -> Embedded:
        with pytest.raises(EmbedderUnavailable) as told:
            resting.embedder.embed(["b"])
        during.append(str(told.value))
        return Embedded([b"vector"] * len(texts))

    resting.failing.embed = embed  # type: ignore[method-assign]
    assert resting.embedder.embed(["a"]).vectors == [b"vector"]
    assert during == ["it did not answer within 5 s (it is left alone for a few seconds)"]


def test_embed__says_once_what_several_found_at_the_same_time(resting: Resting) -> None:
    def embed(texts: Sequence[str]) -> Embedded:  # noqa: ARG001
        if resting.failing.asked < 3:  # the others have asked before the first has failed
            resting.failing.asked += 1
            resting.fails()
        raise EmbedderUnavailable("it did not answer within 5 s")

    resting.failing.embed = embed  # type: ignore[method-assign]
    resting.fails()
    assert len(resting.reports) == 1


def test_embed__does_not_rest_for_one_that_starts(resting: Resting) -> None:
    resting.failing.failure = EmbedderStarting("its process is starting")
    resting.fails("is starting")
    resting.fails("is starting$")
    assert resting.failing.asked == 2
    assert resting.reports == []
    resting.failing.failure = None
    assert resting.embedder.embed(["a"]).vectors
