"""What goes on beside the requests."""

import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event

import pytest

from prompt_cache.core.cache import PromptCache
from prompt_cache.core.lookup import Lookup
from prompt_cache.keying.request import Request
from prompt_cache.savings.statistics import Dimensions
from prompt_cache.service import housekeeping
from prompt_cache.service.housekeeping import Housekeeper
from prompt_cache.stores.base import CounterMove, CounterRow, StoreFull, StoreUnavailable
from prompt_cache.stores.memory import MemoryStore

PATIENCE = 20.0
Keep = Callable[..., Housekeeper]


class Watched(MemoryStore):
    """Tells what housekeeping does to it, and fails as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.swept, self.counted, self.tidied, self.closed = Event(), Event(), Event(), Event()
        self.sweeps = 0
        self.fails: Exception | None = None
        self.failed = Event()

    def sweep(self) -> int:
        if self.fails:
            error, self.fails = self.fails, None
            self.failed.set()
            raise error
        self.sweeps += 1
        self.swept.set()
        return super().sweep()

    def increment(self, counters: Sequence[CounterRow]) -> None:
        super().increment(counters)
        self.counted.set()

    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        super().move_counters(moves)
        self.tidied.set()

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def reported() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch, reported: list[tuple[str, str]]) -> Iterator[Keep]:
    """Start housekeeping with rounds of a millisecond."""
    monkeypatch.setattr(housekeeping, "_FLUSH_EVERY", 0.001)
    started: list[Housekeeper] = []

    def keep(cache: PromptCache, sweep_every: float = 0.001) -> Housekeeper:
        keeper = Housekeeper(cache, sweep_every, lambda event, what: reported.append((event, what)))
        keeper.start()
        started.append(keeper)
        return keeper

    yield keep
    for keeper in started:
        keeper.stop()


def test_housekeeper__hands_over_the_sums(keep: Keep) -> None:
    store = Watched()
    cache = PromptCache(store)
    keep(cache)
    cache.statistics.count(Dimensions("n", "", "", ""), hits=1)
    assert store.counted.wait(PATIENCE)


def test_housekeeper__goes_on_indexing_without_waiting_for_pairs(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "_BETWEEN_PAGES", 0.001)
    cache, pages, done = PromptCache(Watched()), iter(range(50)), Event()

    def index() -> bool:
        if next(pages, None) is None:
            done.set()
        return not done.is_set()

    monkeypatch.setattr(PromptCache, "learns", True)
    monkeypatch.setattr(cache, "index", index)
    monkeypatch.setattr(cache, "learn", lambda: PATIENCE)
    keep(cache)
    assert done.wait(PATIENCE)


def test_housekeeper__sweeps(keep: Keep) -> None:
    store = Watched()
    keep(PromptCache(store))
    assert store.swept.wait(PATIENCE)


def test_housekeeper__sweeps_though_there_is_no_room_to_write_down_what_is_missed(
    keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, tried = Watched(), Event()
    cache = PromptCache(store)

    def full() -> None:
        tried.set()
        raise StoreFull

    with monkeypatch.context() as patch:
        patch.setattr(cache.missed, "flush", full)
        keep(cache)
        assert tried.wait(PATIENCE)
        store.swept.clear()
        assert store.swept.wait(PATIENCE)


def test_housekeeper__writes_down_what_is_missed(keep: Keep) -> None:
    cache = PromptCache(Watched())
    keep(cache)
    cache.lookup(Lookup(request=Request(prompt="What is a cache?")))
    end = time.monotonic() + PATIENCE
    while not cache.missed.namespaces(lambda _: True):
        assert time.monotonic() < end
        time.sleep(0.001)


def test_housekeeper__looks_after_old_statistics(keep: Keep) -> None:
    store = Watched()
    store.increment([CounterRow(f"2020-01-01T{hour:02}Z", '["n","","",""]', {"hits": 1}) for hour in range(24)])
    day = CounterRow("day:2020-01-01", '["n","","",""]', {"hits": 24})
    store.increment([day])
    keep(PromptCache(store))
    assert store.tidied.wait(PATIENCE)
    assert list(store.counters("", "~")) == [day]


def test_housekeeper__sweeps_never_when_told_so(keep: Keep) -> None:
    store = Watched()
    cache = PromptCache(store)
    keep(cache, sweep_every=0)
    for _ in range(3):
        store.counted.clear()
        cache.statistics.count(Dimensions("n", "", "", ""), hits=1)
        assert store.counted.wait(PATIENCE)
    assert store.sweeps == 0


def test_housekeeper__leaves_sweeping_to_whoever_holds_the_lease(keep: Keep) -> None:
    store = Watched()
    assert store.acquire("!sweep", "sweeper", 3600) == 0
    cache = PromptCache(store)
    keep(cache)
    for _ in range(3):
        store.counted.clear()
        cache.statistics.count(Dimensions("n", "", "", ""), hits=1)
        assert store.counted.wait(PATIENCE)
    assert store.sweeps == 0


@pytest.mark.parametrize("error", [StoreUnavailable(), RuntimeError("x")], ids=["away", "unexpected"])
def test_housekeeper__goes_on_after(keep: Keep, reported: list[tuple[str, str]], error: Exception) -> None:
    store = Watched()
    store.fails = error
    keep(PromptCache(store))
    assert store.failed.wait(PATIENCE)
    assert store.swept.wait(PATIENCE)
    assert reported == ([("housekeeping_error", "RuntimeError")] if isinstance(error, RuntimeError) else [])


def test_housekeeper__stopping_hands_over_what_is_left_and_closes(keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "_FLUSH_EVERY", 3600.0)
    store = Watched()
    cache = PromptCache(store)
    keeper = keep(cache)
    cache.statistics.count(Dimensions("n", "", "", ""), hits=1)
    keeper.stop()
    assert store.counted.is_set()
    assert store.closed.is_set()
