"""Sums on their way to the store: none lost, none doubled, none for those who may not see."""

from collections.abc import Mapping, Sequence
from threading import Thread

import pytest

from prompt_cache.savings.statistics import Dimensions, Statistics
from prompt_cache.stores.base import CounterRow, StoreUnavailable
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import NOW, Clock

OURS = Dimensions("ours", "gpt-4o", "Flow", "Node")
THEIRS = Dimensions("theirs", "gpt-4o", "Flow", "Node")
HOUR = 3600


class Flaky(MemoryStore):
    """Away whenever it is told so."""

    away = False

    def increment(self, counters: Sequence[CounterRow]) -> None:
        if self.away:
            raise StoreUnavailable
        super().increment(counters)

    def add_worth(self, gains: Mapping[str, float]) -> None:
        if self.away:
            raise StoreUnavailable
        super().add_worth(gains)


@pytest.fixture
def store(clock: Clock) -> Flaky:
    return Flaky(clock)


@pytest.fixture
def statistics(store: Flaky, clock: Clock) -> Statistics:
    return Statistics(store, clock)


def everything(statistics: Statistics) -> int:
    return statistics.report(lambda _: True)[0].hits


def test_ledger__adds_up(statistics: Statistics) -> None:
    for _ in range(3):
        statistics.count(OURS, hits=1, cost_usd=0.5, seconds=0.25, input_tokens=2)
    total, _ = statistics.report(lambda _: True)
    assert (total.hits, total.saved.cost_usd, total.saved.seconds, total.saved.input_tokens) == (3, 1.5, 0.75, 6)


def test_ledger__handing_over_twice_doubles_nothing(statistics: Statistics) -> None:
    statistics.count(OURS, hits=1)
    for _ in range(3):
        statistics.flush()
    assert everything(statistics) == 1


def test_ledger__several_add_up_in_one_store(statistics: Statistics, store: Flaky, clock: Clock) -> None:
    other = Statistics(store, clock)
    statistics.count(OURS, hits=1)
    other.count(OURS, hits=2)
    other.flush()
    assert everything(statistics) == 3


def test_ledger__keeps_its_sums_while_the_store_is_away(statistics: Statistics, store: Flaky) -> None:
    store.away = True
    statistics.count(OURS, hits=1)
    statistics.flush()
    statistics.count(OURS, hits=1, misses=1)
    statistics.flush()
    store.away = False
    total, _ = statistics.report(lambda _: True)
    assert (total.hits, total.misses) == (2, 1)


def test_ledger__worth_that_cannot_be_handed_over_costs_no_sums(statistics: Statistics, store: Flaky) -> None:
    statistics.count(OURS, hits=1)
    statistics.flush()
    store.away = True
    statistics.add_worth("key", 1.0)
    statistics.flush()
    store.away = False
    assert everything(statistics) == 1


def test_ledger__counts_from_many_threads(statistics: Statistics) -> None:
    def count() -> None:
        for at in range(500):
            statistics.count(OURS, hits=1)
            if at % 50 == 0:
                statistics.flush()

    threads = [Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert everything(statistics) == 4000


def test_ledger__shows_only_allowed_namespaces(statistics: Statistics) -> None:
    statistics.count(OURS, hits=1)
    statistics.count(THEIRS, hits=10)
    total, groups = statistics.report(lambda namespace: namespace == "ours", group_by="namespace")
    assert total.hits == 1
    assert [group.group for group in groups] == ["ours"]


@pytest.mark.parametrize(
    ("since", "until", "hits"),
    [
        (None, None, 111),
        (NOW, None, 110),
        (NOW + HOUR, None, 100),
        (None, NOW + HOUR, 11),
        (None, NOW, 1),
        (NOW, NOW + HOUR, 10),
        (NOW + HOUR - 1, NOW + 1, 10),
        (NOW, NOW, 0),
        (NOW + 2 * HOUR, None, 0),
    ],
)
def test_ledger__over_whole_hours(
    statistics: Statistics, clock: Clock, since: float | None, until: float | None, hits: int
) -> None:
    for hour, count in ((-1, 1), (0, 10), (1, 100)):
        clock.now = NOW + hour * HOUR
        statistics.count(OURS, hits=count)
    assert statistics.report(lambda _: True, since=since, until=until)[0].hits == hits


def test_ledger__groups_are_in_order(statistics: Statistics, clock: Clock) -> None:
    for _ in range(30):
        statistics.count(OURS, hits=1)
        clock.turn(HOUR)
    _, hours = statistics.report(lambda _: True, group_by="hour")
    _, days = statistics.report(lambda _: True, group_by="day")
    assert [group.group for group in hours] == sorted(group.group for group in hours)
    assert [(group.group, group.hits) for group in days] == [("2027-01-15", 16), ("2027-01-16", 14)]
