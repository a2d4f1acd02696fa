"""Connections to Redis: one call, one answer, in bounded time; whatever goes wrong is a StoreUnavailable."""

import os
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.connection import (
    Connection,
    ConnectionInterface,
    ConnectionPool,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.exceptions import (
    AskError,
    NoScriptError,
    OutOfMemoryError,
    RedisClusterException,
    RedisError,
    ResponseError,
)
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from ..base import StoreFull, StoreUnavailable
from .address import Address
from .scripts import Script

_BROKEN = (RedisError, RedisClusterException, OSError)
_UNLIMITED = 2**31


class Link(ABC):
    """How commands reach the server that has the key they name. Safe between threads, and after a fork."""

    def call(self, *command: Any, again: bool = False) -> Any:
        """The answer as it came: bytes, whole numbers, lists. `again` marks what may be sent twice."""
        try:
            return self._call(command, again)
        except _BROKEN as error:
            raise _explained(error) from error

    def run(self, script: Script, key: str, *arguments: Any, again: bool = False) -> Any:
        """What a script returns that works in the slot of `key`."""
        try:
            try:
                return self._call(("EVALSHA", script.digest, 1, key, *arguments), again)
            except NoScriptError:
                return self._call(("EVAL", script.text, 1, key, *arguments), again)
        except _BROKEN as error:
            raise _explained(error) from error

    def check(self) -> None:
        """Raise StoreUnavailable unless every server answers and keeps what must not be lost."""
        try:
            infos = self._memory()
        except _BROKEN as error:
            raise _explained(error) from error
        for info in infos:
            if info.get("maxmemory") not in (None, 0, "0") and str(info.get("maxmemory_policy")).startswith("allkeys"):
                raise StoreUnavailable(
                    "Redis: maxmemory-policy lets it drop any key, so that an invalidated answer could come back;"
                    " set it to noeviction, or to volatile-lru"
                )

    @abstractmethod
    def _call(self, command: tuple[Any, ...], again: bool) -> Any: ...

    @abstractmethod
    def _memory(self) -> list[dict[str, Any]]:
        """What each server says of its memory."""

    @abstractmethod
    def close(self) -> None: ...


def link(address: Address, timeout: float) -> Link:
    """Nothing is connected yet. `timeout`, in seconds, bounds connecting and every answer."""
    options = {
        **address.options,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),  # our callers know better than the driver how long they can wait
        "protocol": 2,  # answers in one plain form, whatever the client above makes of newer ones
    }
    if address.kind == "cluster":
        return Clustered(address, options)
    if address.kind == "sentinel":
        return Direct(lambda: _sentinel_pool(address, options))
    kind: type[Connection] | type[UnixDomainSocketConnection] = UnixDomainSocketConnection
    if address.kind == "server":
        kind = SSLConnection if address.tls else Connection
        options["host"], options["port"] = address.nodes[0]
        options["socket_keepalive"] = True
    return Direct(lambda: ConnectionPool(connection_class=kind, max_connections=_UNLIMITED, **options))


def _sentinel_pool(address: Address, options: dict[str, Any]) -> ConnectionPool:
    each = options["socket_timeout"] / len(address.nodes)
    tls = {name: value for name, value in address.options.items() if name.startswith("ssl_")}
    sentinels = Sentinel(
        address.nodes,
        sentinel_kwargs={
            **address.sentinel,
            **tls,
            "ssl": address.tls,
            "socket_timeout": each,
            "socket_connect_timeout": each,
            "retry": options["retry"],
            "protocol": 2,
        },
    )
    return SentinelConnectionPool(address.service, sentinels, ssl=address.tls, max_connections=_UNLIMITED, **options)


class Direct(Link):
    """To one server, or to the one that the sentinels name.

    Speaks through connections of its own instead of redis-py's client, whose pool and hooks cost more than a GET.
    """

    def __init__(self, pool: Callable[[], ConnectionPool]) -> None:
        self._open = pool
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._pool: ConnectionPool | None = None
        self._idle: deque[ConnectionInterface] = deque()

    def _call(self, command: tuple[Any, ...], again: bool) -> Any:
        if self._pid != os.getpid():
            self._forget()  # those of the process before the fork are not ours to use
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connection()
        try:
            return self._answer(connection, command, again)
        except ResponseError:
            raise
        except BaseException:
            connection.disconnect()  # an answer that comes too late must not answer another question
            raise
        finally:
            self._idle.append(connection)

    def _answer(self, connection: ConnectionInterface, command: tuple[Any, ...], again: bool) -> Any:
        idle = connection.is_connected
        if idle and not again and _closed(connection):
            connection.disconnect()
        try:
            return _ask(connection, command)
        except redis.ConnectionError:
            if not (idle and again):
                raise
        connection.disconnect()  # most likely the server went and came back while it lay idle
        return _ask(connection, command)

    def _connection(self) -> ConnectionInterface:
        with self._lock:
            if self._pool is None:
                self._pool = self._open()
            return self._pool.make_connection()

    def _memory(self) -> list[dict[str, Any]]:
        self._call(("PING",), True)
        try:
            info = self._call(("INFO", "memory"), True)
        except redis.exceptions.NoPermissionError:
            return []
        lines = (line.partition(":") for line in info.decode().splitlines())
        return [{name: value for name, _, value in lines}]

    def close(self) -> None:
        while self._idle:
            self._idle.pop().disconnect()


class Clustered(Link):
    """To all masters of a cluster; redis-py follows the slots."""

    def __init__(self, address: Address, options: dict[str, Any]) -> None:
        self._address = address
        self._options = options
        self._timeout: float = options["socket_timeout"]
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._cluster: RedisCluster | None = None

    def _client(self) -> RedisCluster:
        if self._pid != os.getpid():
            self._forget()
        if self._cluster is None:
            if not self._lock.acquire(timeout=self._timeout):
                raise redis.TimeoutError("the cluster is not reached in time")
            try:
                if self._cluster is None:
                    nodes = [ClusterNode(host, port) for host, port in self._address.nodes]
                    self._cluster = RedisCluster(startup_nodes=nodes, ssl=self._address.tls, **self._options)
            finally:
                self._lock.release()
        return self._cluster

    def _call(self, command: tuple[Any, ...], again: bool) -> Any:  # noqa: ARG002 - redis-py's pools look themselves
        return self._client().execute_command(*command)

    def _memory(self) -> list[dict[str, Any]]:
        client = self._client()
        client.ping(target_nodes=RedisCluster.PRIMARIES)
        try:
            info = client.info("memory", target_nodes=RedisCluster.PRIMARIES)
        except redis.exceptions.NoPermissionError:
            return []
        return list(info.values())

    def close(self) -> None:
        if self._cluster is not None:
            self._cluster.close()


def _ask(connection: ConnectionInterface, command: tuple[Any, ...]) -> Any:
    if not connection.is_connected:
        connection.connect()  # sending would connect too, but without asking the sentinels where
    connection.send_command(*command)
    return connection.read_response()


def _closed(connection: ConnectionInterface) -> bool:
    try:
        return connection.can_read(0)  # nothing is due, so this is the end of the stream
    except redis.ConnectionError:
        return True


def _explained(error: Exception) -> StoreUnavailable:
    text = str(error) or type(error).__name__
    if isinstance(error, OutOfMemoryError) or text.startswith(("OOM ", "MISCONF ")):
        return StoreFull(f"Redis: {text}")
    if isinstance(error, AskError):
        return StoreUnavailable("Redis: this server is part of a cluster; begin the URL with redis+cluster")
    return StoreUnavailable(f"Redis: {text}")
