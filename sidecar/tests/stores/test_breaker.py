"""The circuit breaker around a store, state by state."""

from collections.abc import Callable, Iterator, Sequence
from inspect import getmembers, isfunction

import pytest

from prompt_cache.stores import (
    CounterRow,
    RecordQuery,
    Store,
    StoreFull,
    StoreUnavailable,
    VectorStore,
    VectorsUnsupported,
    open_store,
)
from prompt_cache.stores.breaker import FAILURES, PAUSE, Breaker, BreakerStore, behind_breaker
from prompt_cache.stores.memory import MemoryStore
from prompt_cache.stores.through import Through, ThroughVectors
from prompt_cache.testing.stores import StoreConformance, VectorConformance
from prompt_cache.testing.stores.harness import record

TIMEOUT = 2.0


class TestBehindABreaker(StoreConformance, VectorConformance):
    @pytest.fixture
    def url(self) -> str:
        return "memory://"

    @staticmethod
    def open(url: str) -> Store:
        return behind_breaker(open_store(url), TIMEOUT)


class Hanging(MemoryStore):
    """Answers, hangs until its caller gives up, or fails at once; a clock of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.failure: StoreUnavailable | None = None
        self.patience = TIMEOUT
        self.asked = 0

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        self.asked += 1
        self.ping()
        return [b"body"] * len(keys)

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        self.ping()
        yield CounterRow(since, until, {})

    def ping(self) -> None:
        if self.failure:
            self.now += self.patience
            raise self.failure


class Bench:
    """A store, its breaker, and probes that run when they are told to."""

    def __init__(self) -> None:
        self.engine = Hanging()
        self.probes: list[Callable[[], None]] = []
        self.pauses: list[float] = []
        self.between: Callable[[], None] = lambda: None
        breaker = Breaker(
            self.engine.ping,
            TIMEOUT,
            clock=lambda: self.engine.now,
            sleep=self._sleep,
            start=self.probes.append,
        )
        self.store = BreakerStore(self.engine, TIMEOUT, breaker=breaker)

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.between()

    def fail(self, times: int) -> list[float]:
        """How long each of some callers waited for its StoreUnavailable."""
        waited = []
        for _ in range(times):
            began = self.engine.now
            with pytest.raises(StoreUnavailable, match="hangs"):
                self.store.get(["k"])
            waited.append(self.engine.now - began)
        return waited


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.engine.failure = StoreUnavailable("it hangs")
    return bench


def test_the_first_callers_wait_and_the_others_are_told_at_once(bench: Bench) -> None:
    assert bench.fail(64) == [TIMEOUT] * FAILURES + [0.0] * (64 - FAILURES)
    assert bench.engine.asked == FAILURES
    assert len(bench.probes) == 1, "one probe, however many wait"


def test_it_closes_when_a_probe_is_answered(bench: Bench) -> None:
    bench.fail(FAILURES)

    def mend() -> None:
        assert bench.fail(1) == [0.0]
        if len(bench.pauses) == 3:
            bench.engine.failure = None

    bench.between = mend
    (probe,) = bench.probes
    probe()
    assert bench.pauses == [PAUSE] * 3
    assert bench.store.get(["k"]) == [b"body"]


def test_it_opens_again_when_it_hangs_again(bench: Bench) -> None:
    for turn in range(1, 4):
        bench.engine.failure = StoreUnavailable("it hangs")
        assert bench.fail(FAILURES + 2) == [TIMEOUT] * FAILURES + [0.0, 0.0]
        assert len(bench.probes) == turn
        bench.engine.failure = None
        bench.probes[-1]()
        assert bench.store.get(["k"]) == [b"body"]


def test_an_answer_in_between_keeps_it_closed(bench: Bench) -> None:
    failure = bench.engine.failure
    for _ in range(5):
        bench.engine.failure = failure
        assert bench.fail(FAILURES - 1) == [TIMEOUT] * (FAILURES - 1)
        bench.engine.failure = None
        bench.store.get(["k"])
    assert bench.probes == []


def test_failures_that_cost_no_time_leave_it_closed(bench: Bench) -> None:
    bench.engine.patience = 0.01
    bench.fail(20)
    assert bench.engine.asked == 20
    assert bench.probes == []


def test_a_full_engine_is_an_answering_one(bench: Bench) -> None:
    bench.engine.failure = StoreFull("it hangs on, being full")
    for _ in range(20):
        with pytest.raises(StoreFull):
            bench.store.get(["k"])
    assert bench.probes == []


def test_what_comes_bit_by_bit_counts_too(bench: Bench) -> None:
    for _ in range(FAILURES):
        with pytest.raises(StoreUnavailable):
            list(bench.store.counters("a", "b"))
    assert bench.fail(1) == [0.0]
    bench.engine.failure = None
    bench.probes[0]()
    assert list(bench.store.counters("a", "b")) == [CounterRow("a", "b", {})]


def test_a_closed_store_is_probed_no_more(bench: Bench) -> None:
    bench.fail(FAILURES)
    bench.between = bench.store.close
    bench.probes[0]()
    assert bench.pauses == [PAUSE]


def test_after_a_fork_the_child_probes_by_itself(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.fail(FAILURES)
    monkeypatch.setattr("prompt_cache.stores.breaker.os.getpid", lambda: -1)
    assert bench.fail(3) == [0.0] * 3
    assert len(bench.probes) == 2
    bench.engine.failure = None
    bench.probes[1]()
    assert bench.store.get(["k"]) == [b"body"]


def test_every_method_of_a_store_goes_through_it() -> None:
    wanted = {name for name, _ in getmembers(Store, isfunction) if not name.startswith("_")}
    assert wanted - set(vars(Through)) == set()
    vectors = {name for name, _ in getmembers(VectorStore, isfunction) if not name.startswith("_")}
    assert vectors - set(vars(ThroughVectors)) == set()


def test_it_has_vectors_if_the_store_has_them(bench: Bench) -> None:
    assert not isinstance(behind_breaker(open_store("null://"), 1.0), VectorStore)
    store = behind_breaker(bench.engine, TIMEOUT)
    assert isinstance(store, VectorStore)


def test_vectors_that_are_unsupported_do_not_open_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.engine.failure = None
    store = behind_breaker(bench.engine, TIMEOUT)
    assert isinstance(store, VectorStore)

    def unsupported() -> None:
        raise VectorsUnsupported("not here")

    monkeypatch.setattr(bench.engine, "check_vectors", unsupported)
    for _ in range(2 * FAILURES):
        with pytest.raises(VectorsUnsupported):
            store.check_vectors()
    assert store.get(["k"]) == [b"body"]


def test_it_says_of_a_store_what_the_store_says() -> None:
    memory, null = BreakerStore(open_store("memory://"), 1.0), BreakerStore(open_store("null://"), 1.0)
    assert (memory.shared, memory.keeps, null.shared, null.keeps) == (False, True, False, False)
    memory.put([record("k")])
    assert list(memory.find_all(RecordQuery(namespace="default"))) == [["k"]]
