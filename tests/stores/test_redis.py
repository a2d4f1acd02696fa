"""The Redis store on Redis 7, Redis 8, a cluster of three masters, behind Sentinel and over TLS."""

import time
import traceback
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import redis

from prompt_cache.stores import (
    CounterRow,
    Gain,
    NamespaceSize,
    RecordQuery,
    Store,
    StoreFull,
    StoreUnavailable,
    VectorRecord,
    VectorsUnsupported,
    open_store,
)
from prompt_cache.testing.stores import SharedStoreConformance, SharedVectorConformance
from prompt_cache.testing.stores.harness import found, record
from prompt_cache.testing.stores.vectors import AXIS, beside, cosine, keep, near, searchable, turned
from prompt_cache.testing.stores.vectors import some as some_vectors
from stack.redis import Redis, RedisCluster

from .redis_servers import PASSWORD, QUOTED_PASSWORD, RedisSentinel, RedisTls, cluster_url, flush


class TestRedis7(SharedStoreConformance):
    @pytest.fixture
    def url(self, redis_7: Redis) -> str:
        flush(redis_7.port)
        return redis_7.url


class TestRedis8(SharedStoreConformance, SharedVectorConformance):
    @pytest.fixture
    def url(self, redis_8: Redis) -> str:
        flush(redis_8.port)
        return redis_8.url


class TestRedisCluster(SharedStoreConformance, SharedVectorConformance):
    @pytest.fixture
    def url(self, redis_cluster: RedisCluster) -> str:
        flush(*(node.port for node in redis_cluster.nodes))
        return cluster_url(redis_cluster)


