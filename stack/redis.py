"""Redis 7, Redis 8 and a Redis Cluster of three masters, as processes on loopback."""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Literal, Self

from . import versions
from .debian import Unpacked, unpacked
from .installation import run
from .processes import Process, free_port

_PACKAGES_8 = (
    "redis-tools libatomic1 libc6 libcap2 libgcc-s1 libjemalloc2 liblzf1 libssl3t64 libstdc++6 libsystemd0 libzstd1"
    " zlib1g"
)
_PACKAGES_7 = (
    "redis-tools libatomic1 libc6 libcap2 libgcc-s1 libgcrypt20 libgpg-error0 libhiredis0.14 libjemalloc2 liblua5.1-0"
    " liblz4-1 liblzf1 liblzma5 libssl3 libstdc++6 libsystemd0 libzstd1 lua-bitop lua-cjson zlib1g"
)
_IN_MEMORY = ("--save", "", "--appendonly", "no")


def redis_engine(major: Literal[7, 8]) -> Unpacked:
    """The unpacked Redis of that major version, fetched on first use."""
    release = versions.DEBIAN_REDIS_8 if major == 8 else versions.DEBIAN_REDIS_7
    packages = _PACKAGES_8 if major == 8 else _PACKAGES_7
    return unpacked(f"redis-{major}-{release}", f"Redis {major}", release, packages.split(), _name_server)


def _name_server(engine: Unpacked) -> None:
    # One binary, told apart by its name: the package that has the `redis-server` link also wants an init system.
    (engine.root / "usr/bin/redis-server").symlink_to("redis-check-rdb")


class Redis(Process):
    """One Redis server; `arguments` are redis-server options, by default nothing is written to disk."""

    def __init__(
        self,
        folder: Path,
        *,
        major: Literal[7, 8] = 8,
        port: int | None = None,
        arguments: Sequence[str] = _IN_MEMORY,
    ) -> None:
        self.port = port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._engine = redis_engine(major)
        home = folder / f"redis-{self.port}"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(home), *arguments]
        super().__init__(
            f"Redis {major} on port {self.port}",
            [*self._engine.command("usr/bin/redis-server"), *options],
            log=home / "redis.log",
            ready=self._answers,
            cwd=home,
            timeout=15,
        )

    def cli(self, *arguments: str) -> str:
        """Run redis-cli against this server and return what it prints."""
        return run([*self._engine.command("usr/bin/redis-cli"), "-p", str(self.port), *arguments]).strip()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


class RedisCluster:
    """Three Redis 8 masters that share the slots; a context manager."""

    def __init__(self, folder: Path) -> None:
        # The default bus port is the port plus 10,000, which may not exist or not be free.
        self._bus = [free_port() for _ in range(3)]
        self.nodes = [
            Redis(
                folder,
                arguments=(
                    *_IN_MEMORY,
                    "--cluster-enabled",
                    "yes",
                    "--cluster-port",
                    str(bus),
                    "--cluster-node-timeout",
                    "2000",
                ),
            )
            for bus in self._bus
        ]
        self.url = self.nodes[0].url.removesuffix("/0")
        self._running = ExitStack()

    def start(self) -> Self:
        """Start the nodes and wait until every one of them serves all slots."""
        with ExitStack() as starting:
            for node in self.nodes:
                starting.enter_context(node)
            members = [f"127.0.0.1:{node.port}@{bus}" for node, bus in zip(self.nodes, self._bus, strict=True)]
            self.nodes[0].cli("--cluster", "create", *members, "--cluster-yes")
            for node in self.nodes:
                node.wait_until(partial(_serves_all_slots, node))
            self._running = starting.pop_all()
        return self

    def stop(self) -> None:
        self._running.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _serves_all_slots(node: Redis) -> bool:
    return "cluster_state:ok" in node.cli("cluster", "info")
