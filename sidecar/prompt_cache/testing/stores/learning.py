"""What is learned of pairs of questions, on any engine, and by several workers."""

import time
from collections.abc import Iterator

import msgspec
import pytest

from ...core.cache import PromptCache
from ...core.filters import EntryFilter
from ...core.learning.doubts import Doubt, Doubts
from ...core.learning.evidence import Evidence
from ...core.learning.pairs import Pairs, Said
from ...core.lookup import Lookup
from ...core.store import NewEntry
from ...keying.keys import Keyer
from ...keying.request import Request
from ...stores.base import Store
from .harness import Harness

_ANSWER = msgspec.json.encode({"answer": "Click on Forgot"})
_ONE, _OTHER = "1" * 64, "2" * 64


class Learning(Harness):
    def test_an_alias_is_there_as_long_as_its_original(self, store: Store) -> None:
        cache = PromptCache(store)
        for take_out in (
            lambda key: cache.delete(key),
            lambda key: cache.reject(key),
            lambda key: cache.invalidate(EntryFilter(key=key)),
            lambda key: cache.store(NewEntry(key=key, response=b'{"answer": "another"}')),
            lambda key: store.delete([key]),
            lambda _: cache.flush("default"),
        ):
            key = _answered(cache, "How do I reset my password?")
            alias, _ = cache.accept(key, Request(prompt="I forgot my password"))
            assert _status(cache, "I forgot my password") == "hit"
            take_out(key)
            assert _status(cache, "I forgot my password") == "miss"
            assert alias not in dict(cache.entries(EntryFilter())[0])
            cache.flush("default")

    def test_what_was_said_of_a_pair_outlives_its_namespace(self, store: Store) -> None:
        pairs = _pairs(store)
        pairs.say("default", _ONE, _OTHER, _said(same=False))
        PromptCache(store).flush()
        store.sweep()
        assert pairs.known(_OTHER, [_ONE])[_ONE].same is False
        assert pairs.known(_OTHER, ["3" * 64]) == {}
        assert PromptCache(store).sizes() == {}

    def test_people_are_heard_before_a_model(self, store: Store) -> None:
        pairs = _pairs(store)
        for by, same in (("people", False), ("verifier", True), ("shadow", True)):
            pairs.say("default", _ONE, _OTHER, Said(same=same, by=by, at=time.time()))  # type: ignore[arg-type]
        assert pairs.known(_ONE, [_OTHER])[_OTHER].by == "people"

    def test_evidence_moves_with_what_is_said(self, store: Store) -> None:
        evidence = Evidence(store, "words", time.time)
        for _ in range(300):
            evidence.move("default", None, ("0.94", True))
        assert evidence.missing("default", 0.95, 0.01) is None
        assert evidence.missing("default.2", 0.95, 0.01) is not None
        evidence.move("default", ("0.94", True), ("0.94", False))
        missing = evidence.missing("default", 0.95, 0.01)
        assert missing is not None
        assert "of 300 compared 1 were wrong" in missing
        assert Evidence(store, "another", time.time).missing("default", 0.95, 0.01) is not None

    def test_doubts_wait_in_order_and_until_they_are_due(self, store: Store) -> None:
        now = time.time()
        doubts = Doubts(store, lambda: now, iter(map(str, range(100))).__next__)
        for name in ("first", "second"):
            doubts.add(name, _doubt(name))
            now += 0.01
        doubts.add("first", _doubt("first again"))  # it waits already
        assert _judged(doubts, again=True) == "first"
        assert [_judged(doubts), _judged(doubts)] == ["second", None]
        now += 10
        assert [_judged(doubts), _judged(doubts)] == ["first", None]


class LearningTogether(Harness):
    @pytest.fixture
    def other_worker(self, url: str, store: Store) -> Iterator[Store]:  # noqa: ARG002 - opened after the first
        """A second handle, as a second worker has it."""
        other = self.open(url)
        yield other
        other.close()

    def test_what_is_learned_is_known_at_once(self, store: Store, other_worker: Store) -> None:
        here, there = PromptCache(store), PromptCache(other_worker)
        key = _answered(here, "How do I reset my password?")
        there.accept(key, Request(prompt="I forgot my password"))
        assert _status(here, "I forgot my password") == "hit"
        assert here.reject(key, Request(prompt="I forgot my password")) == 1
        assert _status(there, "I forgot my password") == "miss"
        for same in (True, False) * 5:
            _pairs(store).say("default", _ONE, _OTHER, _said(same=same))
            assert _pairs(other_worker).known(_ONE, [_OTHER])[_OTHER].same is same

    def test_no_two_judge_the_same(self, store: Store, other_worker: Store) -> None:
        tokens = iter(map(str, range(100))).__next__
        here, there = (Doubts(each, time.time, tokens) for each in (store, other_worker))
        here.add("only", _doubt("only"))
        with here.next() as ours, there.next() as theirs:
            assert ours is not None
            assert theirs is None
            here.done(ours)
        assert _judged(there) is None

    def test_who_breaks_off_leaves_it_to_another(self, store: Store, other_worker: Store) -> None:
        tokens = iter(map(str, range(100))).__next__
        here, there = (Doubts(each, time.time, tokens) for each in (store, other_worker))
        here.add("only", _doubt("only"))
        with pytest.raises(KeyboardInterrupt), here.next():
            raise KeyboardInterrupt
        assert _judged(there) == "only"


def _answered(cache: PromptCache, prompt: str) -> str:
    key = cache.lookup(Lookup(request=Request(prompt=prompt))).key
    assert cache.store(NewEntry(key=key, response=_ANSWER)).stored
    return key


def _status(cache: PromptCache, prompt: str) -> str:
    return cache.lookup(Lookup(request=Request(prompt=prompt))).status


def _pairs(store: Store) -> Pairs:
    return Pairs(store, Keyer(), lambda _event, _what: None)


def _said(*, same: bool) -> Said:
    return Said(same=same, by="people", at=time.time())


def _doubt(asked: str) -> Doubt:
    return Doubt(kind="questions", namespace="default", asked=asked, key="k", created=1.0, similarity=0.9)


def _judged(doubts: Doubts, *, again: bool = False) -> str | None:
    """Which one waits longest; it is judged, or tried again later."""
    with doubts.next() as waiting:
        if waiting is None:
            return None
        if again:
            assert doubts.again(waiting)
        else:
            doubts.done(waiting)
        return waiting.doubt.asked