def test_bodies_and_all_versions_come_in_one_trip(redis_8: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    flush(redis_8.port)
    store = open_store(redis_8.url)
    store.put([record("k"), record("l")])
    store.bump("default", ["kb"])
    store.get_with_versions(["k"], "default")  # the server learns the script
    sent = []
    send = redis.Connection.send_packed_command

    def count(self: redis.Connection, command: Any, *args: Any, **kwargs: Any) -> None:
        sent.append(command)
        send(self, command, *args, **kwargs)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(redis.Connection, "send_packed_command", count)
    assert store.get_with_versions(["k", "l", "m"], "default") == ([b"body", b"body", None], 1, {"kb": 1})
    assert len(sent) == 1


def test_versions_of_any_node_come_with_the_bodies_of_any_other(redis_cluster: RedisCluster) -> None:
    flush(*(node.port for node in redis_cluster.nodes))
    store = open_store(cluster_url(redis_cluster))
    keys = [f"k{n}" for n in range(40)]
    store.put([record(key, key.encode()) for key in keys])
    for n in range(12):
        store.bump(f"space{n}", ["kb"])
        assert store.get_with_versions(keys, f"space{n}") == ([key.encode() for key in keys], 1, {"kb": 1})


@pytest.fixture(params=["server", "cluster"])
def with_vectors(request: pytest.FixtureRequest) -> tuple[Store, list[Redis]]:
    """A store on Redis 8, and its servers."""
    if request.param == "server":
        server: Redis = request.getfixturevalue("redis_8")
        flush(server.port)
        return open_store(server.url), [server]
    cluster: RedisCluster = request.getfixturevalue("redis_cluster")
    flush(*(node.port for node in cluster.nodes))
    return open_store(cluster_url(cluster)), cluster.nodes


def test_vectors_are_refused_by_a_server_without_vector_sets(redis_7: Redis) -> None:
    flush(redis_7.port)
    store = open_store(redis_7.url)
    store.put([record("k")])
    with pytest.raises(VectorsUnsupported, match="Redis 8"):
        searchable(store).check_vectors()
    with pytest.raises(StoreUnavailable, match="unknown command"):
        near(store)
    with pytest.raises(StoreUnavailable, match="nknown"):
        searchable(store).put_vectors([VectorRecord(key="k", namespace="default", space="space", vector=AXIS)])
    assert store.get(["k"]) == [b"body"]
    store.put([record("k", b"anew")])
    assert store.delete(["k"]) == 1
    assert _keys([redis_7], "*") == 0


def test_vectors_under_another_prefix_are_others(redis_8: Redis) -> None:
    flush(redis_8.port)
    store, other = (open_store(redis_8.url, prefix=prefix) for prefix in ("mine", "theirs"))
    keep(store, {"k": AXIS, "l": AXIS})
    keep(other, {"k": AXIS, "m": AXIS})
    assert (sorted(near(store)), sorted(near(other))) == (["k", "l"], ["k", "m"])
    assert store.clear("default") == 2
    assert (near(store), sorted(near(other))) == ({}, ["k", "m"])


def test_vectors_go_where_memory_is_full(tmp_path: Path) -> None:
    with Redis(tmp_path) as server:
        store = open_store(server.url)
        vectors = {f"k{n}": vector for n, vector in enumerate(some_vectors(1, 300, 384))}
        keep(store, vectors)
        store.put([record("late")])
        server.cli("config", "set", "maxmemory", "1mb")
        with pytest.raises(StoreFull):
            searchable(store).put_vectors(
                [VectorRecord(key="late", namespace="default", space="space", vector=vectors["k0"])]
            )
        assert list(near(store, vectors["k7"], limit=1)) == ["k7"]
        assert store.delete(["k7"]) == 1
        assert near(store, vectors["k7"], limit=1).keys() != {"k7"}
        assert store.clear("default") == 300
        assert _keys([server], "*") == 0


def test_nothing_is_left_of_vectors_whose_records_are_gone(with_vectors: tuple[Store, list[Redis]]) -> None:
    store, servers = with_vectors
    for n in range(40):
        keep(store, {f"{n}-{m}": vector for m, vector in enumerate(some_vectors(n, 3))}, space=f"space{n}")
    assert _keys(servers, "*:near:*") > 30
    store.delete([f"0-{m}" for m in range(3)])
    store.clear("default")
    assert _keys(servers, "*") == 0
    keep(store, {f"k{n}": AXIS for n in range(40)}, ttl=0.2)
    time.sleep(0.3)
    store.sweep()
    assert _keys(servers, "*:near:*") == _keys(servers, "*:vectors") == 0


def test_vectors_of_records_that_the_server_dropped_are_cleaned_when_found(
    with_vectors: tuple[Store, list[Redis]],
) -> None:
    store, servers = with_vectors
    keep(store, {f"k{n}": turned(1 - n / 100) for n in range(60)})
    for server in servers:
        with redis.Redis(port=server.port) as client:
            for name in client.scan_iter("*:body:k?"):  # the ten closest
                client.delete(name)
    assert list(near(store, limit=3)) == ["k10", "k11", "k12"]
    assert _elements(servers) == 50
    assert store.sizes()["default"].entries == 50


def test_near_duplicates_are_found_among_many(redis_8: Redis) -> None:
    flush(redis_8.port)
    store = open_store(redis_8.url)
    vectors = {f"k{n}": vector for n, vector in enumerate(some_vectors(1, 5000, 64))}
    for first in range(0, 5000, 500):
        keep(store, dict(list(vectors.items())[first : first + 500]))
    near(store, vectors["k0"])  # so that it is known how many there are
    for n in range(0, 5000, 50):
        wanted = beside(vectors[f"k{n}"], 9000 + n, 0.2)
        found = near(store, wanted, limit=8)
        assert next(iter(found)) == f"k{n}"
        assert found[f"k{n}"] == pytest.approx(cosine(wanted, vectors[f"k{n}"]), abs=1e-3)


def _keys(servers: list[Redis], pattern: str) -> int:
    found = 0
    for server in servers:
        with redis.Redis(port=server.port) as client:
            found += sum(1 for _ in client.scan_iter(pattern, count=1000))
    return found


def _elements(servers: list[Redis]) -> int:
    found = 0
    for server in servers:
        with redis.Redis(port=server.port) as client:
            found += sum(int(client.execute_command("VCARD", name)) for name in client.scan_iter("*:near:*"))
    return found


EARLY = "p122"
"""A prefix under which one of the shards lies in the first few slots, which are those that move."""


class TestSentinel:
    def test_a_new_master_is_followed(self, tmp_path: Path) -> None:
        with RedisSentinel(tmp_path) as sentinel:
            store = open_store(sentinel.url)
            store.put([record("before", labels=("x",))])
            store.bump("default", ["kb"])
            with redis.Redis(port=sentinel.master.port) as master:
                assert master.wait(1, 5000) == 1
            sentinel.fail_over()
            _until_available(store)
            assert store.get(["before"]) == [b"body"]
            store.put([record("after", labels=("x",))])
            assert store.delete(["before"]) == 1
            assert found(store, RecordQuery(namespace="default", labels=("x",))) == ["after"]
            assert store.bump("default", ["kb"]) == 2
            store.close()

    def test_an_unknown_service_is_unavailable(self, tmp_path: Path) -> None:
        with RedisSentinel(tmp_path) as sentinel:
            store = open_store(sentinel.url.replace("/mymaster", "/other"), timeout=1.0)
            with pytest.raises(StoreUnavailable, match=r"other'$"):
                store.get(["k"])


class TestTls:
    def test_records_travel_under_a_verified_certificate(self, redis_tls: RedisTls) -> None:
        store = open_store(redis_tls.url)
        store.put([record("k")])
        assert store.get(["k"]) == [b"body"]

    def test_a_certificate_of_nobody_known_is_refused(self, redis_tls: RedisTls) -> None:
        store = open_store(redis_tls.url.partition("?")[0])
        with pytest.raises(StoreUnavailable, match="certificate"):
            store.get(["k"])

    def test_verification_can_be_switched_off(self, redis_tls: RedisTls) -> None:
        open_store(redis_tls.url.partition("?")[0] + "?ssl_cert_reqs=none").ping()

    def test_a_certificate_of_another_host_is_refused(self, redis_tls: RedisTls) -> None:
        store = open_store(redis_tls.url.replace("localhost", "127.0.0.2"))
        with pytest.raises(StoreUnavailable):
            store.get(["k"])

    def test_a_wrong_password_is_told_without_it(self, redis_tls: RedisTls) -> None:
        store = open_store(redis_tls.url.replace(QUOTED_PASSWORD, "very-secret"))
        with pytest.raises(StoreUnavailable) as raised:
            store.get(["k"])
        assert "very-secret" not in "".join(traceback.format_exception(raised.value))


class TestServer:
    def test_a_unix_socket_serves(self, redis_8: Redis) -> None:
        flush(redis_8.port)
        store = open_store(f"unix://{redis_8.log.parent.parent / 'redis.sock'}?db=3")
        store.put([record("k")])
        assert store.get(["k"]) == [b"body"]
        assert open_store(redis_8.url).get(["k"]) == [None]
        assert open_store(f"redis://127.0.0.1:{redis_8.port}/3").get(["k"]) == [b"body"]

    def test_stores_of_two_prefixes_are_apart(self, redis_8: Redis) -> None:
        flush(redis_8.port)
        ours, theirs = open_store(redis_8.url, prefix="ours"), open_store(redis_8.url, prefix="theirs")
        for store in (ours, theirs):
            store.put([record("k", labels=("x",))])
            store.bump("default", ["kb"])
            store.increment([CounterRow("2025", "s", {"n": 1})])
            assert store.acquire("k", "token", 30.0) == 0.0
        assert ours.clear("default") == 1
        assert theirs.get(["k"]) == [b"body"]
        assert theirs.versions("default", ["kb"]) == (1, {"kb": 1})
        assert [row.sums for row in theirs.counters("", "~")] == [{"n": 1}]
        with redis.Redis(port=redis_8.port) as client:
            assert all(key.lstrip(b"{").startswith((b"ours", b"theirs")) for key in client.scan_iter())

    @pytest.mark.parametrize("clustered", [False, True])
    def test_deleting_leaves_nothing_behind(self, clustered: bool, redis_8: Redis, redis_cluster: RedisCluster) -> None:
        ports = [node.port for node in redis_cluster.nodes] if clustered else [redis_8.port]
        flush(*ports)
        store = open_store(cluster_url(redis_cluster) if clustered else redis_8.url)
        store.put([record(f"k{n}", labels=("x", f"l{n}"), text="words", ttl=None) for n in range(50)])
        store.put([record(f"s{n}", labels=("x",), text="words", ttl=-1.0) for n in range(50)])
        store.add_gains({"k1": Gain(1, 1.0), "s1": Gain(1, 1.0)})
        assert store.clear("default") == 50
        assert store.sweep() == 50
        store.add_gains({"k1": Gain(1, 1.0)})
        assert [redis.Redis(port=port).dbsize() for port in ports] == [0] * len(ports)

    def test_listing_by_gain_goes_by_a_rare_label_or_by_gain(self, redis_8: Redis) -> None:
        flush(redis_8.port)
        store = open_store(redis_8.url)
        store.put([record(f"k{n:04}", labels=("x", f"part {n % 2}")) for n in range(5200)])
        store.add_gains({f"k{n:04}": Gain(1, float(n % 100)) for n in range(5200)})
        by_gain = sorted((f"k{n:04}" for n in range(5200)), key=lambda key: (int(key[1:]) % 100, key), reverse=True)
        for label, expected in (("x", by_gain), ("part 1", [key for key in by_gain if int(key[1:]) % 2])):
            query = RecordQuery(namespace="default", labels=(label,), order="gained")
            assert found(store, query, limit=700) == expected

    def test_bodies_free_themselves(self, redis_8: Redis) -> None:
        flush(redis_8.port)
        open_store(redis_8.url).put([record("k", text="words", ttl=30.0), record("endless", text="words", ttl=None)])
        with redis.Redis(port=redis_8.port) as client:
            ends = {key.decode(): client.ttl(key) for key in client.scan_iter("*:k")}
            assert ends.keys() == {"{prompt-cache}:body:k", "{prompt-cache}:text:k"}
            assert all(30 <= end <= 90 for end in ends.values())
            assert {client.ttl(key) for key in client.scan_iter("*:endless")} == {-1}

    def test_a_cluster_spreads_what_it_holds(self, redis_cluster: RedisCluster) -> None:
        ports = [node.port for node in redis_cluster.nodes]
        flush(*ports)
        open_store(cluster_url(redis_cluster)).put([record(f"k{n}") for n in range(600)])
        spread = [_bodies(node) for node in redis_cluster.nodes]
        assert sum(spread) == 600
        assert min(spread) > 100

    def test_slots_that_move_are_followed(self, redis_cluster: RedisCluster) -> None:
        flush(*(node.port for node in redis_cluster.nodes))
        stale = open_store(f"redis+cluster://127.0.0.1:{redis_cluster.nodes[1].port}", prefix=EARLY)
        stale.put([record(f"k{n}", b"%d" % n) for n in range(40)])
        _reshard(redis_cluster.nodes[0], redis_cluster.nodes[2])
        try:
            assert stale.get([f"k{n}" for n in range(40)]) == [b"%d" % n for n in range(40)]
            stale.put([record(f"k{n}", b"new") for n in range(40)])
            assert stale.delete([f"k{n}" for n in range(40)]) == 40
            assert stale.sizes() == {}
        finally:
            _reshard(redis_cluster.nodes[2], redis_cluster.nodes[0])

    def test_slots_that_move_under_load_lose_nothing(self, redis_cluster: RedisCluster) -> None:
        flush(*(node.port for node in redis_cluster.nodes))
        store = open_store(cluster_url(redis_cluster), prefix=EARLY)
        store.put([record(f"k{n}", b"%d" % n, labels=("x",)) for n in range(4000)])
        moving = Thread(
            target=_reshard, args=(redis_cluster.nodes[0], redis_cluster.nodes[2], "--cluster-pipeline", "1")
        )
        before = _bodies(redis_cluster.nodes[2])
        moving.start()
        expected, refused, turn = {f"k{n}": b"%d" % n for n in range(4000)}, 0, 0
        while moving.is_alive():
            turn += 1
            key = f"k{turn % 4000}"
            assert store.get([key]) == [expected[key]]  # what is stored is served all the time
            try:
                store.put([record(key, b"new%d" % turn, labels=("x", "new"))])
                expected[key] = b"new%d" % turn
            except StoreUnavailable:
                refused += 1
        moving.join()
        try:
            assert _bodies(redis_cluster.nodes[2]) > before + 100
            assert store.get(list(expected)) == list(expected.values())
            assert store.sizes() == {"default": NamespaceSize(4000, sum(map(len, expected.values())))}
            labelled = sorted(key for key, body in expected.items() if body.startswith(b"new"))
            assert sorted(found(store, RecordQuery(namespace="default", labels=("new",)), limit=500)) == labelled
            assert refused < turn / 2
            assert store.clear("default") == 4000
            assert sum(redis.Redis(port=node.port).dbsize() for node in redis_cluster.nodes) == 0
        finally:
            _reshard(redis_cluster.nodes[2], redis_cluster.nodes[0])

    def test_a_process_forked_off_has_connections_of_its_own(self, redis_8: Redis, redis_cluster: RedisCluster) -> None:
        for url in (redis_8.url, cluster_url(redis_cluster)):
            store = open_store(url)
            store.put([record("k", b"parent"), record("l", b"other")])
            context = get_context("fork")
            seen = context.Queue()
            readers = [context.Process(target=_read, args=(store, key, seen)) for key in ("k", "l") * 2]
            for reader in readers:
                reader.start()
            for _ in range(200):
                assert store.get(["k"]) == [b"parent"]
            answers = sorted(seen.get(timeout=30) for _ in readers)
            assert answers == [("k", [b"parent"])] * 2 + [("l", [b"other"])] * 2
            for reader in readers:
                reader.join(30)

    def test_a_member_of_a_cluster_is_told_from_a_lone_server(self, redis_cluster: RedisCluster) -> None:
        told = []
        for node in redis_cluster.nodes:
            try:
                open_store(node.url).get(["k"])
            except StoreUnavailable as error:
                told.append("redis+cluster" in str(error))
        assert told == [True, True]

    def test_a_server_that_drops_any_key_is_not_trusted(self, tmp_path: Path) -> None:
        options = ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
        with Redis(tmp_path, arguments=options) as server:
            store = open_store(server.url)
            for attempt in (store.ping, lambda: store.put([record("k")])):
                with pytest.raises(StoreUnavailable, match="maxmemory-policy"):
                    attempt()
            server.cli("config", "set", "maxmemory-policy", "volatile-lru")
            store.ping()
            store.put([record("k")])


class TestUrl:
    @pytest.mark.parametrize(
        "url",
        [
            f"redis://user:{PASSWORD}@host:6379/0",
            "redis://:secret@host:port/0",
            "redis://:secret@host:6379/0/1",
            "redis://:secret@host/x",
            "redis://:secret@a,b",
            "redis://:secret@host/0#fragment",
            "redis://:secret@host?socket_timeout=9",
            "redis://:secret@host?ssl_ca_certs=/etc/ca.pem",
            "rediss://:secret@host?ssl_cert_reqs=maybe",
            "rediss://:secret@host?ssl_ca_certs=/nowhere/ca.pem",
            "redis+sentinel://:secret@host:26379",
            "redis+cluster://:secret@host:6379/1",
            "redis+cluster://:secret@host?sentinel_password=secret",
            "redis://[:secret@host",
            "unix://:secret@",
        ],
    )
    def test_what_cannot_be_meant_is_refused_without_the_password(self, url: str) -> None:
        with pytest.raises(ValueError) as raised:
            open_store(url)
        shown = "".join(traceback.format_exception(raised.value))
        message = str(raised.value)
        assert len(message) > 20
        assert not any(part in message for part in ("secret@", ":secret", "s@w", "p:a"))
        assert shown.count("Traceback") == 1

    @pytest.mark.parametrize("prefix", ["", "a{b}", "}"])
    def test_a_prefix_that_breaks_hash_tags_is_refused(self, prefix: str) -> None:
        with pytest.raises(ValueError):
            open_store("redis://host", prefix=prefix)

    def test_opening_needs_no_server(self) -> None:
        for url in ("redis://host", "redis+cluster://a:1,b:2", "redis+sentinel://a,b/mymaster/2", "unix:///run/r.sock"):
            open_store(url).close()


def _bodies(server: Redis) -> int:
    with redis.Redis(port=server.port) as client:
        return sum(1 for _ in client.scan_iter("*:body:*", count=1000))


def _reshard(source: Redis, target: Redis, *options: str) -> None:
    ids = [node.cli("cluster", "myid") for node in (source, target)]
    moved = ("--cluster-from", ids[0], "--cluster-to", ids[1], "--cluster-slots", "20", "--cluster-yes")
    source.cli("--cluster", "reshard", f"127.0.0.1:{source.port}", *moved, *options)


def _read(store: Store, key: str, seen: Any) -> None:
    seen.put((key, list({store.get([key])[0] for _ in range(200)})))


def _until_available(store: Store) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            store.ping()
        except StoreUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
