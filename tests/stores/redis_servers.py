"""Real Redis in every form a URL can name, one of each per run."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest
import redis

from stack.installation import run
from stack.processes import Process, free_port
from stack.redis import Redis, RedisCluster, redis_engine

PASSWORD = "p:a/s s@w#o?r%d"  # made to trip over
QUOTED_PASSWORD = "p%3Aa%2Fs%20s%40w%23o%3Fr%25d"
SERVICE = "mymaster"


def flush(*ports: int, **options: object) -> None:
    """Empty servers of the tests' own."""
    for port in ports:
        with redis.Redis(port=port, **options) as client:  # type: ignore[arg-type]
            client.flushall()


class RedisSentinel:
    """A master, its replica, and the sentinel that watches them; a context manager."""

    def __init__(self, folder: Path) -> None:
        in_memory = ("--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0")
        self.master = Redis(folder, arguments=in_memory)
        self.replica = Redis(folder, arguments=(*in_memory, "--replicaof", "127.0.0.1", str(self.master.port)))
        self.port = free_port()
        self.url = f"redis+sentinel://127.0.0.1:{self.port}/{SERVICE}"
        self._home = folder / f"sentinel-{self.port}"
        self._sentinel = Process(
            f"Redis Sentinel on port {self.port}",
            [*redis_engine(8).command("usr/bin/redis-server"), self._home / "sentinel.conf", "--sentinel"],
            log=self._home / "sentinel.log",
            ready=self._watches,
            timeout=20,
        )
        self._running = ExitStack()

    @property
    def current(self) -> int:
        """The port of the master, as the sentinel sees it."""
        with redis.Redis(port=self.port) as sentinel:
            return int(sentinel.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)[1])

    def fail_over(self) -> None:
        """Kill the master, and wait until the replica has taken its place."""
        self.master.kill()
        self._sentinel.wait_until(lambda: self.current == self.replica.port)
        with redis.Redis(port=self.replica.port) as new:
            self._sentinel.wait_until(lambda: new.role()[0] == b"master")

    def __enter__(self) -> Self:
        self._home.mkdir(parents=True)
        (self._home / "sentinel.conf").write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {self._home}\n"
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.master.port} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} 500\n"
            f"sentinel failover-timeout {SERVICE} 3000\n"
        )
        with ExitStack() as starting:
            for part in (self.master, self.replica, self._sentinel):
                starting.enter_context(part)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _watches(self) -> bool:
        try:
            with redis.Redis(port=self.port) as sentinel, redis.Redis(port=self.replica.port) as replica:
                (seen,) = sentinel.execute_command("SENTINEL", "REPLICAS", SERVICE)
                synchronized = replica.info("replication")["master_link_status"] == "up"
                return synchronized and b"slave" in (seen[b"flags"] if isinstance(seen, dict) else seen[9])
        except (redis.RedisError, ValueError):
            return False


class RedisTls(Redis):
    """Redis that speaks TLS alone and asks for a password, under a certificate of its own."""

    def __init__(self, folder: Path) -> None:
        self.certificate, key = folder / "redis.crt", folder / "redis.key"
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
        run([*made, "-keyout", key, "-out", self.certificate])
        port = free_port()
        options = {
            "--port": "0",
            "--tls-port": str(port),
            "--tls-cert-file": str(self.certificate),
            "--tls-key-file": str(key),
            "--tls-ca-cert-file": str(self.certificate),
            "--tls-auth-clients": "no",
            "--requirepass": PASSWORD,
            "--save": "",
        }
        super().__init__(folder, port=port, arguments=[part for option in options.items() for part in option])
        self.url = f"rediss://:{QUOTED_PASSWORD}@localhost:{port}/0?ssl_ca_certs={self.certificate}"

    def _answers(self) -> bool:
        with redis.Redis(port=self.port, ssl=True, ssl_cert_reqs="none", password=PASSWORD) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


@pytest.fixture(scope="session")
def redis_7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with Redis(tmp_path_factory.mktemp("redis7"), major=7) as server:
        yield server


@pytest.fixture(scope="session")
def redis_8(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    folder = tmp_path_factory.mktemp("redis8")
    socket = folder / "redis.sock"
    options = ("--save", "", "--unixsocket", str(socket))
    with Redis(folder, major=8, arguments=options) as server:
        yield server


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    with RedisCluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def redis_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisTls]:
    with RedisTls(tmp_path_factory.mktemp("tls")) as server:
        yield server


def cluster_url(cluster: RedisCluster) -> str:
    return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in cluster.nodes)
