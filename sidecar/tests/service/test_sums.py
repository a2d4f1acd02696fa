"""Sums that arrive are never counted twice, whichever side has forgotten its hours meanwhile."""

import pytest

from prompt_cache.savings.retention import tidy
from prompt_cache.savings.statistics import Dimensions, Statistics
from prompt_cache.service.transfer import migrate
from prompt_cache.stores.memory import MemoryStore
from sidecar.tests.support import NOW, Clock

SERIES = Dimensions("default", "m", "", "")
LATER = NOW + 60 * 86400


def later() -> float:
    return LATER


def counted(store: MemoryStore, *hits: int) -> None:
    """So many hits in each hour, one after the other."""
    clock = Clock()
    statistics = Statistics(store, clock)
    for each in hits:
        statistics.count(SERIES, hits=each, seconds=each / 10)
        clock.turn(3600)
    statistics.flush()


def hits(store: MemoryStore) -> int:
    return Statistics(store, Clock()).report(lambda _: True)[0].hits


SIDES = pytest.mark.parametrize("sides", [(), (0,), (1,), (0, 1)], ids=["nowhere", "at the source", "at home", "both"])


@SIDES
def test_what_arrived_before_is_not_counted_again(sides: tuple[int, ...]) -> None:
    source, home = MemoryStore(), MemoryStore()
    counted(source, 1, 2, 3, 4, 5)
    migrate(source, home)
    assert hits(home) == 15
    for side in sides:
        tidy((source, home)[side], LATER, None)
    assert migrate(source, home, clock=later).sums == 0
    assert hits(home) == 15


@SIDES
def test_what_was_added_since_arrives(sides: tuple[int, ...]) -> None:
    source, home = MemoryStore(), MemoryStore()
    counted(source, 1, 2)
    migrate(source, home)
    counted(source, 10, 20, 30)
    for side in sides:
        tidy((source, home)[side], LATER, None)
    for _ in range(2):
        migrate(source, home, clock=later)
        assert hits(home) == 63
