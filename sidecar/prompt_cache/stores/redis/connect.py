"""From an address to connections."""

from typing import Any

from redis.backoff import NoBackoff
from redis.connection import Connection, ConnectionPool, SSLConnection, UnixDomainSocketConnection
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from .address import Address, Node
from .cluster import Clustered
from .link import Direct, Link

_UNLIMITED = 2**31


def connect(address: Address, timeout: float) -> Link:
    """Nothing is connected yet. `timeout`, in seconds, bounds connecting and every answer."""
    options = {
        **address.options,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),  # our callers know better than the driver how long they can wait
        "protocol": 2,  # answers in one plain form, whatever the client above makes of newer ones
    }
    if address.kind == "sentinel":
        return Direct(lambda: _sentinel_pool(address, options))
    if address.kind == "socket":
        return Direct(lambda: _pool(UnixDomainSocketConnection, options))
    kind: type[Connection] = SSLConnection if address.tls else Connection
    options["socket_keepalive"] = True

    def server(node: Node) -> Direct:
        host, port = node
        return Direct(lambda: _pool(kind, {**options, "host": host, "port": port}))

    return Clustered(address.nodes, server, timeout) if address.kind == "cluster" else server(address.nodes[0])


def _pool(kind: type[Connection | UnixDomainSocketConnection], options: dict[str, Any]) -> ConnectionPool:
    return ConnectionPool(connection_class=kind, max_connections=_UNLIMITED, **options)


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
