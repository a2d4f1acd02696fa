"""Redis killed, frozen and full, under a cache that keeps asking."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prompt_cache.config import Config
from prompt_cache.core.cache import PromptCache
from prompt_cache.core.filters import EntryFilter
from prompt_cache.core.lookup import Lookup
from prompt_cache.core.store import NewEntry
from prompt_cache.keying.request import Request
from prompt_cache.service.open import open_cache
from prompt_cache.stores import Store, StoreFull, open_store
from prompt_cache.testing.stores.harness import record
from stack.redis import Redis, RedisCluster

from .load import Load, Tried, answer_to, ask, fill, remember

TIMEOUT = 0.5
SLACK = 1.5
"""Seconds a busy machine may add to a call that was given up."""
DURABLE = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")


Outage = Callable[[Redis], Callable[[], object]]
"""What breaks a server, and returns what mends it."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path, arguments=DURABLE) as server:
        yield server


def _break(server: Redis) -> Callable[[], object]:
    server.kill()
    return server.start


def _freeze(server: Redis) -> Callable[[], object]:
    server.pause()
    return server.resume


def _unavailable(results: list[Tried]) -> bool:
    return sum(each.status == "unavailable" for each in results) >= 12


def _served(results: list[Tried]) -> bool:
    return len(results) >= 40 and {each.status for each in results[-20:]} == {"hit", "miss"}


@pytest.mark.parametrize("outage", [_break, _freeze])
def test_an_outage_is_told_in_time_and_ends_by_itself(server: Redis, outage: Outage) -> None:
    cache = PromptCache(open_store(server.url, timeout=TIMEOUT))
    fill(cache)
    with Load(lambda thread, turn: ask(cache, thread, turn)) as load:
        load.wait_for(_served)
        for _ in range(2):
            mend = outage(server)
            load.wait_for(_unavailable)
            mend()
            load.wait_for(_served)
    assert max(each.seconds for each in load.results) < TIMEOUT + SLACK
    cache.close()


def test_many_callers_of_a_frozen_server_do_not_wait_one_after_the_other(server: Redis) -> None:
    cache = open_cache(Config(store=server.url, store_timeout=TIMEOUT), lambda *_: None)
    fill(cache)
    server.pause()
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda turn: ask(cache, 0, turn), range(160)))
    assert {each.status for each in results} == {"unavailable"}
    assert time.monotonic() - began < 160 / 4 * TIMEOUT / 4, "a quarter of what it takes when each of them waits"
    server.resume()
    with Load(lambda thread, turn: ask(cache, thread, turn)) as load:
        load.wait_for(_served)
    cache.close()


@pytest.mark.parametrize("outage", [_break, _freeze])
def test_an_outage_of_a_cluster_too(tmp_path: Path, outage: Outage) -> None:
    with RedisCluster(tmp_path) as cluster:
        url = "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in cluster.nodes)
        cache = PromptCache(open_store(url, timeout=TIMEOUT))
        with Load(lambda thread, turn: remember(cache, thread, turn), threads=8) as load:
            load.wait_for(_served)
            mend = outage(cluster.nodes[1])
            load.wait_for(_unavailable)
            mend()
            load.wait_for(_served)
            for node in cluster.nodes:
                node.pause()
            load.wait_for(_unavailable)
            for node in cluster.nodes:
                node.resume()
            load.wait_for(_served)
        assert max(each.seconds for each in load.results) < 3 * TIMEOUT + SLACK
        cache.close()


def test_while_memory_is_full_lookups_go_on(tmp_path: Path) -> None:
    with Redis(tmp_path, arguments=("--save", "", "--maxmemory", "6mb")) as server:
        cache = PromptCache(open_store(server.url, timeout=TIMEOUT))
        fill(cache)
        with pytest.raises(StoreFull):
            _put_without_end(cache)
        held = cache.sizes()["default"]
        for turn in range(60):
            assert ask(cache, 0, turn).status in ("hit", "miss")
        assert cache.sizes()["default"] == held
        cache.statistics.flush()
        assert cache.invalidate(EntryFilter(tags=("f",))) == held.entries - 20
        fill(cache)
        assert ask(cache, 0, 0).status == "hit"
        cache.close()


def test_where_memory_is_full_of_what_was_asked_answers_find_room(tmp_path: Path) -> None:
    with Redis(tmp_path, arguments=("--save", "", "--maxmemory", "6mb")) as server:
        store = open_store(server.url, timeout=TIMEOUT)
        with pytest.raises(StoreFull):
            _ask_without_end(store)
        for n in range(500):
            store.put([record(f"k{n}", b"x" * 2000)])
        assert store.sizes()["default"].entries == 500
        store.close()


def test_a_replacement_that_finds_no_room_leaves_the_answer_before(tmp_path: Path) -> None:
    with Redis(tmp_path, arguments=("--save", "")) as server:
        cache = PromptCache(open_store(server.url, timeout=TIMEOUT))
        fill(cache)
        before = cache.sizes()
        server.cli("config", "set", "maxmemory", "1")
        with pytest.raises(StoreFull):
            fill(cache)
        assert cache.sizes() == before
        assert len(cache.entries(EntryFilter(), limit=50)[0]) == 20
        outcome = cache.lookup(Lookup(request=Request(prompt="question 7")))
        assert bytes(outcome.response) == answer_to(7)  # type: ignore[arg-type]
        cache.close()


def test_while_the_disk_is_full_lookups_go_on(tmp_path: Path) -> None:
    with Redis(tmp_path, arguments=("--save", "3600 1000000")) as server:
        cache = PromptCache(open_store(server.url, timeout=TIMEOUT))
        fill(cache)
        (server.log.parent / "dump.rdb").mkdir()  # a snapshot cannot be written over it, as on a full disk
        server.cli("bgsave")
        server.wait_until(lambda: "rdb_last_bgsave_status:err" in server.cli("info", "persistence"))
        with pytest.raises(StoreFull):
            fill(cache)
        for turn in range(20):
            assert ask(cache, 0, turn).status in ("hit", "miss")
        cache.close()


def _ask_without_end(store: Store) -> None:
    for turn in range(1000):
        store.put([record(f"miss{turn}-{n}", b"x" * 1000, namespace="!misses") for n in range(50)])


def _put_without_end(cache: PromptCache) -> None:
    for n in range(2000):
        cache.store(NewEntry(request=Request(prompt=f"filler {n}"), response=b'"%s"' % (b"x" * 20_000), tags=["f"]))
