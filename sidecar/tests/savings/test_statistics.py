"""Sums on their way to the store: none lost, none doubled, none for those who may not see."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count as numbers
from threading import Thread

import pytest

from prompt_cache.savings import retention
from prompt_cache.savings import series as places
from prompt_cache.savings.statistics import Dimensions, GroupBy, Statistics
from prompt_cache.stores.base import CounterMove, CounterRow, Gain, StoreUnavailable
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

    def add_gains(self, gains: Mapping[str, Gain]) -> None:
        if self.away:
            raise StoreUnavailable
        super().add_gains(gains)


@pytest.fixture
def store(clock: Clock) -> Flaky:
    return Flaky(clock)


@pytest.fixture
def statistics(store: Flaky, clock: Clock) -> Statistics:
    return Statistics(store, clock)


def flood(statistics: Statistics, names: int, **sums: float) -> None:
    """Somebody invents names."""
    for at in range(names):
        statistics.count(Dimensions(f"invented-{at}", "m", "w", "n"), **(sums or {"misses": 1}))


def rows(store: MemoryStore, bucket: str = "") -> list[CounterRow]:
    return list(store.counters(bucket, f"{bucket}~"))


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
    statistics.add_gain("key", 1.0)
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
    total, groups = statistics.report(lambda namespace: namespace == "ours", group_by=("namespace",))
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
    _, hours = statistics.report(lambda _: True, group_by=("hour",))
    _, days = statistics.report(lambda _: True, group_by=("day",))
    assert [group.group for group in hours] == sorted(group.group for group in hours)
    assert [(group.group, group.hits) for group in days] == [("2027-01-15", 16), ("2027-01-16", 14)]


# -- names that callers invent -----


def test_series__are_bounded_and_no_sum_is_lost(statistics: Statistics, store: Flaky) -> None:
    flood(statistics, 5000, misses=1, cost_usd=0.5)
    total, groups = statistics.report(lambda _: True, group_by=("namespace",))
    assert (total.misses, total.saved.cost_usd) == (5000, 2500)
    assert sum(group.misses for group in groups) == 5000
    for bucket in ("2027-01-15T08Z", "day:2027-01-15"):
        assert len(rows(store, bucket)) == 1001
    assert len(rows(store, "total")) == 1001
    assert len(groups) <= 1001
    assert {group.group: group.misses for group in groups}["other"] >= 4000


def test_series__a_known_namespace_keeps_its_place_whatever_is_new_in_it(statistics: Statistics) -> None:
    statistics.count(OURS._replace(model=""), misses=1)
    flood(statistics, 3000)
    statistics.count(OURS, hits=1)
    total, groups = statistics.report(lambda namespace: namespace == "ours", group_by=("model",))
    assert (total.misses, total.hits, [group.group for group in groups]) == (1, 1, ["", "other"])


def test_series__known_names_keep_their_place_in_a_flood(statistics: Statistics, clock: Clock) -> None:
    statistics.count(OURS, hits=1)
    flood(statistics, 3000)
    clock.turn(HOUR)
    flood(statistics, 3000)
    statistics.count(OURS, hits=1)
    total, groups = statistics.report(lambda namespace: namespace == "ours", group_by=("node",))
    assert (total.hits, [group.group for group in groups]) == (2, ["Node"])


def test_series__the_namespace_is_the_last_to_become_inexact(statistics: Statistics) -> None:
    for at in range(2000):
        statistics.count(OURS._replace(workflow=f"execution {at}"), hits=1)
    for at in range(2000):
        statistics.count(OURS._replace(model=f"model {at}"), hits=1)
    assert statistics.report(lambda namespace: namespace == "ours")[0].hits == 4000
    for name in ("workflow", "model"):
        assert len(statistics.report(lambda _: True, group_by=(name,))[1]) <= 1001


def test_series__there_is_room_again_after_a_flood(statistics: Statistics, clock: Clock) -> None:
    flood(statistics, 3000)
    clock.turn(2 * HOUR)
    statistics.count(OURS, hits=1)
    assert statistics.report(lambda namespace: namespace == "ours")[0].hits == 1


def test_series__others_are_shown_only_to_who_may_see_all(statistics: Statistics) -> None:
    flood(statistics, 3000)
    for allowed in ("other", "invented-2999"):
        assert statistics.report(lambda namespace, only=allowed: namespace == only)[0].misses == 0  # type: ignore[misc]


@pytest.mark.parametrize("dimension", Dimensions._fields)
def test_series__a_flood_of_any_name_stays_within_bounds_for_ever(
    store: Flaky, clock: Clock, monkeypatch: pytest.MonkeyPatch, dimension: str
) -> None:
    most = 10
    monkeypatch.setattr(places, "SERIES", most)
    monkeypatch.setattr(retention, "SERIES", most)
    workers = [Statistics(store, clock, retention=35 * DAY) for _ in range(2)]
    names = numbers()
    for _ in range(40):
        for _ in range(2):
            for worker in workers:
                worker.count(OURS, hits=1, cost_usd=0.5)
                for _ in range(3 * most):
                    worker.count(OURS._replace(**{dimension: f"invented {next(names)}"}), misses=1, stored=1)
                worker.count(OURS, hits=4, cost_usd=0.5)
                worker.flush()
            tidy(workers[0], clock)
        clock.turn(DAY - 2 * HOUR)
    per_bucket = 2 * most + 1  # as many names, as many namespaces with a rest, and the rest of all
    assert all(count <= per_bucket for count in Counter(row.bucket for row in rows(store)).values())
    assert len(rows(store)) <= (32 * 2 + 36) * per_bucket + per_bucket
    kept = workers[1].report(lambda _: True, group_by=("day",))
    assert {(group.lookups, group.hits, group.saved.cost_usd) for group in kept[1][:-1]} == {(140, 20, 4.0)}
    assert workers[1].report(lambda namespace: namespace == "ours", where={"node": "Node"})[0].hits == kept[0].hits
    assert sum(group.lookups for group in workers[1].totals(lambda _: True, 1000)) == 40 * 140


def test_series__ten_years_stay_small(statistics: Statistics, store: Flaky, clock: Clock) -> None:
    clock.turn(-3650 * DAY)
    for _ in range(3650):
        statistics.count(OURS, hits=1)
        clock.turn(DAY)
    tidy(statistics, clock)
    assert len(rows(store)) <= 3651 + 32 + 1
    assert everything(statistics) == 3650


def test_totals__show_those_with_the_most_lookups(statistics: Statistics) -> None:
    flood(statistics, 500)
    statistics.count(OURS, hits=2)
    statistics.count(Dimensions("other", "", "", ""), hits=7)
    groups = {group.group: group.lookups for group in statistics.totals(lambda _: True, 10)}
    assert len(groups) == 11
    assert (groups["ours"], sum(groups.values())) == (2, 509)
    assert groups["other"] == 509 - 2 - 9


# -- what is old -----

DAY = 24 * HOUR
SUMS = {"hits": 1, "seconds": 0.5, "input_tokens": 3}


def days_of_counting(statistics: Statistics, clock: Clock, days: int) -> None:
    """Three hours of each day, until now."""
    clock.turn(-days * DAY)
    for _ in range(days):
        for _ in range(3):
            for series in (OURS, THEIRS):
                statistics.count(series, **SUMS)
            clock.turn(HOUR)
        clock.turn(DAY - 3 * HOUR)
    statistics.flush()


def tidy(statistics: Statistics, clock: Clock) -> None:
    clock.turn(HOUR)  # after which somebody tidies up again
    statistics.tidy()


def test_tidy__forgets_old_hours_and_changes_no_sum(statistics: Statistics, store: Flaky, clock: Clock) -> None:
    days_of_counting(statistics, clock, 60)
    before = statistics.report(lambda _: True, group_by=("day",))
    ours = statistics.report(lambda namespace: namespace == "ours", since=NOW - 50 * DAY, until=NOW - 40 * DAY)[0]
    tidy(statistics, clock)
    assert statistics.report(lambda _: True, group_by=("day",)) == before
    assert (
        ours == statistics.report(lambda namespace: namespace == "ours", since=NOW - 50 * DAY, until=NOW - 40 * DAY)[0]
    )
    assert ours.hits == 3 * 11
    assert len(rows(store, "20")) == 2 * 3 * 31
    assert len(rows(store, "day:")) == 2 * 60
    _, hours = statistics.report(lambda _: True, group_by=("hour",))
    assert [group.hits for group in hours] == [6] * 30 + [2] * 90


def test_tidy__again_and_again_changes_nothing_more(statistics: Statistics, store: Flaky, clock: Clock) -> None:
    days_of_counting(statistics, clock, 40)
    tidy(statistics, clock)
    after = rows(store)
    for _ in range(3):
        tidy(statistics, clock)
    assert rows(store) == after


def test_tidy__one_at_a_time(statistics: Statistics, store: Flaky, clock: Clock) -> None:
    assert store.acquire("!statistics", "somebody else", 60) == 0
    days_of_counting(statistics, clock, 40)
    before = rows(store)
    clock.now = NOW + 1
    statistics.tidy()
    assert rows(store) == before


class Read(Flaky):
    """Counts the rows that are read."""

    read = 0

    def counters(self, since: str, until: str) -> Iterator[CounterRow]:
        for row in super().counters(since, until):
            self.read += 1
            yield row


@pytest.mark.parametrize(
    ("since", "group_by", "most"),
    [
        (DAY, ("workflow",), 1 + 24),
        (7 * DAY, ("day", "match"), 7 + 24),
        (30 * DAY, ("day", "node"), 30 + 24),
        (DAY, ("hour",), 25),
        (None, ("model",), 366),
    ],
)
def test_report__reads_days_where_it_can(
    clock: Clock, since: float | None, group_by: tuple[GroupBy, ...], most: int
) -> None:
    store = Read(clock)
    statistics = Statistics(store, clock)
    clock.turn(-365 * DAY)
    for _ in range(365 * 24):
        statistics.count(OURS, hits=1)
        clock.turn(HOUR)
    tidy(statistics, clock)
    store.read = 0
    total, groups = statistics.report(
        lambda _: True, since=None if since is None else clock() - since, group_by=group_by
    )
    assert 0 < store.read <= most
    assert total.hits == sum(group.hits for group in groups) == (365 * 24 if since is None else since / HOUR - 1)


def test_store__is_not_told_of_nothing(statistics: Statistics, store: Flaky) -> None:
    statistics.count(OURS, hits=1, unpriced_hits=0, cost_usd=0.0)
    statistics.count(THEIRS, hits=0)
    statistics.flush()
    assert [row.sums for row in rows(store)] == 3 * [{"hits": 1}]


class Dying(Flaky):
    """Dies in the middle of moving, again and again."""

    moved = 0
    dies_after = 0

    def move_counters(self, moves: Sequence[CounterMove]) -> None:
        for move in moves:
            if self.moved == self.dies_after:
                raise StoreUnavailable
            self.moved += 1
            super().move_counters([move])


def test_tidy__broken_off_anywhere_loses_and_doubles_nothing(clock: Clock) -> None:
    store = Dying(clock)
    statistics = Statistics(store, clock)
    days_of_counting(statistics, clock, 36)
    before = statistics.report(lambda _: True, group_by=("day",))
    for dies_after in range(40):
        store.moved, store.dies_after = 0, dies_after % 4
        with contextlib.suppress(StoreUnavailable):
            tidy(statistics, clock)
        assert statistics.report(lambda _: True, group_by=("day",)) == before
    store.moved, store.dies_after = 0, -1
    tidy(statistics, clock)
    assert statistics.report(lambda _: True, group_by=("day",)) == before
    _, hours = statistics.report(lambda _: True, group_by=("hour",))
    assert sum(len(group.group) > len("2027-01-15") for group in hours) <= 3 * 30


def test_tidy__a_late_count_finds_its_day(statistics: Statistics, clock: Clock) -> None:
    days_of_counting(statistics, clock, 40)
    before = everything(statistics)
    tidy(statistics, clock)
    clock.turn(-39 * DAY)
    statistics.count(OURS, hits=1)
    clock.turn(39 * DAY)
    statistics.flush()
    tidy(statistics, clock)
    assert everything(statistics) == before + 1


def test_tidy__no_hour_or_day_has_too_many_series(store: Flaky, clock: Clock) -> None:
    for at in range(4):
        Statistics(store, clock).count(OURS, hits=2)
        several = Statistics(store, clock)
        for name in range(700):
            several.count(Dimensions(f"invented-{at}-{name}", "m", "w", "n"), misses=1)
        several.flush()
        clock.turn(HOUR / 4)
    statistics = Statistics(store, clock)
    statistics.count(OURS, hits=5)
    before = statistics.report(lambda _: True)[0]
    assert (before.hits, before.misses) == (5, 2800)
    tidy(statistics, clock)
    assert statistics.report(lambda _: True)[0] == before
    assert {group.group: group.hits for group in statistics.report(lambda _: True, group_by=("namespace",))[1]}[
        "ours"
    ] == 5
    for bucket in ("2027-01-15T08Z", "day:2027-01-15", "total"):
        assert len(rows(store, bucket)) <= 1001


@pytest.mark.parametrize("days", [100, 10])
def test_tidy__forgets_what_is_older_than_the_retention_but_no_total(store: Flaky, clock: Clock, days: int) -> None:
    statistics = Statistics(store, clock, retention=days * DAY)
    days_of_counting(statistics, clock, 120)
    totals = statistics.totals(lambda _: True, 10)
    tidy(statistics, clock)
    assert len(statistics.report(lambda _: True, group_by=("day",))[1]) == days
    assert statistics.totals(lambda _: True, 10) == totals


def test_tidy__without_a_retention_nothing_is_forgotten(statistics: Statistics, clock: Clock) -> None:
    days_of_counting(statistics, clock, 1000)
    tidy(statistics, clock)
    assert everything(statistics) == 6000


def test_forget__takes_the_sums_of_these_namespaces_but_no_total(statistics: Statistics, clock: Clock) -> None:
    days_of_counting(statistics, clock, 40)
    tidy(statistics, clock)
    statistics.count(OURS, hits=1)
    totals = statistics.totals(lambda _: True, 10)
    statistics.forget(lambda namespace: namespace == "ours")
    assert [group.group for group in statistics.report(lambda _: True, group_by=("namespace",))[1]] == ["theirs"]
    assert statistics.totals(lambda _: True, 10) == totals  # a counter never falls
    statistics.count(OURS, hits=3)
    assert statistics.report(lambda namespace: namespace == "ours")[0].hits == 3
