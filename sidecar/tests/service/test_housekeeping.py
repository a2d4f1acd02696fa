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


@pytest.mark.parametrize("error", [StoreUnavailable(), RuntimeError("x")], ids=["away", "unexpected"])
@pytest.mark.parametrize("part", ["statistics", "budgets", "sweep", "missed"])
def test_housekeeper__a_part_that_always_fails_stops_none_of_the_others(
    keep: Keep, monkeypatch: pytest.MonkeyPatch, part: str, error: Exception
) -> None:
    cache = PromptCache(Watched())
    done = {name: Event() for name in ("statistics", "budgets", "sweep", "missed")}

    def doing(name: str) -> Callable[..., None]:
        def do(*_: object) -> None:
            if name == part:
                raise error
            done[name].set()

        return do

    with monkeypatch.context() as patch:
        for name in ("statistics", "budgets", "missed"):
            patch.setattr(getattr(cache, name), "flush", doing(name))
        patch.setattr(cache, "sweep", doing("sweep"))
        keep(cache)
        assert all(event.wait(PATIENCE) for name, event in done.items() if name != part)


@pytest.mark.parametrize("part", ["store", "statistics", "budgets"])
def test_sweep__what_fails_keeps_nothing_else_from_being_tidied(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    store = MemoryStore()
    cache = PromptCache(store)
    done: list[str] = []

    def doing(name: str) -> Callable[[], int]:
        def do() -> int:
            done.append(name)
            if name == part:
                raise StoreUnavailable
            return 0

        return do

    monkeypatch.setattr(store, "sweep", doing("store"))
    monkeypatch.setattr(cache.statistics, "tidy", doing("statistics"))
    monkeypatch.setattr(cache.budgets, "tidy", doing("budgets"))
    with pytest.raises(StoreUnavailable):
        cache.sweep(60)
    assert done == ["store", "statistics", "budgets"]


@pytest.mark.parametrize("part", ["statistics", "budgets", "missed"])
def test_close__hands_over_the_rest_and_closes_the_store_whatever_fails(
    monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    store = Watched()
    cache = PromptCache(store)
    done: list[str] = []
    for name in ("statistics", "budgets", "missed"):

        def flush(name: str = name) -> None:
            done.append(name)
            if name == part:
                raise StoreUnavailable

        monkeypatch.setattr(getattr(cache, name), "flush", flush)
    cache.close()
    assert done == ["statistics", "budgets", "missed"]
    assert store.closed.is_set()
