"""What a server that stores says of itself: its version and its time."""

from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct

from ...config import Config
from ...stores import StoreUnavailable
from ...values.durations import seconds


class Facts(Struct, frozen=True):
    name: str
    """With the version."""
    time: float
    """What its clock shows, in seconds since the epoch."""


def facts_of(config: Config) -> Facts | None:
    """None for an engine that has no server, or one that does not say."""
    scheme = config.store.partition(":")[0]
    for schemes, ask in _ENGINES.items():
        if scheme in schemes:
            with suppress(StoreUnavailable, ValueError):
                return ask(config)
    return None


def _redis(config: Config) -> Facts:
    from ...stores.redis.address import parse
    from ...stores.redis.connect import connect

    link = connect(parse(config.store), seconds(config.store_timeout))
    try:
        # A key, though it is not there, says which node of a cluster is meant.
        script = "local t = redis.call('TIME'); return {redis.call('INFO', 'server'), t[1], t[2]}"
        info, whole, micro = link.call("EVAL", script, 1, config.store_prefix)
    finally:
        link.close()
    said = dict(line.split(":", 1) for line in info.decode().splitlines() if ":" in line)
    version = said.get("valkey_version")
    name = f"Valkey {version}" if version else f"Redis {said.get('redis_version', '')}"
    return Facts(name, int(whole) + int(micro) / 1_000_000)


def _postgres(config: Config) -> Facts:
    from ...stores.postgres.address import Address
    from ...stores.postgres.connections import Connections

    connections = Connections(Address.from_url(config.store, config.store_prefix), seconds(config.store_timeout))
    try:
        sql = "SELECT current_setting('server_version'), extract(epoch FROM clock_timestamp())::float8"
        (row,) = connections.run(sql)
    finally:
        connections.close()
    return Facts(f"PostgreSQL {row[0].split()[0]}", row[1])


_ENGINES: dict[tuple[str, ...], Callable[[Config], Facts]] = {
    ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel"): _redis,
    ("postgresql", "postgres"): _postgres,
}
